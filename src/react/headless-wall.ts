import { Lease } from '../client/connections.ts';
import type { ConnectionState, DeviceConnection, DeviceConnectionOptions, Sound } from '../client/device-connection.ts';
import type { ConnectionError, SwitchError } from '../client/errors.ts';
import type { SlotStatus } from '../protocol/messages.ts';
import { SlotPlayer } from './slot-player.ts';

/** The stream that a slot should show. */
export interface SlotWish {
  /** A stream that the device knows; empty for none. */
  readonly stream: string;
  /** A variant, such as `360p`; empty or `native` for the stream itself. */
  readonly quality?: string | undefined;
  /** Keeps the slot, and lets the device send nothing. */
  readonly paused?: boolean | undefined;
}

export interface MultiStreamSlot {
  /** For `<video ref={…} muted playsInline>`. The same from render to render. */
  readonly ref: (video: HTMLVideoElement | null) => void;
  /** The device's last word; null before the first one. */
  readonly status: SlotStatus | null;
  /** Why the last wish failed; what was shown before goes on. */
  readonly error: SwitchError | null;
  /** The sound of the slot that `listen` named: its `codec`, or `code` and `error` if it cannot be heard; null for the others. */
  readonly sound: Sound | null;
}

/** A snapshot for React: a new object after every change, and the same one as long as nothing changes. */
export interface MultiStreamWall {
  readonly state: ConnectionState;
  /** Why there is no session, while there is none. */
  readonly error: ConnectionError | null;
  /** In the order of the wishes. */
  readonly slots: readonly MultiStreamSlot[];
  /** Warms a stream that a slot is about to show, if the device can. The same function from render to render. */
  readonly prepare: (stream: string, quality?: string) => void;
  /** Plays the sound of one slot from now on, by its place; null for none. The same function from render to render. */
  readonly listen: (slot: number | null) => void;
}

/** A wall without elements, as a store that React can subscribe to. */
export class HeadlessWall {
  readonly #lease = new Lease();
  readonly #listeners = new Set<() => void>();
  readonly #players: SlotPlayer[] = [];
  #connection: DeviceConnection | null = null;
  readonly #prepare = (stream: string, quality = ''): void => this.#connection?.prepare([{ stream, quality }]);
  /** The place of the slot that is heard. */
  #heard: number | null = null;
  readonly #listen = (slot: number | null): void => {
    const before = this.#players[this.#heard ?? -1];
    this.#heard = slot;
    slot === null && before ? this.#connection?.listen(before, false) : this.#hear();
  };
  #snapshot: MultiStreamWall = {
    ...{ state: 'idle', error: null, slots: [] },
    ...{ prepare: this.#prepare, listen: this.#listen },
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): MultiStreamWall => this.#snapshot;

  /** Connects to a device; all that the page has for it share one connection. Returns the way to leave it. */
  open(url: string, options: DeviceConnectionOptions): () => void {
    const connection = this.#lease.take(url, options);
    this.#connection = connection;
    const unsubscribe = connection?.subscribe(() => this.#changed());
    this.#changed();
    return () => {
      unsubscribe?.();
      for (const player of this.#players) {
        player.leave();
      }
      this.#connection = null;
      this.#lease.release();
    };
  }

  show(wishes: readonly SlotWish[]): void {
    const before = this.#players.length;
    for (const player of this.#players.splice(wishes.length)) {
      player.leave();
    }
    while (this.#players.length < wishes.length) {
      this.#players.push(new SlotPlayer(this.#players.length, () => this.#changed()));
    }
    for (const [index, { stream, quality = '', paused = false }] of wishes.entries()) {
      if (this.#connection) {
        this.#players[index]?.want(this.#connection, { stream, quality, paused });
      }
    }
    this.#hear();
    if (this.#players.length !== before) {
      this.#changed();
    }
  }

  #hear(): void {
    const player = this.#players[this.#heard ?? -1];
    player && this.#connection?.listen(player);
  }

  #changed(): void {
    this.#snapshot = {
      state: this.#connection?.state ?? 'idle',
      error: this.#connection?.error ?? null,
      slots: this.#players.map(({ ref, status, error, sound }) => ({ ref, status, error, sound })),
      prepare: this.#prepare,
      listen: this.#listen,
    };
    for (const listener of this.#listeners) {
      listener();
    }
  }
}
