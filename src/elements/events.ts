import type { ActiveMode, ConnectionState } from '../client/device-connection.ts';
import type { ConnectionError, SwitchError } from '../client/errors.ts';
import type { SlotStatus } from '../protocol/messages.ts';

const bubbling: EventInit = { bubbles: true, composed: true };

/** The connection of a grid changed its state. */
export class MsConnectionEvent extends Event {
  /** Where it stands now. */
  readonly state: ConnectionState;
  /** Why there is no session, while there is none. */
  readonly error: ConnectionError | null;
  /** How the device is played; null while it is not. */
  readonly mode: ActiveMode | null;

  constructor(state: ConnectionState, error: ConnectionError | null, mode: ActiveMode | null) {
    super('ms-connection', bubbling);
    this.state = state;
    this.error = error;
    this.mode = mode;
  }
}

/** The device said where a slot stands. */
export class MsStatusEvent extends Event {
  /** The device's word, as it came. */
  readonly status: SlotStatus;

  constructor(status: SlotStatus) {
    super('ms-status', bubbling);
    this.status = status;
  }
}

/** A slot shows another stream than before, and shows it live. A switch that a newer wish overtakes has no event. */
export class MsSwitchEvent extends Event {
  /** The resolved name, such as `camera1-360p`. */
  readonly stream: string;
  /** From the changed attribute to the first presented frame of the stream, which may be as old as its key frame. */
  readonly milliseconds: number;
  /**
   * From the changed attribute to the first live frame: the newest one that the device had when the track changed
   * hands, or a later one. Equal to `milliseconds` where the device replays nothing, or does not say what.
   */
  readonly liveMilliseconds: number;

  constructor(stream: string, milliseconds: number, liveMilliseconds: number) {
    super('ms-switch', bubbling);
    this.stream = stream;
    this.milliseconds = milliseconds;
    this.liveMilliseconds = liveMilliseconds;
  }
}

/** Something failed: the connection, a switch, or what the page wrote into an attribute. */
export class MsErrorEvent extends Event {
  /** `error.message` tells the reader what to do; a `TypeError` is about an attribute. */
  readonly error: ConnectionError | SwitchError | TypeError;

  constructor(error: ConnectionError | SwitchError | TypeError) {
    super('ms-error', bubbling);
    this.error = error;
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'ms-connection': MsConnectionEvent;
    'ms-status': MsStatusEvent;
    'ms-switch': MsSwitchEvent;
    'ms-error': MsErrorEvent;
  }
}
