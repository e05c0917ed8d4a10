import type { Codec, StreamFormat } from '../../src/media/access-unit.ts';
import type { TimedPicture, Track } from '../../src/sessions/outlet.ts';

/** A track that keeps what is sent: the last byte of each unit, which numbers it, and its RTP timestamp. */
export class ScriptedTrack implements Track {
  readonly mid = '3';
  isOpen = true;
  codecs: Codec[] = ['H264'];
  /** Whether GOPs may be sent again. */
  hasBudget = true;
  sent: number[] = [];
  stamps: number[] = [];
  takes({ codec }: StreamFormat): boolean {
    return this.codecs.includes(codec);
  }
  affords(): boolean {
    return this.hasBudget;
  }
  replay(gop: readonly TimedPicture[]): void {
    for (const picture of gop) {
      this.live(picture);
    }
  }
  live({ data, timestamp }: TimedPicture): void {
    this.stamps.push(timestamp);
    this.sent.push(data.at(-1) as number);
  }
  rest(): void {}
}
