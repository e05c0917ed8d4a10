import { type PictureHeader, writePictureHeader } from '../../../src/protocol/picture-message.ts';
import type { Codec, StreamFormat } from '../media/access-unit.ts';
import { fragment, initSegment, toSampleData, videoFormat } from '../media/fmp4.ts';
import type { FeedbackBudget } from '../sessions/feedback-budget.ts';
import type { TimedPicture, Track, TrackEvents } from '../sessions/outlet.ts';
import type { Movie } from './movie.ts';
import type { Lane, SocketLink } from './socket-link.ts';

/** The tracks of a viewer share these. */
export interface TrackOwner {
  readonly link: SocketLink;
  readonly budget: FeedbackBudget;
  /** Null where each message has a header, and each track its own init segment. */
  readonly movie: Movie | null;
  accepts(format: StreamFormat): boolean;
  /** Is told of every picture that goes out, and of those that the link has no room for. */
  sent(bytes: number): void;
  dropped(bytes: number): void;
}

/** A picture that waits for its turn. */
interface Waiting extends TimedPicture {
  readonly isReplay: boolean;
  /** Milliseconds. */
  readonly since: number;
}

/** RTP ticks a millisecond. */
const ticks = 90;
/** How long (ms) the next picture may wait for room before the link counts as too thin for this one's GOP. */
const mostWait = 500;
/** The same for a GOP that was sent at once: it is what the viewer waits for. */
const mostReplayWait = 2000;

/**
 * MediaSource passes over pictures until the next key frame if the last one is followed by a gap of more than twice its
 * duration. So pictures say that they last longer than they do: this long, in ticks of 90 kHz, and up to that long where the
 * camera sends few. A longer one than that harms: Chromium (156) may show nothing new for as long as the picture before lasts,
 * where a video goes to another one (4 of 42 times in a calm wall whose key frames lasted for 12 s, none of 72 with one second).
 */
const usualDuration = 90_000;
const longestDuration = 30 * 90_000;

/**
 * Bytes of a GOP so far that go in one message: each one is work for the page, and on a thin link others wait for it to arrive. And
 * ticks of 90 kHz from its first to its last picture, for which the header has 16 bits.
 */
const mostAtOnce = 32 * 1024;
const longestSpan = 0xffff;

/** One slot's pictures on the way to MediaSource: an init segment, and a fragment for each picture, on one rising time. */
export class SocketTrack implements Track, Lane {
  readonly mid = null;
  readonly isOpen = true;
  readonly #events: TrackEvents;
  readonly #owner: TrackOwner;
  readonly #now: () => number;
  /** All pictures since the last replay have this codec; none are sent before one. */
  #codec: Codec = 'H264';
  #waiting: Waiting[] = [];
  /** Pictures were dropped: those that follow are of no use without a key frame. */
  #waitsForKey = false;
  /** The sample entry that the viewer has. */
  #entry: Buffer | null = null;
  #sequence = 0;
  /** The newest picture's time, which does not wrap as the RTP timestamp does, and how long it said to last. */
  #time: number | null = null;
  #timestamp = 0;
  #duration = usualDuration;
  /** The timestamp of the first picture of a file, whose time begins at 0; null before it, and where there is no file. */
  #origin: number | null = null;
  /** The timestamp of a picture that comes in time, less the present: ticks of 90 kHz. */
  #offset = 0;

  /** @param now milliseconds, monotonic */
  constructor(events: TrackEvents, owner: TrackOwner, now: () => number = () => performance.now()) {
    this.#events = events;
    this.#owner = owner;
    this.#now = now;
  }

  get slot(): number {
    return this.#events.slot;
  }

  /** The time of a picture that comes at this moment (ms): ticks of 90 kHz, without wrap; null before the first picture. */
  timeAt(moment: number): number | null {
    const timestamp = Math.round(moment * ticks + this.#offset);
    if (this.#time !== null) {
      return this.#time + ((timestamp - this.#timestamp) | 0);
    }
    return this.#origin === null ? null : (timestamp - this.#origin) | 0;
  }

  /** Sends what waits until the sound of the file is known. */
  begin(): void {
    if (this.#waiting.length > 0) {
      this.#owner.link.join(this);
    }
  }

  takes(format: StreamFormat): boolean {
    return this.#owner.accepts(format);
  }

  affords(bytes: number, cause: 'wish' | 'repair'): boolean {
    const { budget, link } = this.#owner;
    // A GOP again is no help to a viewer whose link is too thin for one.
    return cause === 'wish' ? budget.takeWish(bytes) : bytes <= link.room && budget.takeReplay(bytes);
  }

  replay(gop: readonly TimedPicture[], { codec }: StreamFormat, isRepair: boolean): void {
    const since = this.#now();
    this.#codec = codec;
    this.#entry = null;
    this.#waitsForKey = false;
    this.#offset = (gop.at(-1)?.timestamp ?? 0) - since * ticks;
    this.#waiting = gop.map((picture) => ({ ...picture, since, isReplay: true }));
    if (!isRepair) {
      this.#owner.budget.earn(sizeOf(gop));
    }
    this.#join();
  }

  live(picture: TimedPicture): void {
    const since = this.#now();
    this.#follow(picture.timestamp - since * ticks);
    const [head] = this.#waiting;
    if (head !== undefined && since - head.since > (head.isReplay ? mostReplayWait : mostWait)) {
      this.#dropWaiting();
    }
    if (this.#waitsForKey && !picture.keyframe) {
      this.#owner.dropped(picture.data.length);
      return;
    }
    if (picture.keyframe && this.#waiting.length > 0) {
      // The viewer is better served by the newest picture than by the GOP before it.
      this.#dropWaiting();
    }
    this.#waitsForKey = false;
    this.#owner.budget.earn(picture.data.length);
    this.#waiting.push({ ...picture, since, isReplay: false });
    this.#join();
  }

  rest(): void {
    this.#waiting = [];
    this.#owner.link.leave(this);
  }

  /** The link has room again. */
  drained(): void {
    if (this.#waitsForKey) {
      this.#events.wantsKeyframe();
    }
  }

  sendNext(): boolean {
    const pictures = this.#takeNext();
    if (pictures.length > 0) {
      this.#send(pictures, this.#waiting[0]);
    }
    return this.#waiting.length > 0;
  }

  /** The next picture, or as much of a GOP so far as goes in one message. */
  #takeNext(): Waiting[] {
    const start = this.#waiting[0]?.timestamp ?? 0;
    let bytes = 0;
    const end = this.#waiting.findIndex(({ data, timestamp, isReplay }, index) => {
      bytes += data.length;
      return index > 0 && (!isReplay || bytes > mostAtOnce || ((timestamp - start) | 0) > longestSpan);
    });
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }

  #join(): void {
    const { movie, link } = this.#owner;
    if (movie !== null && this.#origin === null) {
      this.#origin = this.#waiting[0]?.timestamp ?? null;
      movie.await();
    }
    if (movie?.isReady !== false) {
      link.join(this);
    }
  }

  /** A picture that comes sooner than others before it was held up less. */
  #follow(offset: number): void {
    const sooner = (offset - this.#offset) | 0;
    this.#offset += sooner > 0 ? sooner : sooner / 64;
  }

  #dropWaiting(): void {
    this.#owner.dropped(sizeOf(this.#waiting));
    this.#waiting = [];
    this.#waitsForKey = true;
  }

  /** @param pictures of one GOP so far, or one; @param next what waits behind them */
  #send(pictures: readonly Waiting[], next: Waiting | undefined): void {
    const [{ data, keyframe, timestamp, isReplay }, last] = [pictures[0] as Waiting, pictures.at(-1) as Waiting];
    const before = this.#time;
    const passed = before === null ? 0 : (timestamp - this.#timestamp) | 0;
    const first = this.#origin === null ? timestamp : Math.max(0, (timestamp - this.#origin) | 0);
    const time = before === null ? first : before + passed;
    if (keyframe && !this.#describe(data, timestamp)) {
      // Its parameter sets cannot be read, so neither can what follows.
      this.#waitsForKey = true;
      return;
    }
    if (this.#entry === null) {
      return;
    }
    const span = (last.timestamp - timestamp) | 0;
    this.#time = time + span;
    this.#timestamp = last.timestamp;
    if (!keyframe && passed > 2 * this.#duration) {
      this.#waitsForKey = true;
      this.#events.wantsKeyframe();
      return;
    }
    const more = last.isReplay && next?.isReplay === true;
    const isPaced = !isReplay && !last.isLast;
    const longest = Math.min(longestDuration, Math.max(usualDuration, isPaced ? 3 * passed : 0));
    const samples = pictures.map((picture, index) => {
      const following = pictures[index + 1] ?? (more ? next : undefined);
      return {
        duration: following ? Math.max(1, (following.timestamp - picture.timestamp) | 0) : longest,
        keyframe: picture.keyframe,
        data: toSampleData(picture.data, this.#codec, picture.keyframe),
      };
    });
    this.#duration = samples.at(-1)?.duration ?? longest;
    const header = { kind: 'picture', keyframe, more, timestamp, span } as const;
    this.#write(header, fragment({ track: 1, sequence: ++this.#sequence, time, samples }));
  }

  /** Sends the init segment of a key frame, if the viewer does not have it. @returns false if the frame cannot be described */
  #describe(keyframe: Buffer, timestamp: number): boolean {
    const format = videoFormat(keyframe, this.#codec);
    if (format === null || this.#entry?.equals(format.entry) === true) {
      return format !== null;
    }
    this.#entry = format.entry;
    const { movie } = this.#owner;
    this.#write({ kind: 'init', keyframe: true, timestamp }, movie?.describe(format) ?? initSegment([format]));
    movie?.begun();
    return true;
  }

  #write(header: Omit<PictureHeader, 'slot'>, data: Buffer): void {
    const isPlain = this.#owner.movie !== null;
    this.#owner.link.send(isPlain ? [data] : [writePictureHeader({ ...header, slot: this.slot }), data]);
    this.#owner.sent(data.length);
  }
}

function sizeOf(pictures: readonly TimedPicture[]): number {
  return pictures.reduce((sum, { data }) => sum + data.length, 0);
}
