/**
 * Pictures that come over the session's WebSocket as fragmented MP4, for browsers and networks where WebRTC does not work. Each slot
 * plays by MediaSource, which pages on plain http have as well; WebCodecs needs a secure context. Loaded only when it is needed.
 */

import type { SlotStatus } from '../protocol/messages.ts';
import { headerBytes, type PictureHeader, readPictureHeader } from '../protocol/picture-message.ts';
import type { Media, MediaEvents, SlotSource } from './media.ts';

/** Safari's MediaSource that says when it wants data, and when it wants none; on an iPhone the only one. */
interface ManagedMediaSource extends MediaSource {
  readonly streaming: boolean;
}

const Source = ((globalThis as Record<string, unknown>).ManagedMediaSource ?? globalThis.MediaSource) as
  | typeof MediaSource
  | undefined;

const h264 = 'avc1.640033';
/** What cameras send, in the largest form: H.264; H.265 in its profiles Main and Main 10. */
const codecs = [h264, 'hvc1.1.6.L153.B0', 'hvc1.2.4.L153.B0'];
/** All times of a track, as RTP has it. */
const ticks = 90_000;

/** @throws {Error} in a browser without MediaSource */
export function openSocketMedia(slots: readonly number[], events: MediaEvents): Media<SlotSource> {
  if (Source === undefined) {
    throw new Error('this browser has no MediaSource');
  }
  return new SocketMedia(slots, events);
}

class SocketMedia implements Media<SlotSource> {
  readonly hasCandidate = true;
  readonly terms = { transport: 'socket', accept: codecs.filter(isSupported) } as const;
  readonly #tracks: ReadonlyMap<number, SocketTrack>;
  #state: RTCPeerConnectionState = 'new';

  constructor(slots: readonly number[], events: MediaEvents) {
    this.#tracks = new Map(slots.map((slot) => [slot, new SocketTrack(() => events.onStarved?.(slot))]));
  }

  get state(): RTCPeerConnectionState {
    return this.#state;
  }

  async offer(): Promise<string> {
    return '';
  }

  sendCandidates(): void {}

  async addCandidate(): Promise<void> {}

  async accept(_sdp: string, statuses: readonly SlotStatus[]): Promise<Map<number, SlotSource>> {
    this.#state = 'connected';
    return new Map(
      statuses.flatMap(({ slot }) => {
        const track = this.#tracks.get(slot);
        return track ? [[slot, track]] : [];
      }),
    );
  }

  receive(message: ArrayBuffer): void {
    const header = readPictureHeader(message);
    if (header) {
      this.#tracks.get(header.slot)?.receive(header, new Uint8Array(message, headerBytes));
    }
  }

  async getStats(track: SlotSource | null): Promise<RTCStatsReport> {
    const tracks = [...this.#tracks.values()].filter((one) => track === null || one === track);
    return new Map(tracks.map((one, index) => [`S${index}`, one.stats(`S${index}`)])) as never;
  }

  close(): void {
    this.#state = 'closed';
    for (const track of this.#tracks.values()) {
      track.close();
    }
  }
}

/** A piece of a track, and when it is shown: seconds of the track's time. */
interface Piece {
  readonly isInit: boolean;
  readonly keyframe: boolean;
  readonly time: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Bytes that are kept for a video that takes none at the moment. More than that begins again with a key frame. */
const mostKept = 16 * 1024 * 1024;

/** One slot's pictures. It keeps those since the last key frame, so that a video which comes later begins at once. */
class SocketTrack implements SlotSource {
  readonly #starve: () => void;
  #init: Piece | null = null;
  #gop: Piece[] = [];
  #gopBytes = 0;
  #time: number | null = null;
  #player: Player | null = null;
  #isClosed = false;
  #bytes = 0;
  #pictures = 0;
  #keyframes = 0;
  /** When the pictures of the last second came: milliseconds. */
  #arrivals: number[] = [];

  constructor(starve: () => void) {
    this.#starve = starve;
  }

  get readyState(): 'live' | 'ended' {
    return this.#isClosed ? 'ended' : 'live';
  }

  attach(video: HTMLVideoElement): void {
    if (this.#player?.video !== video) {
      this.#player?.close();
      this.#player = new Player(video, () => this.#restart());
      this.#replay(this.#player);
    }
  }

  detach(video: HTMLVideoElement): void {
    if (this.#player?.video === video) {
      this.#player.close();
      this.#player = null;
    }
  }

  receive({ kind, keyframe, timestamp }: PictureHeader, data: Uint8Array<ArrayBuffer>): void {
    const before = this.#time ?? timestamp;
    // RTP timestamps have 32 bits; the fragments' times go on rising.
    this.#time = before + ((timestamp - before) | 0);
    const piece: Piece = { isInit: kind === 'init', keyframe, time: this.#time / ticks, data };
    this.#bytes += data.byteLength;
    if (piece.isInit) {
      this.#init = piece;
      this.#forget();
    } else {
      this.#count(keyframe);
      this.#keep(piece);
    }
    this.#player?.push(piece);
  }

  close(): void {
    this.#isClosed = true;
    this.#player?.end();
    this.#forget();
  }

  /** In the words of WebRTC's report, so that its readers need no others. */
  stats(id: string): Record<string, unknown> {
    const video = this.#player?.video;
    const { totalVideoFrames = 0 } = video?.getVideoPlaybackQuality() ?? {};
    const { waited = 0, waits = 0, skips = 0 } = this.#player ?? {};
    return {
      ...{ id, type: 'inbound-rtp', kind: 'video', timestamp: performance.timeOrigin + performance.now() },
      frameWidth: video?.videoWidth ?? 0,
      frameHeight: video?.videoHeight ?? 0,
      framesPerSecond: this.#arrivals.filter((at) => at > performance.now() - 1000).length,
      bytesReceived: this.#bytes,
      packetsReceived: this.#pictures,
      packetsLost: 0,
      framesDecoded: totalVideoFrames,
      // Of a GOP that is sent at once the browser shows only the last picture; what counts is what could not be shown in time.
      framesDropped: skips,
      keyFramesDecoded: this.#keyframes,
      jitterBufferDelay: waited,
      jitterBufferEmittedCount: waits,
    };
  }

  #count(keyframe: boolean): void {
    const now = performance.now();
    this.#pictures += 1;
    this.#keyframes += keyframe ? 1 : 0;
    this.#arrivals.push(now);
    if (this.#arrivals.length > 240) {
      this.#arrivals = this.#arrivals.filter((at) => at > now - 1000);
    }
  }

  #keep(piece: Piece): void {
    if (piece.keyframe) {
      this.#forget();
    } else if (this.#gop.length === 0) {
      return;
    }
    this.#gop.push(piece);
    this.#gopBytes += piece.data.byteLength;
    if (this.#gopBytes > mostKept) {
      this.#forget();
    }
  }

  #forget(): void {
    this.#gop = [];
    this.#gopBytes = 0;
  }

  /** The player's MediaSource is of no more use. */
  #restart(): void {
    const video = this.#player?.video;
    if (video && !this.#isClosed) {
      this.#player?.close();
      this.#player = new Player(video, () => this.#restart());
      this.#replay(this.#player);
    }
  }

  #replay(player: Player): void {
    if (this.#init && this.#gop.length > 0) {
      for (const piece of [this.#init, ...this.#gop]) {
        player.push(piece);
      }
    } else if (this.#init) {
      player.push(this.#init);
      this.#starve();
    }
  }
}

/** Seconds that a video may be behind the newest picture: beyond the first it plays a little faster, beyond the second it jumps. */
const usualLag = 0.12;
const longLag = 0.5;
/** Nothing of this can be seen, and it makes up 30 ms a second. */
const faster = 1.03;
/** Milliseconds between two jumps to a picture that is no key frame. */
const jumpEvery = 5000;
/** Seconds of the past that MediaSource keeps at least. */
const kept = 4;
/** Milliseconds between two MediaSources for one video, if the first fails. */
const restartAfter = 1000;

/** Plays a track in one video, and holds it at the newest picture. */
class Player {
  readonly video: HTMLVideoElement;
  readonly #fail: () => void;
  readonly #source = new (Source as typeof MediaSource)();
  readonly #url = URL.createObjectURL(this.#source);
  readonly #ends = new AbortController();
  readonly #begunAt = performance.now();
  #buffer: SourceBuffer | null = null;
  /** The sample entry's name that the buffer is set to. */
  #codec = 'avc1';
  /** What the buffer has not taken yet. */
  #queue: Piece[] = [];
  #queueBytes = 0;
  /** When the key frames are that are in the buffer, the oldest first. */
  #keys: number[] = [];
  #newest = 0;
  /** Where the video has to go, once that is in the buffer. */
  #target: number | null = null;
  /** Milliseconds. */
  #jumpedAt = Number.NEGATIVE_INFINITY;
  #hasFailed = false;
  /** How long (seconds) the video was behind, all looks together, and how many these were. */
  waited = 0;
  waits = 0;
  /** Pictures that were passed over, since the decoder was too far behind. */
  skips = 0;

  /** @param fail the MediaSource is of no more use */
  constructor(video: HTMLVideoElement, fail: () => void) {
    this.video = video;
    this.#fail = fail;
    const listen = (target: EventTarget, type: string, listener: () => void) =>
      target.addEventListener(type, listener, { signal: this.#ends.signal });
    listen(this.#source, 'sourceopen', () => this.#open());
    listen(this.#source, 'startstreaming', () => this.#flush());
    // The video was moved to another document, or its decoder has failed.
    listen(this.#source, 'sourceclose', () => this.#failOnce());
    listen(video, 'error', () => this.#failOnce());
    // ManagedMediaSource wants it: a remote player could not play this.
    video.disableRemotePlayback = true;
    video.src = this.#url;
  }

  push(piece: Piece): void {
    if (piece.isInit) {
      this.#target = piece.time;
    }
    if ((piece.isInit || piece.keyframe) && this.#queue.length > 0 && !this.#takes) {
      // The newest picture is what the video will show: what came before it is of no more use.
      this.#drop(piece.isInit);
    }
    this.#queue.push(piece);
    this.#queueBytes += piece.data.byteLength;
    if (this.#queueBytes > mostKept) {
      this.#failOnce();
    } else {
      this.#flush();
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
    return this.#buffer !== null && (this.#source as ManagedMediaSource).streaming !== false;
  }

  #open(): void {
    this.#buffer = this.#source.addSourceBuffer(mimeType(h264));
    this.#buffer.addEventListener('updateend', () => this.#updated(), { signal: this.#ends.signal });
    this.#flush();
  }

  /** Drops what waits, except for the init segment that a key frame needs. */
  #drop(all: boolean): void {
    const init = all ? undefined : this.#queue.findLast(({ isInit }) => isInit);
    this.#queue = init ? [init] : [];
    this.#queueBytes = init?.data.byteLength ?? 0;
  }

  #flush(): void {
    const buffer = this.#buffer;
    if (buffer === null || buffer.updating || this.#queue.length === 0 || !this.#takes || this.#hasFailed) {
      return;
    }
    try {
      this.#setCodec(buffer);
      // An init segment of another codec waits until the buffer is set to that.
      const next = this.#queue.findIndex(
        ({ isInit, data }, index) => index > 0 && isInit && codecIn(data) !== this.#codec,
      );
      const pieces = this.#queue.splice(0, next === -1 ? this.#queue.length : next);
      this.#queueBytes -= sizeOf(pieces);
      this.#keys.push(...pieces.filter(({ isInit, keyframe }) => keyframe && !isInit).map(({ time }) => time));
      this.#newest = pieces.at(-1)?.time ?? this.#newest;
      buffer.appendBuffer(joined(pieces));
    } catch {
      // The video has an error, or the buffer is full with one endless GOP.
      this.#failOnce();
    }
  }

  #setCodec(buffer: SourceBuffer): void {
    const [{ isInit, data }] = this.#queue as [Piece];
    const codec = isInit ? codecIn(data) : this.#codec;
    if (codec !== this.#codec) {
      this.#codec = codec;
      buffer.changeType(mimeType(codecs.find((name) => name.startsWith(codec)) ?? h264));
    }
  }

  #updated(): void {
    if (this.#queue.length === 0) {
      this.#follow();
      this.#evict();
    }
    this.#flush();
  }

  /** Holds the video at the newest picture. */
  #follow(): void {
    const { video } = this;
    const lag = this.#newest - video.currentTime;
    if (this.#target !== null && this.#newest >= this.#target && this.#keys.length > 0) {
      // Another stream: the video goes to its first picture, from where the decoder races to the present one.
      video.currentTime = this.#target;
      this.#target = null;
    } else if (lag > longLag && !video.seeking && (this.#keys.at(-1) === this.#newest || this.#mayJump)) {
      this.skips += 1;
      this.#jumpedAt = performance.now();
      video.currentTime = this.#newest;
    }
    video.playbackRate = lag > usualLag ? faster : 1;
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

function isSupported(codec: string): boolean {
  return Source?.isTypeSupported(mimeType(codec)) === true;
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

function joined(pieces: readonly Piece[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(sizeOf(pieces));
  let at = 0;
  for (const { data } of pieces) {
    all.set(data, at);
    at += data.byteLength;
  }
  return all;
}
