import { type ErrorCode, highestSlot, type SlotConfig, type SlotStatus } from '../protocol/messages.ts';
import { resolveStreamName } from '../protocol/stream-name.ts';
import type { SwitchError } from './errors.ts';
import type { Patience } from './forks.ts';
import type { OpenMedia, SlotTrack } from './media.ts';
import { MultiStreamClient } from './multistream-client.ts';
import { overlap, type Session, type SessionSetup, type SlotObserver, type Wish, type Wishes } from './session.ts';

/** A slot of the session and its observer; a spare slot has none. */
interface Seat {
  readonly slot: number;
  observer: SlotObserver | null;
  /** The wish that the device was told last. */
  sent: Wish | null;
  track: SlotTrack | null;
}

/** One client, and the observer of each of its slots. */
export class SharedSession implements Session {
  readonly #client: MultiStreamClient<SlotTrack>;
  readonly #replaces: boolean;
  /** Null for a device that says which request it answers. */
  #patience: Patience | null = null;
  readonly #size: number;
  #seats: Seat[] = [];
  /** The slot that the device was told to let hear. */
  #heard: number | null = null;

  constructor({ url, options, size, replaces }: SessionSetup, openMedia?: OpenMedia<SlotTrack>) {
    this.#replaces = replaces;
    this.#client = new MultiStreamClient(
      url,
      {
        ...options,
        onListening: (listening) => {
          if (listening.slot === this.#heard) {
            const seat = this.#seats.find(({ slot }) => slot === this.#heard);
            seat?.observer?.onSound?.({ ...listening, track: this.#client.audioTrack });
          }
        },
      },
      openMedia,
    );
    this.#size = size;
  }

  get size(): number {
    return this.#seats.length;
  }

  get isHealthy(): boolean {
    return this.#client.pcState === 'connected';
  }

  async connect(wishes: Wishes): Promise<SlotObserver[]> {
    this.#seats = plan(wishes, this.#size);
    // Statuses are kept until the session plays: until then another session may play, and its statuses count.
    let early: Map<number, SlotStatus> | null = new Map();
    const tracks = await this.#client.connect(this.#seats.map(slotConfig), (slot, status) => {
      early ? early.set(slot, status) : this.#seats.find((seat) => seat.slot === slot)?.observer?.onStatus(status);
    });
    const { forks } = this.#client;
    this.#patience = forks && new forks.Patience();
    const statuses = early;
    early = null;
    const leftOut: SlotObserver[] = [];
    for (const seat of this.#seats) {
      const status = statuses.get(seat.slot);
      // Its tile may be gone by now; `settle` will give the slot back.
      const observer = wishes.has(seat.observer as SlotObserver) ? seat.observer : null;
      seat.track = tracks.get(seat.slot) ?? null;
      seat.track && observer?.onTrack(seat.track, this.#replaces);
      // The picture of the other session stays until this one's first picture, so its tile is not loading.
      if (status && !(this.#replaces && status.status === 'buffering')) {
        observer?.onStatus(status);
      }
      if (observer && !seat.track) {
        // A device that names no mids leaves out what it cannot show, and spare slots too.
        refuse(observer, seat.sent as Wish, 'stream not found', 'stream-not-found');
        leftOut.push(observer);
      }
    }
    this.#seats = this.#seats.filter(({ track }) => track);
    return leftOut;
  }

  settle(wishes: Wishes): SlotObserver[] {
    for (const seat of this.#seats) {
      if (seat.observer && !wishes.has(seat.observer)) {
        seat.observer = seat.sent = null;
        this.#client.pause(seat.slot);
      }
    }
    return [...wishes].flatMap(([observer, wish]) => {
      const seat = this.#seatOf(observer) ?? this.#freeSeat(observer);
      if (seat === undefined) {
        return [observer];
      }
      seat.observer = observer;
      if (wish.paused) {
        this.#pause(seat, wish);
      } else if (
        !isSame(seat.sent, wish) ||
        seat.sent?.paused ||
        (!this.#patience && !seat.sent?.calm === !!wish.calm)
      ) {
        // Where `calm` alone differs, a device that is none of ours would begin the stream anew.
        this.#switch(seat, observer, wish);
      }
      return [];
    });
  }

  prepare(streams: readonly Wish[], left?: readonly Wish[]): void {
    this.#client.prepare(streams, left);
  }

  refresh(observer: SlotObserver): void {
    const seat = this.#seatOf(observer);
    if (seat) {
      this.#client.requestKeyframe(seat.slot);
    }
  }

  repeat(observer: SlotObserver): void {
    const seat = this.#seatOf(observer);
    if (seat?.sent && !seat.sent.paused) {
      this.#switch(seat, observer, seat.sent, true);
    }
  }

  listen(observer: SlotObserver | null): void {
    const slot = (observer && this.#seatOf(observer)?.slot) ?? null;
    if (slot !== this.#heard) {
      this.#heard = slot;
      this.#client.listen(slot);
    }
  }

  getStats(observer: SlotObserver): Promise<RTCStatsReport | null> {
    const track = this.#seatOf(observer)?.track;
    return track ? this.#client.getStats(track) : Promise.resolve(null);
  }

  close(replaced?: boolean): void {
    this.#patience?.close();
    for (const seat of this.#seats) {
      seat.observer = seat.sent = null;
    }
    const end = () => this.#client.disconnect();
    replaced ? setTimeout(end, overlap) : end();
  }

  #seatOf(observer: SlotObserver): Seat | undefined {
    return this.#seats.find((seat) => seat.observer === observer);
  }

  #freeSeat({ index }: SlotObserver): Seat | undefined {
    const free = this.#seats.filter(({ observer }) => !observer);
    return free.find(({ slot }) => slot === index) ?? free[0];
  }

  #pause(seat: Seat, wish: Wish): void {
    if (seat.sent && !seat.sent.paused) {
      this.#client.pause(seat.slot);
    }
    seat.sent = wish;
  }

  #switch(seat: Seat, observer: SlotObserver, wish: Wish, again = seat.sent?.paused === true): void {
    seat.sent = wish;
    const { slot } = seat;
    const { stream, quality, calm } = wish;
    const isNewest = () => seat.observer === observer && seat.sent === wish;
    const retry = () => isNewest() && this.#switch(seat, observer, wish, false);
    if (this.#patience?.isBusy(slot, retry)) {
      return;
    }
    this.#client[again ? 'resume' : 'switchStream'](slot, stream, quality, calm).then(
      () => {
        this.#patience?.settle(slot);
        // The track is handed over only now: until the switch, a spare slot may still carry its last owner's stream.
        if (seat.observer === observer && seat.track) {
          observer.onTrack(seat.track);
        }
      },
      (error: SwitchError) => {
        this.#patience?.settle(slot);
        if (isNewest()) {
          observer.onSwitchFailed(error);
          error.reason !== 'closed' && this.#patience?.repeatLater(retry);
        }
      },
    );
  }
}

function plan(wishes: Wishes, size: number): Seat[] {
  const seats = new Map<number, Seat>();
  const take = (slot: number, observer: SlotObserver | null, sent: Wish | null): void => {
    // A paused slot is asked for at first: only then does a device without spare slots give it a track.
    const told = sent && { ...sent, paused: false };
    seats.set(slot, { slot, observer, sent: told, track: null });
  };
  const homeless: [SlotObserver, Wish][] = [];
  for (const [observer, wish] of wishes) {
    if (observer.index === undefined || observer.index > highestSlot || seats.has(observer.index)) {
      homeless.push([observer, wish]);
    } else {
      take(observer.index, observer, wish);
    }
  }
  for (let slot = 0; homeless.length > 0 || seats.size < size; slot += 1) {
    if (!seats.has(slot)) {
      const [observer, wish] = homeless.shift() ?? [null, null];
      take(slot, observer, wish);
    }
  }
  return [...seats.values()];
}

function slotConfig({ slot, sent }: Seat): SlotConfig {
  // JSON leaves out what is undefined.
  const [quality, calm] = [sent?.quality || undefined, sent?.calm || undefined];
  return { slot, stream: sent?.stream ?? '', quality, calm } as SlotConfig;
}

/** Tells an observer that it gets no track of a session, and that the track that it has had ends. */
export function refuse(observer: SlotObserver, wish: Wish, error: string, code?: ErrorCode): void {
  const stream = resolveStreamName(wish.stream, wish.quality);
  observer.onTrackEnd?.();
  observer.onStatus({ slot: observer.index ?? -1, stream, status: 'error', error, code } as SlotStatus);
}

function isSame(a: Wish | null, b: Wish): boolean {
  return a?.stream === b.stream && a.quality === b.quality;
}
