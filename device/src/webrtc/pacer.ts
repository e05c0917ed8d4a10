import type { TimedPicture } from '../sessions/outlet.ts';

/** How often waiting pictures are looked at, in milliseconds: a link of 4 Mbit/s carries two packets meanwhile. */
const interval = 5;
/** Bytes that may go at once after a pause: no queue in a network is shorter. */
const burst = 20_000;
/** Bytes of one turn of the event loop where something in this process has to take them: a UDP socket holds 200 kB or more. */
const gulp = 40_000;

/**
 * Spreads the replays of one viewer over time, where its link would lose what comes at once. All its tracks share the
 * rate, and take turns; what is live goes at once, unless it follows a replay that is still on its way.
 */
export class Pacer {
  /** Bits a second; infinite where nothing waits. */
  rate = Number.POSITIVE_INFINITY;
  /** Whether this process itself reads what is sent, and so needs turns of its own between. */
  isRead: () => boolean = () => false;
  /** With pictures that wait. */
  readonly #lanes = new Set<Lane>();
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  /** Bytes that may go now; below zero where a picture took more. */
  #credit = burst;
  #creditedAt = performance.now();

  /** @param send takes a picture to one track */
  lane(send: (picture: TimedPicture) => void): Lane {
    return new Lane(send, this);
  }

  /** For a lane: it has pictures. */
  join(lane: Lane): void {
    this.#lanes.add(lane);
    this.#run();
  }

  close(): void {
    this.#lanes.clear();
    clearInterval(this.#timer);
    clearImmediate(this.#turn);
  }

  #earn(): void {
    const now = performance.now();
    const earned = ((now - this.#creditedAt) / 1000) * (this.rate / 8);
    this.#credit = this.rate === Number.POSITIVE_INFINITY ? this.rate : Math.min(burst, this.#credit + earned);
    this.#creditedAt = now;
  }

  #run(): void {
    this.#earn();
    let left = this.isRead() ? gulp : Number.POSITIVE_INFINITY;
    for (let [lane] = this.#lanes; lane !== undefined && this.#credit > 0 && left > 0; [lane] = this.#lanes) {
      const sent = lane.sendNext();
      this.#credit -= sent;
      left -= sent;
      // To the end of the line.
      this.#lanes.delete(lane);
      if (lane.isWaiting) {
        this.#lanes.add(lane);
      }
    }
    if (this.#lanes.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    } else if (this.#credit > 0) {
      this.#turn ??= setImmediate(() => {
        this.#turn = undefined;
        this.#run();
      });
    } else {
      this.#timer ??= setInterval(() => this.#run(), interval);
    }
  }
}

/** The pictures of one track, in order. */
export class Lane {
  readonly #send: (picture: TimedPicture) => void;
  readonly #pacer: Pacer;
  #waiting: TimedPicture[] = [];

  constructor(send: (picture: TimedPicture) => void, pacer: Pacer) {
    this.#send = send;
    this.#pacer = pacer;
  }

  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** A GOP, which begins anew: what still waits is not sent. */
  replay(gop: readonly TimedPicture[]): void {
    this.#waiting = [...gop];
    this.#pacer.join(this);
  }

  /** The next picture. */
  live(picture: TimedPicture): void {
    if (this.isWaiting) {
      this.#waiting.push(picture);
    } else {
      this.#send(picture);
    }
  }

  /** For the pacer, where `isWaiting`. @returns bytes */
  sendNext(): number {
    const picture = this.#waiting.shift();
    if (picture === undefined) {
      return 0;
    }
    this.#send(picture);
    return picture.data.length;
  }

  /** Drops the pictures that wait. */
  clear(): void {
    this.#waiting = [];
  }
}
