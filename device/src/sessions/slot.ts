import type { SlotState, SlotStatus } from '../../../src/protocol/messages.ts';
import { resolveStreamName } from '../../../src/protocol/stream-name.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import { Ceiling } from './ceiling.ts';
import { Feed, type FeedEvents, type Wish } from './feed.ts';
import type { Track } from './outlet.ts';
import { type Replay, SlotTrack } from './slot-track.ts';
import { type Fault, SlotVoice, type TellStatus } from './slot-voice.ts';

const notFound: Fault = { code: 'stream-not-found', error: 'stream not found' };
const superseded: Fault = { code: 'superseded', error: 'superseded by a newer request' };

/** A browser that lost a picture asks again and again until it has one; it is answered at most this often, in milliseconds. */
const keyframeInterval = 500;

/**
 * One picture of a session: a track and the stream that is on it. A new wish joins its stream beside the old one, which
 * plays until the new one has a key frame; then the GOP so far goes out at once, and the track has changed hands.
 */
export class Slot {
  readonly #streams: StreamRegistry;
  readonly #voice: SlotVoice;
  readonly #track = new SlotTrack();
  readonly #ceiling: Ceiling;
  /** What is on the track. */
  #shown: Feed | null = null;
  /** What shall replace it. */
  #wanted: Feed | null = null;
  /** What the slot says of itself while it has neither: spare, paused, or refused. */
  #rest: SlotStatus;
  #wish: Wish = { stream: '' };
  #refreshed = Number.NEGATIVE_INFINITY;

  constructor(index: number, streams: StreamRegistry, tell: TellStatus) {
    this.#streams = streams;
    this.#voice = new SlotVoice(index, streams, tell);
    this.#ceiling = new Ceiling(streams);
    this.#rest = this.#voice.describe('', 'inactive', {});
  }

  get status(): SlotStatus {
    const feed = this.#shown ?? this.#wanted;
    return feed === null ? this.#rest : this.#voice.statusOf(feed);
  }

  get sentBytes(): number {
    return this.#track.sentBytes;
  }

  /** The GOP that was sent at once last; null before there was one. */
  get replayed(): Replay | null {
    return this.#track.replayed;
  }

  /** Whether there is a smaller variant of what is on the track, and nothing else is about to replace it. */
  get canStepDown(): boolean {
    return this.#shown !== null && this.#wanted === null && this.#ceiling.hasBelow(this.#shown.stream.name);
  }

  get isSteppedDown(): boolean {
    return this.#shown !== null && this.#wanted === null && this.#shown.stream.name !== this.#shown.asked;
  }

  /** From now on the slot has a track; it sends when the track says that it is open. */
  attach(track: Track): void {
    this.#track.attach(track);
    this.#voice.mid = track.mid;
    this.#rest = { ...this.#rest, mid: track.mid };
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
    this.#rest = this.#voice.describe(name, 'error', this.#wish, fault);
  }

  /** The newest wish wins; one that names no stream of ours changes nothing. */
  want(wish: Wish): void {
    const name = resolveStreamName(wish.stream, wish.quality);
    if (name === '') {
      this.#restAs('', 'inactive', wish);
      return;
    }
    if (this.#streams.get(name) === undefined) {
      this.#refuseWish(this.#voice.describe(name, 'error', wish, notFound), wish);
      return;
    }
    this.#supersede();
    this.#wish = wish;
    const stream = this.#ceiling.under(name);
    if (this.#shown?.stream === stream) {
      Object.assign(this.#shown, { asked: name, wish });
      this.#voice.say(this.#voice.statusOf(this.#shown), wish.requestId);
      return;
    }
    const feed = new Feed(stream, { asked: name, wish }, this.#track, this.#events);
    this.#wanted = feed;
    if (feed.reading.state === 'mismatch') {
      this.#mismatched(feed);
    } else if (!this.#cutOver()) {
      this.#voice.say(this.#voice.statusOf(feed), wish.requestId);
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
    const { asked, stream } = shown;
    this.#ceiling.move(direction, asked, stream.name);
    const { requestId: _, ...wish } = this.#wish;
    const step = { asked, wish, isStep: true };
    this.#wanted = new Feed(this.#ceiling.under(asked), step, this.#track, this.#events);
    this.#cutOver();
  }

  /** Sends nothing until a new wish or `resume`. */
  pause(requestId?: string): void {
    this.#restAs(this.status.stream, 'paused', { ...this.#wish, ...(requestId === undefined ? {} : { requestId }) });
  }

  /** The last wish again, or another one. */
  resume(wish: Partial<Wish>): void {
    const { requestId: _, ...last } = this.#wish;
    // A new stream does not inherit the old one's quality.
    this.want({ ...(wish.stream === undefined ? last : { stream: wish.stream }), ...wish });
  }

  /** The browser lost the picture: it gets the present one from its key frame on, as often as its budget allows. */
  refresh(now = performance.now()): void {
    if (this.#shown === null || now - this.#refreshed < keyframeInterval) {
      return;
    }
    this.#refreshed = now;
    if (this.#shown.hasLongReplay || !this.#shown.repair()) {
      this.#shown.reading.requestKeyframe();
    }
  }

  close(): void {
    this.#release();
    this.#track.attach(null);
  }

  readonly #events: FeedEvents = {
    unit: (feed, unit) => {
      if (feed === this.#wanted) {
        this.#cutOver(unit);
      } else if (feed.playing) {
        this.#track.live(unit);
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
      }
    },
  };

  /** The wanted stream takes over the track, as soon as both are there. */
  #cutOver(unit?: Parameters<Feed['replay']>[0]): boolean {
    const next = this.#wanted;
    if (next === null || next.awaitsFresh(performance.now()) || !next.replay(unit)) {
      return false;
    }
    this.#shown?.end();
    this.#shown = next;
    this.#wanted = null;
    this.#voice.say(this.#voice.statusOf(next), next.wish.requestId);
    return true;
  }

  #wentOffline(feed: Feed): void {
    if (feed.isStep && feed === this.#wanted) {
      // Nobody asked for it: what is on the track goes on.
      this.#supersede();
    } else {
      this.#announce(feed);
    }
  }

  /** The browser cannot show it. What is on the track goes on; where there is nothing, the stream may yet change. */
  #mismatched(feed: Feed): void {
    if (feed !== this.#wanted || this.#shown === null) {
      this.#announce(feed);
    } else if (feed.isStep) {
      this.#supersede();
    } else {
      const status = this.#voice.statusOf(feed);
      this.#wanted = null;
      feed.end();
      this.#refuseWish(status, feed.wish);
    }
  }

  /** The configuration no longer has the stream. */
  #drop(feed: Feed): void {
    const { stream, asked, wish, isStep } = feed;
    const wanted = feed === this.#wanted;
    if (wanted) {
      this.#wanted = null;
    } else {
      this.#shown = null;
    }
    if (asked !== stream.name && this.#streams.get(asked) !== undefined) {
      if (!(wanted && isStep)) {
        this.want(wish);
      }
      return;
    }
    const status = this.#voice.describe(asked, 'error', wish, notFound);
    if (wanted) {
      this.#refuseWish(status, wish);
    } else if (this.#wanted === null) {
      this.#refuseWish(status, { stream: asked });
    }
  }

  /** What is on its way out is no longer talked about. */
  #announce(feed: Feed): void {
    if (feed === this.#wanted) {
      this.#voice.say(this.#voice.statusOf(feed), feed.wish.requestId);
    } else if (this.#wanted === null) {
      this.#voice.mention(this.#voice.statusOf(feed));
    }
  }

  #refuseWish(status: SlotStatus, { requestId }: Wish): void {
    const hasFeed = this.#shown !== null || this.#wanted !== null;
    if (!hasFeed) {
      this.#rest = status;
    }
    this.#voice.say(status, requestId);
    if (hasFeed) {
      this.#voice.say(this.status, undefined);
    }
  }

  #restAs(stream: string, state: SlotState, wish: Wish): void {
    this.#supersede();
    this.#release();
    this.#wish = wish;
    this.#rest = this.#voice.describe(stream, state, wish);
    this.#voice.say(this.#rest, wish.requestId);
  }

  #supersede(): void {
    const feed = this.#wanted;
    if (feed !== null) {
      this.#wanted = null;
      feed.end();
      if (feed.wish.requestId !== undefined) {
        this.#voice.say(this.#voice.describe(feed.asked, 'error', feed.wish, superseded), feed.wish.requestId);
      }
    }
  }

  #release(): void {
    this.#shown?.end();
    this.#wanted?.end();
    this.#shown = null;
    this.#wanted = null;
    this.#track.rest();
  }
}
