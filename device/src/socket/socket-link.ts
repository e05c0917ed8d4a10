import type { BinaryChannel } from '../binary-channel.ts';

/**
 * How much a viewer's WebSocket bears. TCP and the proxies on the way take in megabytes that the viewer does not have yet, and a
 * message would wait behind them. So pictures wait here, and only as many are under way as arrive within a fraction of a second:
 * a ping after them tells when they have, since the browser answers it by itself, in order.
 */

/** A source of pictures that waits for its turn. */
export interface Lane {
  /** Sends the next picture that waits. @returns whether others still wait */
  sendNext(): boolean;
}

export interface LinkEvents {
  /** @param roundTrip milliseconds, queues included */
  roundTrip(roundTrip: number): void;
  /** Nothing waits any more, and there is room. */
  drained(): void;
}

/** Bytes that may be under way: at the beginning, at least, and at most. */
const firstWindow = 512 * 1024;
const leastWindow = 32 * 1024;
const mostWindow = 16 * 1024 * 1024;
/** Milliseconds between pings, where not much is sent; and never less. */
const pingEvery = 100;
const pingAtLeast = 10;
/** Milliseconds that pictures wait in the network's queues: beyond, the window shrinks; below the other, it may grow. */
const longQueue = 200;
const shortQueue = 80;
const smaller = 0.7;
/** The shortest round trip is forgotten after this many pings: the way through the network may be another one by then. */
const memory = 600;

interface Ping {
  /** Bytes that had been sent when it went out. */
  readonly sent: number;
  readonly at: number;
  /** Pictures waited for room before it. */
  readonly wasFull: boolean;
}

export class SocketLink {
  readonly #channel: BinaryChannel;
  readonly #events: LinkEvents;
  readonly #now: () => number;
  readonly #lanes = new Set<Lane>();
  #window = firstWindow;
  #sent = 0;
  #arrived = 0;
  /** Bytes that the newest ping covers, and when it went out. */
  #pinged = 0;
  #pingedAt = Number.NEGATIVE_INFINITY;
  /** Pings until this time (ms) tell of a window that was changed since. */
  #settlesAt = Number.NEGATIVE_INFINITY;
  #shortest = Number.POSITIVE_INFINITY;
  #pings = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param now milliseconds, monotonic */
  constructor(channel: BinaryChannel, events: LinkEvents, now: () => number = () => performance.now()) {
    this.#channel = channel;
    this.#events = events;
    this.#now = now;
  }

  /** Bytes that can be sent now. */
  get room(): number {
    return Math.max(0, this.#window - (this.#sent - this.#arrived));
  }

  /** For a lane, when its turn comes. */
  send(data: readonly Uint8Array[]): void {
    this.#channel.send(data);
    this.#sent += data.reduce((sum, { length }) => sum + length, 0);
    this.#pingWhenDue();
  }

  /** The lane has pictures that wait. */
  join(lane: Lane): void {
    this.#lanes.add(lane);
    this.#run();
  }

  /** The lane has none any more. */
  leave(lane: Lane): void {
    this.#lanes.delete(lane);
  }

  close(): void {
    this.#isClosed = true;
    this.#lanes.clear();
    clearTimeout(this.#timer);
  }

  /** Lanes take turns, a picture each. */
  #run(): void {
    for (let [lane] = this.#lanes; lane !== undefined && this.room > 0; [lane] = this.#lanes) {
      this.#lanes.delete(lane);
      if (lane.sendNext()) {
        this.#lanes.add(lane);
      }
    }
  }

  #pingWhenDue(): void {
    if (this.#isClosed || this.#sent === this.#pinged) {
      return;
    }
    const passed = this.#now() - this.#pingedAt;
    const isMuch = this.#sent - this.#pinged >= this.#window / 4;
    const wait = (isMuch ? pingAtLeast : pingEvery) - passed;
    if (wait <= 0) {
      this.#ping();
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#pingWhenDue(), wait);
    this.#timer.unref();
  }

  #ping(): void {
    clearTimeout(this.#timer);
    const ping: Ping = { sent: this.#sent, at: this.#now(), wasFull: this.#lanes.size > 0 || this.room === 0 };
    this.#pinged = ping.sent;
    this.#pingedAt = ping.at;
    this.#channel.ping(() => this.#arrive(ping));
  }

  #arrive({ sent, at, wasFull }: Ping): void {
    if (this.#isClosed || sent <= this.#arrived) {
      return;
    }
    this.#arrived = sent;
    const now = this.#now();
    const roundTrip = now - at;
    this.#pings++;
    this.#shortest = this.#pings % memory === 0 ? roundTrip : Math.min(this.#shortest, roundTrip);
    this.#events.roundTrip(roundTrip);
    const queued = roundTrip - this.#shortest;
    if (at >= this.#settlesAt) {
      if (queued > longQueue) {
        this.#window = Math.max(leastWindow, this.#window * smaller);
        this.#settlesAt = now;
      } else if (queued < shortQueue && wasFull) {
        this.#window = Math.min(mostWindow, this.#window * 2);
        this.#settlesAt = now;
      }
    }
    this.#run();
    this.#pingWhenDue();
    if (this.#lanes.size === 0 && this.room > 0) {
      this.#events.drained();
    }
  }
}
