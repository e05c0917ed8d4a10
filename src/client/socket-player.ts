/** Plays the pieces of a track in a video, by MediaSource. Loaded with `socket-media.ts`, and only when it is needed. */

/** Safari's MediaSource that says when it wants data, and when it wants none; on an iPhone the only one. */
interface ManagedMediaSource extends MediaSource {
  readonly streaming: boolean;
}

/** Undefined in a browser without MediaSource. */
export function mediaSource(): typeof MediaSource | undefined {
  const { ManagedMediaSource = globalThis.MediaSource } = globalThis as { ManagedMediaSource?: typeof MediaSource };
  return ManagedMediaSource;
}

const h264 = 'avc1.640033';
/** The largest form of each codec that cameras send: H.264; H.265 in its profiles Main and Main 10. */
export const codecs = [h264, 'hvc1.1.6.L153.B0', 'hvc1.2.4.L153.B0'];
/** A piece of a track. Times are seconds of the track's. */
export interface Piece {
  readonly isInit: boolean;
  readonly keyframe: boolean;
  /** The next one follows at once: this is an init segment, or part of a GOP so far and not its end. */
  readonly more: boolean;
  /** When the first of its pictures is shown, or the next one after an init segment. */
  readonly time: number;
  /** The same of the last one. */
  readonly newest: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Bytes that are kept for a video that takes none at the moment. More than that begins again with a key frame. */
export const mostKept = 16 * 1024 * 1024;

/** Seconds that a video may be behind the newest picture: beyond the first it plays a little faster, beyond the second it jumps. */
const usualLag = 0.12;
const longLag = 0.5;
/** Seconds of the newest pictures that may not be in the buffer yet. Beyond that, the browser has dropped them. */
const mostMissing = 0.2;
/** Nothing of this can be seen, and it makes up 30 ms a second. */
const faster = 1.03;
/** Seconds that pictures may be off their sound; and how far off they are when the two do not belong together. */
const farLag = 1.5;
const mostOff = 0.02;
/**
 * Milliseconds that a video waits for the GOP so far of another stream before it goes to its newest picture. With a part of the GOP
 * the browser runs dry on the way, and then waits until it has more: switches to a live frame took 68 / 297 ms (median / p95), and
 * 54 / 103 where all was there (n 108 each). On a thin link the first pictures are better than none.
 */
const longestGather = 60;
/** Milliseconds between two jumps to a picture that is no key frame. */
const jumpEvery = 5000;
/** Seconds of the past that MediaSource keeps at least. */
const kept = 4;
/** Milliseconds between two MediaSources for one video, if the first fails. */
const restartAfter = 1000;

/** Plays a track in one video, and holds it at the newest picture. */
export class Player {
  readonly video: HTMLVideoElement;
  readonly #fail: () => void;
  readonly #starve: () => void;
  readonly #heard: () => number | null;
  readonly #source = new (mediaSource() as typeof MediaSource)();
  readonly #url = URL.createObjectURL(this.#source);
  readonly #ends = new AbortController();
  readonly #begunAt = performance.now();
  #buffer: SourceBuffer | null = null;
  /** The sample entry's name that the buffer is set to. */
  #codec = 'avc1';
  /** Fragments that the buffer has not taken yet. */
  #queue: Piece[] = [];
  #queueBytes = 0;
  /** When the key frames are that are in the buffer, the oldest first. */
  #keys: number[] = [];
  #newest = 0;
  /** Where another stream begins to which the video has to go, and since when (ms). */
  #target: { readonly time: number; readonly since: number } | null = null;
  /** The newest picture is followed by others at once. */
  #more = false;
  /** Milliseconds. */
  #jumpedAt = Number.NEGATIVE_INFINITY;
  #hasFailed = false;
  /** The browser has dropped pictures, and a key frame was asked for. */
  #isStarved = false;
  /** How long (seconds) the video was behind, all looks together, and how many these were. */
  waited = 0;
  waits = 0;
  /** Pictures that were passed over, since the decoder was too far behind. */
  skips = 0;

  /**
   * @param fail the MediaSource is of no more use
   * @param starve the video cannot go on without a key frame
   * @param heard which time (seconds) of its sound is heard at this moment; null for none
   */
  constructor(video: HTMLVideoElement, fail: () => void, starve: () => void, heard: () => number | null) {
    this.video = video;
    this.#fail = fail;
    this.#starve = starve;
    this.#heard = heard;
    const listen = (target: EventTarget, type: string, listener: () => void) =>
      target.addEventListener(type, listener, { signal: this.#ends.signal });
    listen(this.#source, 'sourceopen', () => this.#flush());
    listen(this.#source, 'startstreaming', () => this.#flush());
    // The video was moved to another document, or its decoder has failed.
    listen(this.#source, 'sourceclose', () => this.#failOnce());
    listen(video, 'error', () => this.#failOnce());
    // ManagedMediaSource wants it: a remote player could not play this.
    video.disableRemotePlayback = true;
    video.src = this.#url;
  }

  push(piece: Piece): void {
    if (this.#hasFailed) {
      // The next player begins with what the track has kept.
      return;
    }
    if (piece.isInit) {
      this.#target = { time: piece.time, since: performance.now() };
    }
    if ((piece.isInit || piece.keyframe) && this.#queue.length > 0 && !this.#takes) {
      // The newest picture is what the video will show: what came before it is of no more use.
      this.#drop(piece.isInit);
    }
    this.#queue.push(piece);
    this.#queueBytes += weigh(piece);
    if (this.#queueBytes > mostKept) {
      this.#failOnce();
    } else {
      this.#flush();
      if (!this.#takes) {
        // A MediaSource that takes nothing has enough ahead of the video: it takes more as soon as the video is at its end.
        this.#follow();
      }
    }
  }

  /** No more pictures come. The last one stays. */
  end(): void {
    this.#queue = [];
    this.#ends.abort();
  }

  close(): void {
    this.end();
    URL.revokeObjectURL(this.#url);
    this.video.removeAttribute('src');
    this.video.load();
  }

  get #takes(): boolean {
    return this.#source.readyState === 'open' && (this.#source as ManagedMediaSource).streaming !== false;
  }

  /** Drops what waits, except for the init segment that a key frame needs. */
  #drop(all: boolean): void {
    const init = all ? undefined : this.#queue.findLast(({ isInit }) => isInit);
    this.#queue = init ? [init] : [];
    this.#queueBytes = init ? weigh(init) : 0;
  }

  #flush(): void {
    if (this.#buffer?.updating || this.#queue.length === 0 || !this.#takes || this.#hasFailed) {
      return;
    }
    try {
      const buffer = this.#setCodec();
      // An init segment of another codec waits until the buffer is set to that.
      const next = this.#queue.findIndex(
        ({ isInit, data }, index) => index > 0 && isInit && codecIn(data) !== this.#codec,
      );
      const pieces = this.#queue.splice(0, next === -1 ? this.#queue.length : next);
      this.#queueBytes -= pieces.reduce((sum, piece) => sum + weigh(piece), 0);
      this.#keys.push(...pieces.filter(({ isInit, keyframe }) => keyframe && !isInit).map(({ time }) => time));
      this.#newest = pieces.at(-1)?.newest ?? this.#newest;
      this.#more = pieces.at(-1)?.more ?? false;
      buffer.appendBuffer(joined(pieces));
    } catch {
      // The video has an error, or the buffer is full with one endless GOP.
      this.#failOnce();
    }
  }

  /** Returns the buffer, set to the codec of what waits. WebKitGTK changes the codec of no empty buffer. */
  #setCodec(): SourceBuffer {
    const [{ isInit, data }] = this.#queue as [Piece];
    const codec = isInit ? codecIn(data) : this.#codec;
    const type = mimeType(codecs.find((name) => name.startsWith(codec)) ?? h264);
    if (this.#buffer === null) {
      this.#buffer = this.#source.addSourceBuffer(type);
      this.#buffer.addEventListener('updateend', () => this.#updated(), { signal: this.#ends.signal });
    } else if (codec !== this.#codec) {
      this.#buffer.changeType(type);
    }
    this.#codec = codec;
    return this.#buffer;
  }

  #updated(): void {
    if (this.#source.readyState !== 'open') {
      // What was appended is broken, and the buffer is no longer the source's: the video's error follows.
      return;
    }
    if (this.#queue.length === 0) {
      this.#follow();
      this.#evict();
    }
    this.#flush();
  }

  /** Holds the video at the newest picture. */
  #follow(): void {
    const { video } = this;
    const ranges = this.#buffer?.buffered;
    const last = (ranges?.length ?? 0) - 1;
    if (!ranges || last < 0) {
      return;
    }
    const missing = this.#newest - ranges.end(last);
    if (missing > mostMissing) {
      // After a gap in the times MediaSource drops what follows, up to a key frame. GStreamer's parser (WebKitGTK) sees one where
      // a picture comes later than the camera's stream promises.
      this.#isStarved || this.#starve();
      this.#isStarved = true;
      return;
    }
    this.#isStarved = false;
    const lag = this.#newest - video.currentTime;
    const heard = this.#heard();
    const isKey = this.#keys.at(-1) === this.#newest;
    // A video does not pass a gap by itself, and a seek into one never ends.
    const isApart = video.currentTime < ranges.start(last);
    if (this.#target !== null && this.#keys.length > 0) {
      // Another stream: the decoder races through its GOP so far.
      const { time, since } = this.#target;
      const gathers = this.#more && performance.now() - since < longestGather;
      // A video that shows nothing yet waits for no more than a picture.
      if (this.#newest < time || (gathers && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA)) {
        return;
      }
      video.currentTime = this.#newest;
      this.#target = null;
    } else if (heard !== null && !isApart && Math.abs(heard - video.currentTime) < farLag) {
      // Sound is heard later than a picture would be seen. Pictures wait for it, at their own pace.
      video.playbackRate = paceTowards(heard - video.currentTime);
      return;
    } else if (missing < 0 && (isApart || (lag > longLag && !video.seeking && (isKey || this.#mayJump)))) {
      this.skips += 1;
      this.#jumpedAt = performance.now();
      video.currentTime = this.#newest;
    }
    // After a jump it is not behind.
    video.playbackRate = this.#newest - video.currentTime > usualLag ? faster : 1;
    this.waited += Math.max(0, lag);
    this.waits += 1;
  }

  /**
   * A jump within a GOP costs the decoder all of the GOP so far. If it is behind again soon after one, it is too slow, and
   * waits for a key frame.
   */
  get #mayJump(): boolean {
    return performance.now() - this.#jumpedAt > jumpEvery;
  }

  /** Whole GOPs that are shown go. A part of one would take the rest of it along. */
  #evict(): void {
    const shown = this.#keys.findLastIndex((time) => time < this.video.currentTime - kept);
    if (shown > 0 && this.#buffer && !this.#buffer.updating) {
      this.#keys.splice(0, shown);
      this.#buffer.remove(0, this.#keys[0] as number);
    }
  }

  #failOnce(): void {
    if (!this.#hasFailed && !this.#ends.signal.aborted) {
      this.#hasFailed = true;
      const wait = Math.max(0, restartAfter - (performance.now() - this.#begunAt));
      const timer = setTimeout(this.#fail, wait);
      this.#ends.signal.addEventListener('abort', () => clearTimeout(timer));
    }
  }
}

/** How fast a video plays that is as far behind (seconds, negative: ahead) of where it should be. */
function paceTowards(behind: number): number {
  return Math.abs(behind) < mostOff ? 1 : Math.min(Math.max(1 + 2 * behind, 0.25), 2);
}

export function isSupported(codec: string): boolean {
  return mediaSource()?.isTypeSupported(mimeType(codec)) === true;
}

function mimeType(codec: string): string {
  return `video/mp4; codecs="${codec}"`;
}

/** The name of an init segment's sample entry. */
function codecIn(init: Uint8Array): string {
  return new TextDecoder('latin1').decode(init).includes('hvc1') ? 'hvc1' : 'avc1';
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { data }) => sum + data.byteLength, 0);
}

/** Bytes that a piece takes: an empty one takes some, too. */
export function weigh({ data }: Piece): number {
  return data.byteLength + 200;
}

function joined(pieces: readonly Piece[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(sizeOf(pieces));
  let at = 0;
  for (const { data } of pieces) {
    all.set(data, at);
    at += data.byteLength;
  }
  return all;
}
