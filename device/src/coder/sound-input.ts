import {
  AV_CODEC_ID_AAC,
  AV_NOPTS_VALUE,
  AVDISCARD_ALL,
  AVDISCARD_DEFAULT,
  AVMEDIA_TYPE_AUDIO,
} from 'node-av/constants';
import { avGetCodecName, type FormatContext, type Packet, type Stream } from 'node-av/lib';
import { readAacConfig, splitAdts } from '../media/aac-config.ts';
import { durationOf } from '../media/audio-duration.ts';
import { type AudioCodec, type AudioFormat, type AudioUnit, largestSound } from '../media/audio-unit.ts';
import { opus } from '../media/encoded-sound.ts';
import { microseconds } from './ffmpeg.ts';
import type { Playout } from './playout.ts';
import type { Report } from './report.ts';
import { codecIds, SoundTranscoder } from './sound-transcoder.ts';

/** Bytes of a packet whose codec the device does not know: some containers put a second of samples into one. */
const largestPacket = 2 ** 20;
/** Frames that may wait for the moment that they were made for. */
const mostWaiting = 500;
/** Seconds that a frame may be off the end of the one before: containers round their times. More is a gap. */
const tolerance = 0.02;

/**
 * The sound that comes along with the pictures of a source. Codecs that the device knows are handed on as they come, all others
 * as Opus. While nothing listens, FFmpeg drops the packets, and does not ask for them where they come by themselves (HLS).
 */
export class SoundInput {
  readonly #stream: Stream;
  readonly #report: Report;
  /** Null for a source that comes in time by itself. */
  readonly #playout: Playout | null;
  /** Each frame has a header that describes it. */
  readonly #isAdts: boolean;
  /** The format of the frames that are handed on; null while only a packet can tell it, as with AAC in MPEG-TS. */
  #format: AudioFormat | null;
  /** For codecs that the device does not know. */
  #transcoder: SoundTranscoder | null = null;
  #isHeard = false;
  /** Microseconds that are added to the source's times, as to those of its pictures; null until a picture says it. */
  #shift: number | null = null;
  /** Ticks at which the next frame begins. */
  #next: number | null = null;
  #waiting: { time: number; unit: AudioUnit }[] = [];
  #timer: NodeJS.Timeout | undefined;

  private constructor(stream: Stream, report: Report, playout: Playout | null) {
    this.#stream = stream;
    this.#report = report;
    this.#playout = playout;
    const { codecId, extradata } = stream.codecpar;
    this.#isAdts = codecId === AV_CODEC_ID_AAC && (extradata?.length ?? 0) === 0;
    this.#format = knownFormat(stream);
  }

  /**
   * Chooses the sound that belongs to a video, and tells what it is. All other streams are discarded.
   * @param obstacle why the source is opened without its sound; null for none
   * @returns null for none that can be used
   */
  static async open(
    context: FormatContext,
    { index: video }: Stream,
    { report, playout, obstacle }: { report: Report; playout: Playout | null; obstacle: string | null },
  ): Promise<SoundInput | null> {
    const index = obstacle === null ? context.findBestStream(AVMEDIA_TYPE_AUDIO, -1, video) : -1;
    for (const other of context.streams.filter(({ index: one }) => one !== video && one !== index)) {
      other.discard = AVDISCARD_ALL;
    }
    const silent = (reason: string) => {
      report({ type: 'audio-format', format: null, reason });
      return null;
    };
    if (obstacle !== null) {
      return silent(obstacle);
    }
    const stream = context.streams[index];
    if (index < 0 || stream === undefined) {
      return silent('the camera sends no sound');
    }
    const input = new SoundInput(stream, report, playout);
    if (input.#format === null && !input.#isAdts) {
      try {
        await input.#encode();
      } catch {
        stream.discard = AVDISCARD_ALL;
        return silent(`the camera's sound is ${nameOf(stream)}, which cannot be decoded`);
      }
    }
    input.#tell();
    return input;
  }

  get index(): number {
    return this.#stream.index;
  }

  listen(isHeard: boolean): void {
    this.#isHeard = isHeard;
    this.#next = null;
    this.#drop();
    this.#discard();
  }

  /** @param shift microseconds between the source's times and those of its pictures; null for a source that has none */
  follow(shift: number | null): void {
    this.#shift = shift;
  }

  /** The source begins anew. */
  restart(): void {
    this.#shift = null;
    this.#next = null;
  }

  take(packet: Packet): void {
    const { data } = packet;
    if (data === null || data.length === 0) {
      return;
    }
    const adts = this.#isAdts ? splitAdts(data) : null;
    if (adts !== null) {
      this.#describe(adts.config);
    }
    if (this.#isHeard && this.#format !== null && this.#shift !== null) {
      const frames = adts?.frames ?? (this.#isAdts ? [] : [data]);
      const largest = this.#transcoder === null ? largestSound : largestPacket;
      for (const [index, frame] of frames.filter(({ length }) => length <= largest).entries()) {
        // A copy: the packet's own memory ends with it.
        this.#push(Buffer.from(frame), index === 0 ? this.#timeOf(packet) : null);
      }
    }
  }

  close(): void {
    this.#drop();
    this.#transcoder?.close();
  }

  async #encode(): Promise<void> {
    this.#format = opus;
    this.#transcoder = await SoundTranscoder.open(
      { parameters: this.#stream.codecpar, clockRate: microsecond },
      opus,
      (unit) => this.#release(unit),
    );
  }

  /** The header of a frame tells what it is, and may tell another rate than the one before. */
  #describe(config: Buffer): void {
    const aac = readAacConfig(config);
    if (aac !== null && this.#format?.config.equals(config) !== true) {
      this.#format = { codec: 'AAC', clockRate: aac.rate, channels: aac.channels || 2, config };
      this.#next = null;
      this.#tell();
    }
  }

  #tell(): void {
    if (this.#format !== null) {
      this.#report({ type: 'audio-format', format: this.#format, reason: '' });
    }
    this.#discard();
  }

  #discard(): void {
    this.#stream.discard = this.#isHeard || this.#format === null ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  }

  /** Microseconds; null where the source does not say it. */
  #timeOf({ pts, dts }: Packet): number | null {
    const said = pts === AV_NOPTS_VALUE ? dts : pts;
    return said === AV_NOPTS_VALUE || this.#shift === null
      ? null
      : microseconds(said, this.#stream.timeBase) + this.#shift;
  }

  #push(data: Buffer, time: number | null): void {
    if (this.#transcoder !== null) {
      time !== null && this.#transcode(this.#transcoder, { ticks: time, data });
      return;
    }
    const format = this.#format as AudioFormat;
    const said = time === null ? null : Math.round((time * format.clockRate) / microsecond);
    const isGap = said !== null && Math.abs(said - (this.#next ?? 0)) > tolerance * format.clockRate;
    const ticks = this.#next === null || isGap ? said : this.#next;
    if (ticks !== null) {
      this.#next = ticks + durationOf(data, format);
      this.#release({ ticks, data });
    }
  }

  /** A sound that cannot be encoded is left; the pictures go on. */
  #transcode(transcoder: SoundTranscoder, unit: AudioUnit): void {
    try {
      transcoder.take(unit);
    } catch (error) {
      transcoder.close();
      this.#transcoder = null;
      this.#format = null;
      this.#stream.discard = AVDISCARD_ALL;
      this.#report({ type: 'audio-format', format: null, reason: (error as Error).message });
    }
  }

  /** Lets a frame out when it is due: segments and recordings come faster than that. */
  #release(unit: AudioUnit): void {
    if (this.#playout === null) {
      this.#report({ type: 'audio', unit });
      return;
    }
    const { clockRate } = this.#format as AudioFormat;
    this.#waiting.push({ time: (unit.ticks * microsecond) / clockRate, unit });
    this.#waiting.splice(0, this.#waiting.length - mostWaiting);
    if (this.#timer === undefined) {
      this.#releaseDue();
    }
  }

  #releaseDue(): void {
    this.#timer = undefined;
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      const wait = this.#playout?.waitFor(first.time) ?? 0;
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#releaseDue(), wait);
        return;
      }
      this.#waiting.shift();
      this.#report({ type: 'audio', unit: first.unit });
    }
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
  }
}

/** Ticks of a second. */
const microsecond = 1_000_000;

/** The format of a codec that the device knows, as the container declares it; null for others, and for AAC that says it in its frames. */
function knownFormat({ codecpar }: Stream): AudioFormat | null {
  const { codecId, sampleRate, channels } = codecpar;
  const [codec] = (Object.entries(codecIds) as [AudioCodec, number][]).find(([, id]) => id === codecId) ?? [];
  const plain = { channels, config: Buffer.alloc(0) };
  switch (codec) {
    case undefined:
    case 'L16':
    case 'G726':
    case 'AAL2-G726':
      return null;
    case 'AAC': {
      const config = Buffer.from(codecpar.extradata ?? []);
      const aac = readAacConfig(config);
      return aac && { codec, clockRate: aac.rate, channels: aac.channels || channels, config };
    }
    case 'OPUS':
      return channels <= 2 ? opus : null;
    default:
      // RTP has them in this one form (RFC 3551 section 4.5).
      return channels === 1 && sampleRate === (codec === 'G722' ? 16_000 : 8000)
        ? { codec, clockRate: 8000, ...plain }
        : null;
  }
}

function nameOf({ codecpar }: Stream): string {
  return avGetCodecName(codecpar.codecId) ?? 'of an unknown kind';
}
