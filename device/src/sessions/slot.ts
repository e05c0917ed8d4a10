import type { SlotState, SlotStatus } from '../../../src/protocol/messages.ts';
import { resolveStreamName } from '../../../src/protocol/stream-name.ts';
import type { AccessUnit } from '../streams/access-unit.ts';
import type { StreamRegistry } from '../streams/registry.ts';
import type { Stream } from '../streams/stream.ts';
import { awaitsFresh, type Feed, hasLongReplay, openFeed, type Wish } from './feed.ts';
import { nextCeiling, stepsBelow, under } from './ladder.ts';
import type { PeerTrack } from './peer.ts';
import { describe, type Place, statusOf } from './slot-status.ts';
import { SlotTrack } from './slot-track.ts';

/** A browser that lost a picture asks again and again until it has one; it is answered at most this often, in milliseconds. */
const keyframeInterval = 500;

/** @param requestId of the request that the status answers */
export type TellStatus = (status: SlotStatus, requestId?: string) => void;

/**
 * One picture of a session: a track and the stream that is on it. A new wish joins its stream beside the old one, which
 * plays until the new one has a key frame; then the GOP so far goes out at once, and the track has changed hands.
 */
export class Slot {
  readonly index: number;
  readonly #streams: StreamRegistry;
  readonly #tell: TellStatus;
  readonly #hasThinLink: () => boolean;
  readonly #track = new SlotTrack();
  /** What is on the track. */
  #shown: Feed | null = null;
  /** What shall replace it. */
  #wanted: Feed | null = null;
  /** What the slot says of itself while it has neither: spare, paused, or refused. */
  #rest: SlotStatus;
  #wish: Wish = { stream: '' };
  /** Lines that the viewer's link carries in this slot; smaller variants are sent while it is finite. */
  #ceiling = Number.POSITIVE_INFINITY;
  #refreshed = Number.NEGATIVE_INFINITY;

  /** @param hasThinLink whether the viewer's link has trouble carrying what it is sent */
  constructor(index: number, streams: StreamRegistry, tell: TellStatus, hasThinLink = () => false) {
    this.index = index;
    this.#streams = streams;
    this.#tell = tell;
    this.#hasThinLink = hasThinLink;
    this.#rest = { slot: index, stream: '', status: 'inactive' };
  }

  get status(): SlotStatus {
    const feed = this.#shown ?? this.#wanted;
    return feed === null ? this.#rest : this.#statusOf(feed);
  }

  get sentBytes(): number {
    return this.#track.sentBytes;
  }

  /** Whether there is a smaller variant of what is on the track, and nothing else is about to replace it. */
  get canStepDown(): boolean {
    return (
      this.#shown !== null && this.#wanted === null && stepsBelow(this.#streams, this.#shown.stream.name).length > 0
    );
  }

  get isSteppedDown(): boolean {
    return this.#shown !== null && this.#wanted === null && this.#shown.stream.name !== this.#shown.asked;
  }

  /** From now on the slot has a track; it sends when the track says that it is open. */
  attach(track: PeerTrack): void {
    this.#track.attach(track);
    this.#rest = { ...this.#rest, mid: track.mid };
  }

  /** The track is open. */
  opened(): void {
    this.#cutOver();
  }

  /** Nothing can be shown here: the browser's offer has nothing that fits. */
  refuse(error: string): void {
    const name = this.status.stream;
    this.#release();
    this.#rest = this.#describe(name, 'error', this.#wish, error);
  }

  /** The newest wish wins; one that names no stream of ours changes nothing. */
  want(wish: Wish): void {
    const name = resolveStreamName(wish.stream, wish.quality);
    if (name === '') {
      this.#restAs('', 'inactive', wish);
      return;
    }
    if (this.#streams.get(name) === undefined) {
      this.#refuseWish(this.#describe(name, 'error', wish, 'stream not found'), wish);
      return;
    }
    this.#supersede();
    this.#wish = wish;
    const stream = this.#streams.get(under(this.#streams, name, this.#ceiling)) as Stream;
    if (this.#shown?.stream === stream) {
      Object.assign(this.#shown, { asked: name, wish });
      this.#tell(this.#statusOf(this.#shown), wish.requestId);
      return;
    }
    const feed = this.#join(stream, name, wish);
    if (!this.#cutOver()) {
      this.#tell(this.#statusOf(feed), wish.requestId);
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
    this.#ceiling = nextCeiling(this.#streams, asked, stream.name, direction);
    const { requestId: _, ...wish } = this.#wish;
    this.#join(this.#streams.get(under(this.#streams, asked, this.#ceiling)) as Stream, asked, wish).isStep = true;
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

  /** The browser lost the picture: it gets the present one from its key frame on. */
  refresh(now = performance.now()): void {
    if (this.#shown === null || now - this.#refreshed < keyframeInterval) {
      return;
    }
    this.#refreshed = now;
    const { stream } = this.#shown;
    if ((this.#hasThinLink() && hasLongReplay(stream)) || !this.#replay(this.#shown)) {
      stream.requestKeyframe();
    }
  }

  close(): void {
    this.#release();
    this.#track.attach(null);
  }

  /** @param asked the name that was wished for, of which the stream may be a smaller variant */
  #join(stream: Stream, asked: string, wish: Wish): Feed {
    const feed = openFeed(stream, asked, wish, {
      unit: (unit) => this.#unit(feed, unit),
      changed: () => this.#changed(feed),
    });
    this.#wanted = feed;
    stream.join(feed.reader);
    return feed;
  }

  /** The wanted stream takes over the track, as soon as both are there. */
  #cutOver(unit?: AccessUnit): boolean {
    const next = this.#wanted;
    if (next === null || (this.#hasThinLink() && awaitsFresh(next, performance.now())) || !this.#replay(next, unit)) {
      return false;
    }
    this.#shown?.stream.leave(this.#shown.reader);
    this.#shown = next;
    this.#wanted = null;
    this.#tell(this.#statusOf(next), next.wish.requestId);
    return true;
  }

  /**
   * Sends the GOP so far at once; where none is kept, the unit that just came, if it is a key frame.
   * False where there is neither, or nowhere to send it to.
   */
  #replay(feed: Feed, unit?: AccessUnit): boolean {
    const { gop } = feed.stream;
    const sent = this.#track.replay(gop.length === 0 && unit?.keyframe ? [unit] : gop);
    feed.playing ||= sent;
    return sent;
  }

  #unit(feed: Feed, unit: AccessUnit): void {
    if (feed === this.#wanted) {
      this.#cutOver(unit);
    } else if (feed.playing) {
      this.#track.live(unit);
    } else if (this.#replay(feed, unit)) {
      this.#announce(feed);
    }
  }

  #changed(feed: Feed): void {
    const { state } = feed.stream;
    if (state === 'live') {
      // The new run, or the new size, begins with a key frame, and is announced with it.
      feed.playing = false;
    } else if (state === 'offline') {
      feed.playing = false;
      if (feed.isStep && feed === this.#wanted) {
        // Nobody asked for it: what is on the track goes on.
        this.#supersede();
      } else {
        this.#announce(feed);
      }
    } else if (state === 'removed') {
      this.#drop(feed);
    }
  }

  /** The configuration no longer has the stream. */
  #drop({ stream, asked, wish, isStep }: Feed): void {
    const wanted = this.#wanted?.stream === stream;
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
    const status = this.#describe(asked, 'error', wish, 'stream not found');
    if (wanted) {
      this.#refuseWish(status, wish);
    } else if (this.#wanted === null) {
      this.#refuseWish(status, { stream: asked });
    }
  }

  /** What is on its way out is no longer talked about. */
  #announce(feed: Feed): void {
    if (feed === this.#wanted) {
      this.#tell(this.#statusOf(feed), feed.wish.requestId);
    } else if (this.#wanted === null) {
      this.#tell(this.#statusOf(feed));
    }
  }

  #refuseWish(status: SlotStatus, { requestId }: Wish): void {
    const hasFeed = this.#shown !== null || this.#wanted !== null;
    if (!hasFeed) {
      this.#rest = status;
    }
    this.#tell(status, requestId);
    if (hasFeed) {
      this.#tell(this.status);
    }
  }

  #restAs(stream: string, state: SlotState, wish: Wish): void {
    this.#supersede();
    this.#release();
    this.#wish = wish;
    this.#rest = this.#describe(stream, state, wish);
    this.#tell(this.#rest, wish.requestId);
  }

  #supersede(): void {
    const feed = this.#wanted;
    if (feed !== null) {
      this.#wanted = null;
      feed.stream.leave(feed.reader);
      if (feed.wish.requestId !== undefined) {
        const error = 'superseded by a newer request';
        this.#tell(this.#describe(feed.asked, 'error', feed.wish, error), feed.wish.requestId);
      }
    }
  }

  #release(): void {
    for (const feed of [this.#shown, this.#wanted]) {
      feed?.stream.leave(feed.reader);
    }
    this.#shown = null;
    this.#wanted = null;
  }

  #statusOf(feed: Feed): SlotStatus {
    return statusOf(this.#place, feed, this.#streams);
  }

  #describe(stream: string, state: SlotState, { quality }: Wish, error?: string): SlotStatus {
    return describe(this.#place, stream, state, quality, error);
  }

  get #place(): Place {
    return { slot: this.index, mid: this.#track.mid, replayed: this.#track.replayed };
  }
}
