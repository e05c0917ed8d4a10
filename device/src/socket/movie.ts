import { initSegment, type TrackFormat } from '../media/fmp4.ts';
import type { FileEvents } from '../sessions/outlet.ts';

/** How long (ms) the first picture waits for the sound, whose coder may have to start: a track cannot be added later. */
const patience = 2000;

export interface MovieEvents extends FileEvents {
  /** It is known whether there is sound: pictures may go. */
  ready(): void;
  /** The init segment has gone out: sound may go. */
  begun(): void;
}

/** One fragmented MP4 for clients that know no headers of ours: a track of pictures, and one of sound if there is any. */
export class Movie {
  readonly #events: MovieEvents;
  /** Undefined until it is known; null for none. */
  #sound: TrackFormat | null | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param canHaveSound whether the client takes any */
  constructor(canHaveSound: boolean, events: MovieEvents) {
    this.#events = events;
    this.#sound = canHaveSound ? undefined : null;
  }

  /** Whether the first picture may go. */
  get isReady(): boolean {
    return this.#sound !== undefined;
  }

  /** The first picture is there. */
  await(): void {
    this.#timer ??= this.isReady ? undefined : setTimeout(() => this.decide(null), patience);
  }

  /** @param sound null for none @returns whether it is the sound of this file */
  decide(sound: TrackFormat | null): boolean {
    if (this.#sound === undefined) {
      clearTimeout(this.#timer);
      this.#sound = sound;
      this.#events.ready();
    } else if (this.#sound !== null && sound?.entry.equals(this.#sound.entry) !== true) {
      this.#events.changed();
      return false;
    }
    return this.#sound !== null;
  }

  /** The init segment, after its codecs were told. */
  describe(pictures: TrackFormat): Buffer {
    const tracks = [pictures, ...(this.#sound ? [this.#sound] : [])];
    this.#events.begin(tracks.map(({ codecs }) => codecs).join());
    return initSegment(tracks);
  }

  /** The init segment was sent. */
  begun(): void {
    this.#events.begun();
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
