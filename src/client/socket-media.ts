/**
 * Pictures that come over the session's WebSocket as fragmented MP4, for browsers and networks where WebRTC does not work. Each slot
 * plays by MediaSource, which pages on plain http have as well; WebCodecs needs a secure context. Loaded only when it is needed.
 */

import type { SlotStatus } from '../protocol/messages.ts';
import { headerBytes, type PictureHeader, readPictureHeader } from '../protocol/picture-message.ts';
import type { Media, MediaEvents, SlotSource } from './media.ts';
import { codecs, isSupported, mediaSource, mostKept, type Piece, Player, weigh } from './socket-player.ts';
import { SocketSound, soundCodecs, takesSound } from './socket-sound.ts';

/** All times of a track, as RTP has it. */
const ticks = 90_000;
/** Pictures whose arrival is kept: more than a camera sends in a second. */
const mostArrivals = 240;

/** @throws {Error} in a browser without MediaSource */
export function openSocketMedia(slots: readonly number[], events: MediaEvents): Media<SlotSource> {
  if (mediaSource() === undefined) {
    throw new Error('this browser has no MediaSource');
  }
  return new SocketMedia(slots, events);
}

class SocketMedia implements Media<SlotSource> {
  readonly hasCandidate = true;
  readonly terms: NonNullable<Media<SlotSource>['terms']> = {
    transport: 'socket',
    accept: [...codecs.filter(isSupported), ...soundCodecs.filter(takesSound)],
  };
  readonly #tracks: ReadonlyMap<number, SocketTrack>;
  readonly audioTrack = new SocketSound();
  #state: RTCPeerConnectionState = 'new';

  constructor(slots: readonly number[], events: MediaEvents) {
    const { audioTrack } = this;
    this.#tracks = new Map(
      slots.map((slot) => [
        slot,
        new SocketTrack(
          () => events.onStarved?.(slot),
          () => audioTrack.timeIn(slot),
        ),
      ]),
    );
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
    if (!header) {
      return;
    }
    const { kind, slot } = header;
    const data = new Uint8Array(message, headerBytes);
    if (kind === 'sound' || kind === 'sound-init') {
      this.audioTrack.receive(kind === 'sound-init', slot, data);
    } else {
      this.#tracks.get(slot)?.receive(header, data);
    }
  }

  async getStats(track: SlotSource | null): Promise<RTCStatsReport> {
    const tracks = [...this.#tracks.values()].filter((one) => track === null || one === track);
    return new Map(tracks.map((one, index) => [`S${index}`, one.stats(`S${index}`)])) as never;
  }

  close(): void {
    this.#state = 'closed';
    this.audioTrack.close();
    for (const track of this.#tracks.values()) {
      track.close();
    }
  }
}

/** One slot's pictures. It keeps those since the last key frame, so that a video which comes later begins at once. */
class SocketTrack implements SlotSource {
  readonly #starve: () => void;
  readonly #heard: () => number | null;
  #init: Piece | null = null;
  #gop: Piece[] = [];
  #gopBytes = 0;
  #time: number | null = null;
  #player: Player | null = null;
  #isClosed = false;
  #bytes = 0;
  #pictures = 0;
  #keyframes = 0;
  /** When the newest pictures came: milliseconds. */
  #arrivals: number[] = [];

  /** @param heard which time (seconds) of its sound is heard at this moment */
  constructor(starve: () => void, heard: () => number | null) {
    this.#starve = starve;
    this.#heard = heard;
  }

  get readyState(): 'live' | 'ended' {
    return this.#isClosed ? 'ended' : 'live';
  }

  attach(video: HTMLVideoElement): void {
    if (this.#player?.video !== video) {
      this.#player?.close();
      this.#player = new Player(video, () => this.#restart(), this.#starve, this.#heard);
      this.#replay(this.#player);
    }
  }

  detach(video: HTMLVideoElement): void {
    if (this.#player?.video === video) {
      this.#player.close();
      this.#player = null;
    }
  }

  receive({ kind, keyframe, more = false, timestamp, span = 0 }: PictureHeader, data: Uint8Array<ArrayBuffer>): void {
    const before = this.#time ?? timestamp;
    // RTP timestamps have 32 bits; the fragments' times go on rising.
    this.#time = before + ((timestamp - before) | 0);
    const isInit = kind === 'init';
    const time = this.#time / ticks;
    const piece: Piece = { isInit, keyframe, more: more || isInit, time, newest: time + span / ticks, data };
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
      // The browser shows only the last picture of a GOP that is sent at once, so its own count says nothing about falling behind.
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
    if (this.#arrivals.length > mostArrivals) {
      this.#arrivals.shift();
    }
  }

  #keep(piece: Piece): void {
    if (piece.keyframe) {
      this.#forget();
    } else if (this.#gop.length === 0) {
      return;
    }
    this.#gop.push(piece);
    this.#gopBytes += weigh(piece);
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
      this.#player = new Player(video, () => this.#restart(), this.#starve, this.#heard);
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
