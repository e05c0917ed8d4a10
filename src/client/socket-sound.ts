/** Plays the sound that comes over the WebSocket, by a MediaSource of its own. Loaded with `socket-media.ts`. */

import type { SlotSource } from './media.ts';
import { mediaSource } from './socket-player.ts';

const opus = 'opus';
const aac = 'mp4a.40.2';
export const soundCodecs = [opus, aac];

/** Pieces that are kept for an element that comes later: some seconds. */
const mostKept = 100;
/** Bytes of a piece: a second of sound has less. */
const longestPiece = 64 * 1024;
/** Seconds that the element may be behind the newest sound: beyond the first it plays a little faster, beyond the second it jumps. */
const usualLag = 0.4;
const longLag = 0.7;
/** Seconds behind the newest sound after a jump: browsers begin with some 0.2 s in hand. */
const lagAfterJump = 0.3;
const faster = 1.04;
/** Seconds of the past that stay in the buffer, at most. */
const kept = 10;

/** One run of sound, from an init segment to the next: a codec, and times without a jump. */
class Run {
  readonly #audio: HTMLAudioElement;
  readonly #source = new (mediaSource() as typeof MediaSource)();
  readonly #url = URL.createObjectURL(this.#source);
  readonly #type: string;
  readonly #ends = new AbortController();
  #queue: Uint8Array<ArrayBuffer>[] = [];
  #buffer: SourceBuffer | null = null;

  constructor(audio: HTMLAudioElement, pieces: readonly Uint8Array<ArrayBuffer>[]) {
    this.#audio = audio;
    this.#type = soundType(new TextDecoder('latin1').decode(pieces[0]).includes('Opus') ? opus : aac);
    this.#queue.push(...pieces);
    this.#source.addEventListener('sourceopen', () => this.#flush(), { signal: this.#ends.signal });
    audio.disableRemotePlayback = true;
    audio.src = this.#url;
  }

  push(piece: Uint8Array<ArrayBuffer>): void {
    this.#queue.push(piece);
    if (this.#queue.length > 2 * mostKept) {
      // The element takes nothing; what came first is the init segment.
      this.#queue.splice(1, mostKept);
    }
    this.#flush();
  }

  close(): void {
    this.#ends.abort();
    URL.revokeObjectURL(this.#url);
  }

  #flush(): void {
    const { readyState } = this.#source;
    if (readyState !== 'open' || this.#buffer?.updating || this.#queue.length === 0) {
      return;
    }
    try {
      this.#buffer ??= this.#open();
      this.#buffer.appendBuffer(this.#queue.shift() as Uint8Array<ArrayBuffer>);
    } catch {
      // Nothing more can be heard of this run.
      this.close();
    }
  }

  #open(): SourceBuffer {
    const buffer = this.#source.addSourceBuffer(this.#type);
    const { signal } = this.#ends;
    const isUsed = () => !signal.aborted && this.#source.readyState === 'open';
    buffer.addEventListener('updateend', () => isUsed() && this.#updated(buffer), { signal });
    return buffer;
  }

  #updated(buffer: SourceBuffer): void {
    if (buffer.updating) {
      // A piece that came before this event was handled is on its way in, and its own event follows.
      return;
    }
    const last = buffer.buffered.length - 1;
    const audio = this.#audio;
    if (this.#queue.length === 0 && last >= 0) {
      const [start, end] = [buffer.buffered.start(last), buffer.buffered.end(last)];
      const lag = end - audio.currentTime;
      if (audio.currentTime < start) {
        // An element does not pass a gap by itself.
        audio.currentTime = start;
      } else if (lag > longLag) {
        audio.currentTime = end - lagAfterJump;
      }
      audio.playbackRate = lag > usualLag ? faster : 1;
      if (buffer.buffered.start(0) < audio.currentTime - 2 * kept) {
        buffer.remove(0, audio.currentTime - kept);
        return;
      }
    }
    this.#flush();
  }
}

/** The sound of the slot that is heard. Its times are those of the slot's pictures. */
export class SocketSound implements SlotSource {
  #slot = -1;
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #audio: HTMLAudioElement | null = null;
  /** Its element is gone, and the rest of the run with it. */
  #isLeft = false;
  #run: Run | null = null;
  #isClosed = false;

  get readyState(): 'live' | 'ended' {
    return this.#isClosed ? 'ended' : 'live';
  }

  attach(audio: HTMLAudioElement): void {
    this.#end();
    this.#audio = audio;
    this.#isLeft = false;
    this.#begin();
  }

  detach(audio: HTMLAudioElement): void {
    if (audio === this.#audio) {
      this.#end();
      this.#audio = null;
      // The next element begins with what comes then, and not with what was left when this one went.
      this.#pieces.splice(1);
      this.#isLeft = true;
      audio.removeAttribute('src');
      audio.load();
    }
  }

  receive(isInit: boolean, slot: number, data: Uint8Array<ArrayBuffer>): void {
    if (data.byteLength > longestPiece) {
      return;
    }
    this.#slot = slot;
    if (isInit) {
      this.#isLeft = false;
      this.#pieces = [data];
      this.#end();
      this.#begin();
    } else if (this.#pieces.length > 0 && !this.#isLeft) {
      this.#pieces.push(data);
      if (this.#pieces.length > mostKept) {
        this.#pieces.splice(1, 1);
      }
      this.#run?.push(data);
    }
  }

  recent(): Blob | null {
    return this.#pieces.length > 1 ? new Blob(this.#pieces) : null;
  }

  /** Which time (seconds) of a slot is heard at this moment; null where none is. */
  timeIn(slot: number): number | null {
    const audio = this.#audio;
    const isHeard = audio && this.#run && slot === this.#slot && !audio.paused && audio.readyState > 2;
    return isHeard ? audio.currentTime : null;
  }

  close(): void {
    this.#isClosed = true;
    this.#end();
  }

  #begin(): void {
    if (this.#audio && this.#pieces.length > 0) {
      this.#run = new Run(this.#audio, this.#pieces);
    }
  }

  #end(): void {
    this.#run?.close();
    this.#run = null;
  }
}

export function takesSound(codec: string): boolean {
  return mediaSource()?.isTypeSupported(soundType(codec)) === true;
}

function soundType(codec: string): string {
  return `audio/mp4; codecs="${codec}"`;
}
