import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { ErrorCode } from '../../../src/protocol/messages.ts';
import type { Config } from '../config/config.ts';
import type { Viewer } from './access.ts';
import type { Gate } from './gate.ts';
import { Arrivals, Places, sessionsPerAddress } from './places.ts';

/** Milliseconds after which a client that is still here is asked again to go elsewhere. */
const againAfter = 2000;
/** The message that clients receive before the device ends. */
export const aboutToEnd = 'the device is about to end';

/** New sessions of a client at once, for each that it may have; and where it may have few, so many. */
const arrivals = { perSession: 2, least: 100 };

/** Why a client is not let in. */
export interface Rejection {
  /** Fit to be shown. */
  reason: string;
  code?: ErrorCode;
}

export interface AdmissionsOptions {
  gate(): Gate;
  limits(): Config['multistream'];
  log: Logger;
}

/**
 * Every session that is open, whichever way it came: over the WebSocket, or over HTTP. Bounds their number, and ends those
 * whose rights change or expire. Before the device ends, it takes no more, and asks those that there are to go elsewhere.
 */
export class Admissions {
  readonly #options: AdmissionsOptions;
  readonly #places = new Places();
  readonly #arrivals = new Arrivals();
  readonly #admitted = new Set<Admission>();
  readonly #watch: NodeJS.Timeout;
  #moving: NodeJS.Timeout | undefined;

  constructor(options: AdmissionsOptions) {
    this.#options = options;
    // By the clock, and not by a timer for each: a clock may be set, and a timer cannot wait for a month.
    this.#watch = setInterval(() => {
      for (const admission of [...this.#admitted]) {
        if ((admission.viewer.expiresAt ?? Number.POSITIVE_INFINITY) <= Date.now()) {
          admission.dismiss('the token has expired', 'unauthorized');
        }
      }
    }, 500);
  }

  get isDraining(): boolean {
    return this.#moving !== undefined;
  }

  /** Whether the client has not begun too many sessions lately. */
  mayArrive({ raw }: FastifyRequest): boolean {
    const { remoteAddress } = raw.socket;
    const most = sessionsPerAddress(remoteAddress, this.#options.limits());
    return this.#arrivals.take(remoteAddress, Math.max(arrivals.least, arrivals.perSession * most));
  }

  /** Lets a client in, unless the configuration's limits are reached or the device is about to end. */
  enter(request: FastifyRequest): Admission | Rejection {
    if (this.isDraining) {
      return { reason: aboutToEnd };
    }
    const { gate, limits, log } = this.#options;
    const address = request.raw.socket.remoteAddress;
    const { maxSessions } = limits();
    const mostOfOne = sessionsPerAddress(address, limits());
    const isFull = this.#admitted.size >= maxSessions;
    const leave = isFull ? null : this.#places.take(address, mostOfOne);
    if (leave === null) {
      const reason = `too many sessions: multistream.max_sessions${isFull ? ` is ${maxSessions}` : `_per_address is ${mostOfOne}`}`;
      log.warn({ client: address }, reason);
      return { reason, code: 'too-many-sessions' };
    }
    const admission: Admission = new Admission(request, gate, () => {
      this.#admitted.delete(admission);
      leave();
    });
    this.#admitted.add(admission);
    return admission;
  }

  /** Dismisses every client whose rights have changed since it came. */
  recheck(): void {
    for (const admission of [...this.#admitted]) {
      void admission.recheck();
    }
  }

  /** Takes no more, and asks those that there are to go elsewhere, until they have. */
  drain(): void {
    const ask = () => {
      for (const admission of this.#admitted) {
        admission.move();
      }
    };
    this.#moving ??= setInterval(ask, againAfter);
    ask();
  }

  close(): void {
    clearInterval(this.#watch);
    clearInterval(this.#moving);
  }
}

const changed = 'what you may see has changed; connect again';

/** One session's place, and the rights with which its client came. */
export class Admission {
  /** Ends the session; set by the part that serves it. */
  dismiss: (reason: string, code: ErrorCode) => void = () => {};
  /** Asks the client to go elsewhere; set where the client knows how. */
  move: () => void = () => {};
  readonly #request: FastifyRequest;
  readonly #gate: () => Gate;
  readonly #leave: () => void;
  #viewer: Viewer;
  /** The newest token that the client has sent since. */
  #renewed: string | undefined;

  constructor(request: FastifyRequest, gate: () => Gate, leave: () => void) {
    this.#request = request;
    this.#gate = gate;
    this.#leave = leave;
    this.#viewer = request.viewer;
  }

  get viewer(): Viewer {
    return this.#viewer;
  }

  get address(): string | undefined {
    return this.#request.raw.socket.remoteAddress;
  }

  /** Undefined where the credentials do not expire. */
  get secondsLeft(): number | undefined {
    const { expiresAt } = this.#viewer;
    return expiresAt === undefined ? undefined : Math.max(Math.floor((expiresAt - Date.now()) / 1000), 0);
  }

  /**
   * Replaces the client's token by a newer one.
   * @throws {Refusal}
   */
  async renew(token: string): Promise<number | undefined> {
    const viewer = await this.#gate().admit(this.#request.raw, token);
    this.#renewed = token;
    this.#compare(viewer);
    return this.secondsLeft;
  }

  async recheck(): Promise<void> {
    try {
      this.#compare(await this.#gate().identify(this.#request.raw, this.#renewed));
    } catch {
      this.dismiss(changed, 'unauthorized');
    }
  }

  /** Gives the place back; twice is once. */
  leave(): void {
    this.#leave();
  }

  /** A session goes on as long as its rights are the same: what is shown may not be for the new ones. */
  #compare(viewer: Viewer): void {
    if (viewer.rights === this.#viewer.rights) {
      this.#viewer = viewer;
    } else {
      this.dismiss(changed, 'unauthorized');
    }
  }
}
