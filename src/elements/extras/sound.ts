import type { DeviceConnection, Sound } from '../../client/device-connection.ts';
import type { SlotTrack } from '../../client/media.ts';
import { SoundOutput } from '../../client/sound-output.ts';
import type { SlotView } from '../slot-view.ts';
import type { Strings } from '../strings.ts';
import type { TileHost } from '../tile.ts';

/**
 * `waiting`: asked for, nothing is known yet. `blocked`: the browser plays no sound before the reader's next click or key.
 * `silent`: there is none to be heard; `code` says why.
 */
export type SoundState = 'off' | 'waiting' | 'heard' | 'blocked' | 'silent';

/** The sound of a tile changed its state. */
export class MsSoundEvent extends Event {
  readonly state: SoundState;
  /** As SDP names it, such as `OPUS`; empty while it is not known. */
  readonly codec: string;
  /** `no-audio` or `audio-codec`, while the state is `silent`. */
  readonly code: string;

  constructor(state: SoundState, { codec = '', code }: Sound) {
    super('ms-sound', { bubbles: true, composed: true });
    this.state = state;
    this.codec = codec;
    this.code = code ?? '';
  }
}

declare global {
  interface GlobalEventHandlersEventMap {
    'ms-sound': MsSoundEvent;
  }
}

/** The tile that is heard, by its wall; a wall may have tiles of several devices. */
const voices = new WeakMap<object, TileSound>();

/** The sound of one tile: asks the device for it, and plays it. */
export class TileSound {
  readonly #host: TileHost;
  readonly #view: SlotView;
  #connection: DeviceConnection | null = null;
  #output: SoundOutput | null = null;
  #isBlocked = false;
  #told = 'off';

  constructor(host: TileHost, view: SlotView) {
    this.#host = host;
    this.#view = view;
  }

  get state(): SoundState {
    const { sound } = this.#view;
    if (!this.#connection) {
      return 'off';
    }
    if (sound?.code) {
      return 'silent';
    }
    return this.#isBlocked ? 'blocked' : sound?.codec ? 'heard' : 'waiting';
  }

  get codec(): string {
    return this.state === 'off' ? '' : (this.#view.sound?.codec ?? '');
  }

  /** Plays it; null while nothing does. */
  get output(): SoundOutput | null {
    return this.#output;
  }

  /** Why it cannot be heard, in the reader's language; empty where it can. */
  explain(strings: Partial<Strings>): string {
    const { state } = this;
    if (state === 'blocked') {
      return strings.soundBlocked ?? '';
    }
    const why = this.#view.sound?.code === 'audio-codec' ? strings.audioCodec : strings.noAudio;
    return state === 'silent' ? (why ?? '') : '';
  }

  /** @param wall the tile is the only one in it that is heard */
  update(isWanted: boolean, volume: number, wall: object | null): void {
    const connection = isWanted ? this.#view.connection : null;
    const before = this.#connection;
    if (connection !== before) {
      this.#connection = connection;
      before?.listen(this.#view, false);
      connection?.listen(this.#view);
      this.#view.isOutspoken = false;
      const other = wall && voices.get(wall);
      if (wall && connection) {
        voices.set(wall, this);
        if (other && other !== this) {
          other.#host.sound = false;
        }
      }
    } else if (connection && this.#view.isOutspoken) {
      // Another tile of the same device was asked for.
      this.#host.sound = false;
    }
    this.#play(connection ? (this.#view.sound?.track ?? null) : null, volume);
    this.#tell();
  }

  /** The reader has clicked: now the browser lets it play. */
  readonly retry = (): void => {
    if (this.#isBlocked && this.#output) {
      this.#start(this.#output);
    }
  };

  close(): void {
    this.update(false, 1, null);
  }

  #play(track: SlotTrack | null, volume: number): void {
    if (track !== (this.#output?.track ?? null)) {
      this.#output?.close();
      this.#wait(false);
      this.#output = track && new SoundOutput(track, this.#start);
    }
    if (this.#output) {
      this.#output.element.volume = Math.min(Math.max(volume, 0), 1) || 0;
    }
  }

  readonly #start = (output: SoundOutput): void => {
    const wait = (isBlocked: boolean) => output === this.#output && this.#wait(isBlocked);
    output.element.play().then(
      () => wait(false),
      ({ name }: DOMException) => name === 'NotAllowedError' && wait(true),
    );
  };

  /** Any gesture on the page will do. */
  #wait(isBlocked: boolean): void {
    if (isBlocked !== this.#isBlocked) {
      this.#isBlocked = isBlocked;
      const change = isBlocked ? 'addEventListener' : 'removeEventListener';
      for (const gesture of ['pointerup', 'keydown']) {
        this.#host.ownerDocument[change](gesture, this.retry);
      }
      this.#host.requestUpdate();
    }
  }

  #tell(): void {
    const { state } = this;
    const { codec, code } = this.#view.sound ?? {};
    const told = state === 'off' ? state : [state, codec, code].join();
    if (told !== this.#told) {
      this.#told = told;
      this.#host.requestUpdate();
      this.#host.dispatchEvent(new MsSoundEvent(state, state === 'off' ? {} : (this.#view.sound ?? {})));
    }
  }
}
