import type { SlotState, SlotStatus } from '../../../src/protocol/messages.ts';
import { resolveStreamName } from '../../../src/protocol/stream-name.ts';
import type { StreamFormat } from '../media/access-unit.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import { keyframeIntervalMs } from '../streams/rendition.ts';
import type { Stream } from '../streams/stream.ts';
import { Feed, type FeedEvents, type Purpose, type Wish } from './feed.ts';
import { nextCeiling, stepsBelow, under } from './ladder.ts';
import type { Track } from './outlet.ts';
import { type Fault, SlotReporter, type TellStatus } from './slot-reporter.ts';
import { type CameraClock, type Replay, SlotWriter } from './slot-writer.ts';

const notFound: Fault = { code: 'stream-not-found', error: 'stream not found' };
const superseded: Fault = { code: 'superseded', error: 'superseded by a newer request' };

/** A slot without a stream: spare, paused, or refused. */
interface Rest {
  /** The name that was asked for. */
  stream: string;
  state: SlotState;
  wish: Wish;
  fault?: Fault;
}

/**
 * One picture of a session: a track and the stream that is on it. A new wish joins its stream beside the old one, which
 * plays until the new one has a key frame; then the GOP so far goes out at once, and the track has changed hands.
 */
export class Slot {
  readonly #streams: StreamRegistry;
  readonly #reporter: SlotReporter;
  readonly #writer = new SlotWriter();
  readonly #ceiling: Ceiling;
  /** The stream on the track. */
  #shown: Feed | null = null;
  /** The stream that shall replace it. */
  #wanted: Feed | null = null;
  /** The slot's state while it has neither. */
  #rest: Rest = { stream: '', state: 'inactive', wish: { stream: '' } };
  #wish: Wish = { stream: '' };
  #refreshed = Number.NEGATIVE_INFINITY;
  /** The pace of the stream that the viewer was told last, whether it is calm, and the camera's time. */
  #told: { intervalMs: number; isCalm: boolean; clock: CameraClock | null } = {
    intervalMs: 0,
    isCalm: false,
    clock: null,
  };

  constructor(index: number, streams: StreamRegistry, tell: TellStatus) {
    this.#streams = streams;
    this.#reporter = new SlotReporter(index, streams, this.#writer, tell);
    this.#ceiling = new Ceiling(streams);
  }

  get status(): SlotStatus {
    const feed = this.#shown ?? this.#wanted;
    return feed === null ? this.#describe(this.#rest) : this.#reporter.statusOf(feed);
  }

  /** Whether the viewer's browser can show it; everything, until its offer says so. */
  takes(format: StreamFormat): boolean {
    return this.#writer.takes(format);
  }

  /** The stream on the track; null for nothing. */
  get shown(): Stream | null {
    return this.#shown?.stream ?? null;
  }

  get sentBytes(): number {
    return this.#writer.sentBytes;
  }

  /** The GOP that was sent at once last; null before there was one. */
  get replayed(): Replay | null {
    return this.#writer.replayed;
  }

  /** Whether the stream on the track is quiet, and its key frames alone are sent. */
  get isCalm(): boolean {
    return this.#shown?.isCalm === true;
  }

  /**
   * Whether there is a smaller variant of what is on the track, and nothing else is about to replace it. Never while it is calm:
   * what it sends then says nothing of the link.
   */
  get canStepDown(): boolean {
    return this.#steppable !== null && this.#ceiling.hasBelow(this.#steppable.stream.name);
  }

  get isSteppedDown(): boolean {
    return this.#steppable !== null && this.#steppable.stream.name !== this.#steppable.purpose.asked;
  }

  get #steppable(): Feed | null {
    return this.#wanted === null && !this.isCalm ? this.#shown : null;
  }

  /** From now on the slot has a track; it sends when the track says that it is open. */
  attach(track: Track): void {
    this.#writer.attach(track);
    // Only now is it known what the browser takes.
    for (const feed of [this.#shown, this.#wanted]) {
      feed?.reading.review();
    }
  }

  /** The track is open. */
  opened(): void {
    this.#cutOver();
  }

  /** Nothing can be shown here: the browser's offer has nothing that fits. */
  refuse(fault: Fault): void {
    const name = this.status.stream;
    this.#release();
    this.#rest = { stream: name, state: 'error', wish: this.#wish, fault };
  }

  /**
   * Takes the place of every wish before; one that names no stream of ours changes nothing.
   * @param requestId is named in the statuses that answer it
   */
  want(wish: Wish, requestId?: string): void {
    const asked = resolveStreamName(wish.stream, wish.quality);
    if (asked === '') {
      this.#restAs({ stream: '', state: 'inactive', wish }, requestId);
      return;
    }
    if (this.#streams.get(asked) === undefined) {
      this.#refuse({ stream: asked, state: 'error', wish, fault: notFound }, requestId);
      return;
    }
    this.#supersede();
    this.#wish = wish;
    const purpose: Purpose = { asked, wish, requestId };
    const stream = this.#ceiling.under(asked);
    if (this.#shown?.stream === stream) {
      this.#shown.serve(purpose);
      this.#reporter.say(this.#reporter.statusOf(this.#shown), requestId);
      return;
    }
    const feed = new Feed(stream, purpose, this.#writer, this.#events);
    this.#wanted = feed;
    if (feed.reading.state === 'mismatch') {
      this.#mismatched(feed);
    } else if (!this.#cutOver()) {
      this.#reporter.say(this.#reporter.statusOf(feed), requestId);
    }
  }

  /**
   * The viewer's link cannot carry this slot, or can carry more again: the next smaller or larger variant takes over as
   * a wish of the viewer would, and until it does nothing is said of it.
   */
  step(direction: 'down' | 'up'): void {
    const shown = this.#shown;
    if (shown === null || !(direction === 'down' ? this.canStepDown : this.isSteppedDown)) {
      return;
    }
    const { asked } = shown.purpose;
    this.#ceiling.move(direction, asked, shown.stream.name);
    const step: Purpose = { asked, wish: this.#wish, isStep: true };
    this.#wanted = new Feed(this.#ceiling.under(asked), step, this.#writer, this.#events);
    this.#cutOver();
  }

  /** Sends nothing until a new wish or `resume`. */
  pause(requestId?: string): void {
    this.#restAs({ stream: this.status.stream, state: 'paused', wish: this.#wish }, requestId);
  }

  /** Repeats the last wish, or follows another one. */
  resume({ stream, quality, calm }: Partial<Wish>, requestId?: string): void {
    // A new stream does not inherit the old one's quality.
    const { calm: _, ...wish } = stream === undefined ? this.#wish : { stream };
    this.want({ ...wish, ...(quality !== undefined && { quality }), ...(calm && { calm }) }, requestId);
  }

  /**
   * The browser lost the picture: it gets the present one from its key frame on, as often as its budget allows.
   * @param by the viewer's page, or the browser's decoder, which also asks while it only waits for a calm stream's next picture
   */
  refresh(by: 'viewer' | 'decoder', now = performance.now()): void {
    if (this.#shown === null || now - this.#refreshed < keyframeIntervalMs) {
      return;
    }
    if (by === 'decoder' && this.#shown.isOnlyAwaited(now)) {
      return;
    }
    this.#refreshed = now;
    if (this.#shown.hasLongReplay || !this.#shown.repair()) {
      this.#shown.reading.requestKeyframe();
    }
  }

  close(): void {
    this.#release();
    this.#writer.attach(null);
  }

  readonly #events: FeedEvents = {
    unit: (feed, unit) => {
      if (feed === this.#wanted) {
        this.#cutOver(unit);
      } else if (feed.playing) {
        feed.next(unit);
        this.#watchPace(feed);
      } else if (feed.replay(unit)) {
        this.#announce(feed);
      }
    },
    changed: (feed) => {
      // A new run, a new size, another codec: it begins with a key frame, and is announced with that.
      feed.interrupt();
      switch (feed.reading.state) {
        case 'offline':
          this.#wentOffline(feed);
          break;
        case 'mismatch':
          this.#mismatched(feed);
          break;
        case 'removed':
          this.#drop(feed);
          break;
        case 'starting':
          if (feed.reading.waitsForKeyframe) {
            this.#announce(feed);
          }
          break;
      }
    },
  };

  /** A viewer that knows how slow a camera is, or that it is calm, does not take it for frozen. */
  #watchPace(feed: Feed): void {
    const { intervalMs, isCalm, clock } = feed;
    const told = this.#told;
    if (intervalMs !== told.intervalMs || isCalm !== told.isCalm || clock !== told.clock) {
      this.#told = { intervalMs, isCalm, clock };
      this.#announce(feed);
    }
  }

  /** The wanted stream takes over the track, as soon as both are there. */
  #cutOver(unit?: Parameters<Feed['replay']>[0]): boolean {
    const next = this.#wanted;
    if (next === null || next.awaitsFresh(performance.now()) || !next.replay(unit)) {
      return false;
    }
    this.#shown?.close();
    this.#shown = next;
    this.#wanted = null;
    this.#reporter.say(this.#reporter.statusOf(next), next.purpose.requestId);
    return true;
  }

  #wentOffline(feed: Feed): void {
    if (feed.purpose.isStep && feed === this.#wanted) {
      // The device tried this step by itself, so the present picture simply goes on.
      this.#supersede();
    } else {
      this.#announce(feed);
    }
  }

  /** The browser cannot show it. What is on the track goes on; where there is nothing, the stream may yet change. */
  #mismatched(feed: Feed): void {
    if (feed !== this.#wanted || this.#shown === null) {
      this.#announce(feed);
    } else if (feed.purpose.isStep) {
      this.#supersede();
    } else {
      const status = this.#reporter.statusOf(feed);
      this.#wanted = null;
      feed.close();
      this.#reporter.say(status, feed.purpose.requestId);
      this.#reporter.say(this.status, undefined);
    }
  }

  /** The configuration no longer has the stream. */
  #drop(feed: Feed): void {
    const { asked, wish, requestId, isStep } = feed.purpose;
    const wanted = feed === this.#wanted;
    if (wanted) {
      this.#wanted = null;
    } else {
      this.#shown = null;
    }
    if (asked !== feed.stream.name && this.#streams.get(asked) !== undefined) {
      if (!(wanted && isStep)) {
        this.want(wish, requestId);
      }
      return;
    }
    const refused: Rest = { stream: asked, state: 'error', wish, fault: notFound };
    if (wanted) {
      this.#refuse(refused, requestId);
    } else if (this.#wanted === null) {
      this.#refuse(refused, undefined);
    }
  }

  /** Tells of a feed, unless another one is about to replace it. */
  #announce(feed: Feed): void {
    if (feed === this.#wanted) {
      this.#reporter.say(this.#reporter.statusOf(feed), feed.purpose.requestId);
    } else if (this.#wanted === null) {
      this.#reporter.mention(this.#reporter.statusOf(feed));
    }
  }

  /** Says that a wish failed, and what the slot shows instead. */
  #refuse(refused: Rest, requestId: string | undefined): void {
    const hasFeed = this.#shown !== null || this.#wanted !== null;
    if (!hasFeed) {
      this.#rest = refused;
    }
    this.#reporter.say(this.#describe(refused), requestId);
    if (hasFeed) {
      this.#reporter.say(this.status, undefined);
    }
  }

  #restAs(rest: Rest, requestId: string | undefined): void {
    this.#supersede();
    this.#release();
    this.#wish = rest.wish;
    this.#rest = rest;
    this.#reporter.say(this.status, requestId);
  }

  #describe({ stream, state, wish, fault }: Rest): SlotStatus {
    return this.#reporter.describe(stream, state, wish, fault);
  }

  #supersede(): void {
    const feed = this.#wanted;
    if (feed !== null) {
      this.#wanted = null;
      feed.close();
      const { asked, wish, requestId } = feed.purpose;
      if (requestId !== undefined) {
        this.#reporter.say(this.#reporter.describe(asked, 'error', wish, superseded), requestId);
      }
    }
  }

  #release(): void {
    this.#shown?.close();
    this.#wanted?.close();
    this.#shown = null;
    this.#wanted = null;
    this.#writer.rest();
  }
}

/** The lines that a viewer's link carries in one slot: smaller variants are sent while it is low. */
class Ceiling {
  readonly #streams: StreamRegistry;
  #lines = Number.POSITIVE_INFINITY;

  constructor(streams: StreamRegistry) {
    this.#streams = streams;
  }

  /** The stream to send where this one is asked for, which exists. */
  under(asked: string): Stream {
    return this.#streams.get(under(this.#streams, asked, this.#lines)) as Stream;
  }

  hasBelow(name: string): boolean {
    return stepsBelow(this.#streams, name).length > 0;
  }

  /** One step from what is sent now; never above what is asked for. */
  move(direction: 'down' | 'up', asked: string, present: string): void {
    this.#lines = nextCeiling(this.#streams, asked, present, direction);
  }
}
