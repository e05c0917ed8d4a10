import {
  AV_NOPTS_VALUE,
  AVERROR_EOF,
  AVERROR_HTTP_BAD_REQUEST,
  AVERROR_HTTP_OTHER_4XX,
  AVERROR_HTTP_SERVER_ERROR,
  AVERROR_INVALIDDATA,
  AVFMT_FLAG_CUSTOM_IO,
  AVFMT_FLAG_NOPARSE,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD,
  AVSEEK_FLAG_BYTE,
} from 'node-av/constants';
import {
  type BitStreamFilterContext,
  type CodecParameters,
  FFmpegError,
  FormatContext,
  Packet,
  Rational,
  type Stream,
} from 'node-av/lib';
import { SourceClock } from '../media/source-clock.ts';
import { createFilter } from './annex-b-filter.ts';
import { check, microseconds, present, received } from './ffmpeg.ts';
import type { HttpBody } from './http-body.ts';
import { type EncodedSource, silence, toInput } from './open-source.ts';
import { explainOpening } from './opening-error.ts';
import { OpeningWatch } from './opening-watch.ts';
import { codecOf } from './packet-format.ts';
import { type Picture, PictureAssembler } from './picture-assembler.ts';
import { PictureJoiner } from './picture-joiner.ts';
import { tooLarge } from './picture-size.ts';
import { Playout } from './playout.ts';
import type { Report } from './report.ts';
import { SoundInput } from './sound-input.ts';

/** FFmpeg's formats without times: it gives each picture 1/25 s, however far apart they come. */
const timeless = new Set(['mpjpeg', 'mjpeg', 'mjpeg_2000', 'jpeg_pipe', 'h264', 'hevc', 'm4v', 'mpegvideo']);

/** Where the packets of a source come from. */
export interface EncodedInput {
  /** The codec parameters that the source declares. */
  readonly parameters: CodecParameters;
  readonly timeBase: Rational;
  /** Frames per second. */
  readonly rate: number;
  /** Time of the last packet, in microseconds. */
  readonly time: number;
  /**
   * The next packet. It is the caller's until the next call, and lives on only in a clone.
   * @throws {Error} when the source ends
   */
  next(): Promise<Packet>;
  /** Whether the sound is wanted; absent for sources without any. */
  listen?(isHeard: boolean): void;
  close(): Promise<void>;
}

/** A source that comes encoded: its video packets, in order, in Annex B where they are H.264 or H.265. */
export class PacketInput implements EncodedInput {
  readonly stream: Stream;
  /** Time base of the packets that `next` returns. */
  readonly timeBase: Rational;
  readonly #context: FormatContext;
  readonly #body: HttpBody | null;
  readonly #toAnnexB: BitStreamFilterContext | null;
  readonly #playout: Playout | null;
  #sound: SoundInput | null = null;
  /** Until the first packet, of sources that come with reports beside them. */
  #watch: OpeningWatch | null;
  readonly #loops: boolean;
  /** Where FFmpeg gives parts of pictures; null where it gives whole ones. */
  readonly #assembler: PictureAssembler | null;
  readonly #pictures: Picture[] = [];
  /** Where a container cuts pictures as it likes; null where that does not matter. */
  readonly #joiner: PictureJoiner | null;
  readonly #packet = new Packet();
  readonly #clock: SourceClock;
  /** Whether FFmpeg makes up the times of pictures, since their format has none. */
  readonly #inventsTimes: boolean;
  readonly #mostBytes: number;
  /** Bytes of the parts that do not make a whole picture yet. */
  #partBytes = 0;
  #time = 0;

  private constructor(
    context: FormatContext,
    stream: Stream,
    source: EncodedSource,
    mostBytes: number,
    watch: OpeningWatch | null,
    body: HttpBody | null,
  ) {
    this.#context = context;
    this.#body = body;
    this.#mostBytes = mostBytes;
    this.stream = stream;
    this.#watch = watch;
    this.#packet.alloc();
    this.#toAnnexB = createFilter(stream);
    this.#loops = source.kind === 'file';
    // A recording has no times of arrival, only its frame rate.
    this.#inventsTimes = !this.#loops && timeless.has(context.iformat?.name ?? '');
    const codec = codecOf(stream.codecpar);
    this.#assembler = codec !== null && comesInParts(source, context) ? new PictureAssembler(codec) : null;
    this.#joiner = codec !== null && this.#assembler === null ? new PictureJoiner(codec) : null;
    this.#playout = this.#loops || context.iformat?.name === 'hls' ? new Playout() : null;
    this.timeBase = this.#inventsTimes ? new Rational(1, 1_000_000) : stream.timeBase;
    const { num, den } = this.timeBase;
    let due = 0;
    // A recording is read faster than its pictures are due.
    const now = this.#loops ? () => (due += 1000 / this.rate) : () => performance.now();
    this.#clock = new SourceClock(den / num / 1000, now);
  }

  /**
   * @param mostBytes of one picture
   * @param silenceMs how long a source that answers may send nothing before its first picture
   * @param report is told of the source's sound
   * @param body of the source's answer; by default FFmpeg asks the source itself
   * @throws {Error} saying in FFmpeg's words why the source does not open
   */
  static async open(
    source: EncodedSource,
    { mostBytes, silenceMs }: { mostBytes: number; silenceMs: number },
    report: Report,
    body: HttpBody | null = null,
  ): Promise<PacketInput> {
    const isWanted = source.sound?.length !== 0;
    let opened = await openContext(source, isWanted, body);
    const isRefused = isWanted && source.kind === 'rtsp' && refusals.has(opened.code);
    if (isRefused) {
      opened = await openContext(source, false, null);
    }
    const { context, code, isLate } = opened;
    if (code < 0) {
      body?.close();
      throw new Error(`the camera does not open: ${await explainOpening(source, code, isLate)}`);
    }
    const inParts = comesInParts(source, context);
    if (inParts) {
      context.flags = (context.flags | AVFMT_FLAG_NOPARSE) as typeof context.flags;
    }
    const watch = source.kind === 'rtsp' ? new OpeningWatch(() => context.interrupt(), silenceMs) : null;
    // FFmpeg would wait for parameter sets that the camera's description does not have, and the first key frame brings them:
    // from some cameras in a minute.
    if (!inParts || context.streams.some(({ codecpar }) => codecpar.extradata !== null)) {
      const found = await context.findStreamInfo();
      watch?.check();
      check(inParts ? 0 : found, 'the camera sends no video that FFmpeg understands');
    }
    const index = check(context.findBestStream(AVMEDIA_TYPE_VIDEO), 'the camera sends no video');
    const stream = present(context.streams[index] ?? null, 'such stream');
    if (stream.sampleAspectRatio.num > 0) {
      // The container's word for the shape of its pixels counts before the codec's, as everywhere.
      stream.codecpar.sampleAspectRatio = stream.sampleAspectRatio;
    }
    const input = new PacketInput(context, stream, source, mostBytes, watch, body);
    const obstacle = isWanted
      ? isRefused && 'the camera refuses to send its sound'
      : 'the configuration leaves the sound out';
    input.#sound = await SoundInput.open(context, stream, {
      report,
      playout: input.#playout,
      obstacle: obstacle || null,
    });
    return input;
  }

  /** Codec parameters of the packets that `next` returns. */
  get parameters(): CodecParameters {
    return this.#toAnnexB?.outputCodecParameters ?? this.stream.codecpar;
  }

  /** Time of the last packet, in microseconds. */
  get time(): number {
    return this.#time;
  }

  /** Frames per second; a guess of 25 where the source does not say. */
  get rate(): number {
    const { num, den } = this.stream.avgFrameRate;
    const rate = den > 0 ? num / den : 0;
    return rate >= 1 && rate <= 240 ? rate : 25;
  }

  /**
   * The next video packet. It is the caller's until the next call, and lives on only in a clone.
   * @throws {Error} when the source ends or falls silent
   */
  async next(): Promise<Packet> {
    for (;;) {
      this.#packet.unref();
      const code = await (this.#assembler === null ? this.#read() : this.#readParts());
      if (code === AVERROR_EOF && this.#loops) {
        await this.#rewind();
      } else if (code < 0) {
        throw new Error(`the camera stopped sending: ${FFmpegError.strerror(code)}`);
      } else if (
        this.#packet.streamIndex === this.stream.index &&
        this.#packet.size > 0 &&
        this.#filter() &&
        this.#join()
      ) {
        this.#checkSize(this.#packet.size);
        this.#takeTime();
        // In the order of decoding: pictures that are out of order would otherwise come in bursts.
        const { dts } = this.#packet;
        await this.#playout?.until(dts === AV_NOPTS_VALUE ? this.#time : microseconds(dts, this.timeBase));
        return this.#packet;
      }
    }
  }

  listen(isHeard: boolean): void {
    this.#sound?.listen(isHeard);
  }

  async close(): Promise<void> {
    this.#sound?.close();
    this.#packet.free();
    this.#toAnnexB?.free();
    await this.#context.closeInput();
    this.#body?.close();
  }

  async #read(): Promise<number> {
    const packet = this.#packet;
    for (;;) {
      const code = await this.#context.readFrame(packet);
      this.#watch?.check();
      this.#watch?.close();
      this.#watch = null;
      if (code < 0 || packet.streamIndex !== this.#sound?.index) {
        return code;
      }
      this.#sound.take(packet);
      packet.unref();
    }
  }

  /** The same for a whole picture of parts. */
  async #readParts(): Promise<number> {
    const packet = this.#packet;
    for (;;) {
      const picture = this.#pictures.shift();
      packet.unref();
      if (picture !== undefined) {
        packet.data = picture.data;
        packet.pts = picture.pts;
        packet.streamIndex = this.stream.index;
        packet.isKeyframe = picture.keyframe;
        return 0;
      }
      const code = await this.#read();
      if (code < 0) {
        return code;
      }
      if (packet.streamIndex === this.stream.index && packet.data !== null) {
        // A copy: the packet's own memory ends with it.
        const pictures = this.#assembler?.push(Buffer.from(packet.data), packet.pts) ?? [];
        this.#partBytes = pictures.length > 0 ? 0 : this.#partBytes + packet.size;
        this.#checkSize(this.#partBytes);
        this.#pictures.push(...pictures);
      }
    }
  }

  /** @returns whether the packet is a whole picture now */
  #join(): boolean {
    const packet = this.#packet;
    if (this.#joiner === null || packet.data === null) {
      return true;
    }
    const { data, pts, dts, isKeyframe: keyframe } = packet;
    const picture = this.#joiner.push({ data, pts, dts, keyframe });
    if (picture === null) {
      this.#partBytes += data.length;
      this.#checkSize(this.#partBytes);
      return false;
    }
    this.#partBytes = 0;
    if (picture.data !== data) {
      packet.unref();
      packet.data = picture.data;
      packet.pts = picture.pts;
      packet.dts = picture.dts;
      packet.isKeyframe = picture.keyframe;
      packet.streamIndex = this.stream.index;
    }
    return true;
  }

  #checkSize(bytes: number): void {
    if (bytes > this.#mostBytes) {
      throw tooLarge(bytes, this.#mostBytes);
    }
  }

  #takeTime(): void {
    const packet = this.#packet;
    const { pts, dts } = packet;
    if (this.#inventsTimes) {
      const time = this.#clock.take(null);
      packet.pts = time;
      packet.dts = time;
      this.#time = microseconds(time, this.timeBase);
      return;
    }
    const said = pts === AV_NOPTS_VALUE ? dts : pts;
    const time = this.#clock.take(said === AV_NOPTS_VALUE ? null : said);
    this.#sound?.follow(said === AV_NOPTS_VALUE ? null : microseconds(time - said, this.timeBase));
    if (pts !== AV_NOPTS_VALUE || dts === AV_NOPTS_VALUE) {
      packet.pts = time;
    }
    if (dts !== AV_NOPTS_VALUE) {
      packet.dts += time - said;
    }
    this.#time = microseconds(time, this.timeBase);
  }

  async #rewind(): Promise<void> {
    // A raw one has no times to seek by.
    if ((await this.#context.seekFrame(-1, 0n, AVSEEK_FLAG_BACKWARD)) < 0) {
      check(await this.#context.seekFrame(-1, 0n, AVSEEK_FLAG_BYTE), 'the recording cannot be played again');
    }
    this.#toAnnexB?.flush();
    this.#clock.restart();
    this.#sound?.restart();
  }

  #filter(): boolean {
    if (this.#toAnnexB === null) {
      return true;
    }
    check(this.#toAnnexB.sendPacketSync(this.#packet), 'Annex B');
    return received(this.#toAnnexB.receivePacketSync(this.#packet), 'Annex B');
  }
}

/** FFmpeg's codes for a camera that refuses a track: RTSP's 400, 4xx and 5xx, and an answer without a transport. */
const refusals = new Set<number>([
  AVERROR_HTTP_BAD_REQUEST,
  AVERROR_HTTP_OTHER_4XX,
  AVERROR_HTTP_SERVER_ERROR,
  AVERROR_INVALIDDATA,
]);

/** @param withSound whether an RTSP camera is asked for its sound: if that is refused, FFmpeg gives the camera up */
async function openContext(
  source: EncodedSource,
  withSound: boolean,
  body: HttpBody | null,
): Promise<{ context: FormatContext; code: number; isLate: boolean }> {
  const context = new FormatContext();
  const { address, options } = toInput(source, withSound);
  context.allocContext();
  if (body !== null) {
    context.pb = body.context;
    context.setFlags(AVFMT_FLAG_CUSTOM_IO);
  }
  const interrupt = () => {
    context.interrupt();
    body?.end();
  };
  const answering = new OpeningWatch(interrupt, silence);
  const code = await context.openInput(body === null ? address : '', null, options);
  answering.close();
  return { context, code, isLate: answering.isOver };
}

/** An RTP packet holds a part of a picture, and FFmpeg's parser would wait for the next picture to see where it ends. */
function comesInParts({ kind }: EncodedSource, { streams }: FormatContext): boolean {
  const codecs = streams
    .filter(({ codecpar }) => codecpar.codecType === AVMEDIA_TYPE_VIDEO)
    .map(({ codecpar }) => codecOf(codecpar));
  return kind === 'rtsp' && codecs.length > 0 && codecs.every((codec) => codec !== null);
}
