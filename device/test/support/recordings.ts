/** Small recordings in the formats that cameras and their users have, made by FFmpeg itself. */

import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_LOG_QUIET,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S16,
  AVERROR_EOF,
} from 'node-av/constants';
import {
  Codec,
  CodecContext,
  Dictionary,
  Filter,
  type FilterContext,
  FilterGraph,
  FormatContext,
  Frame,
  Log,
  Packet,
  Rational,
  type Stream,
} from 'node-av/lib';
import { check, present, received } from '../../src/coder/ffmpeg.ts';
import { nalUnitsOf } from './nal-units.ts';

Log.setLevel(AV_LOG_QUIET);

/** User data, unregistered. */
const sei = Buffer.from([0x06, 0xf0, 1, 0x55, 0x80]);

export interface Recording {
  /** FFmpeg's name of an encoder: `libx264`, `libx265`, `mpeg4`, `mjpeg`. */
  encoder: string;
  /** Options of the encoder. */
  options?: Record<string, string | number>;
  width?: number;
  height?: number;
  /** Frames per second. */
  rate?: number;
  seconds?: number;
  gop?: number;
  bFrames?: number;
  /** Any FFmpeg knows, such as `red` or `0x2828c8`. */
  color?: string;
  /** A tone of 1 kHz beside the pictures. */
  sound?: RecordedSound;
  /** Writes each NAL unit in a packet of its own, and an SEI before each picture, as some cameras' muxers do. */
  cut?: boolean;
}

export interface RecordedSound {
  /** FFmpeg's name of an encoder: `aac`, `libopus`, `mp2`, `pcm_alaw`. */
  encoder: string;
  /** Samples a second. */
  rate: number;
}

/** Writes a file of one colour; its name tells the container. */
export async function record(file: string, recording: Recording): Promise<void> {
  const {
    encoder,
    options = {},
    width = 320,
    height = 180,
    rate = 25,
    seconds = 2,
    gop = 25,
    bFrames = 0,
    color = 'red',
    cut = false,
    sound,
  } = recording;
  const graph = new FilterGraph();
  graph.alloc();
  const create = (name: string, args: string | null) =>
    present(graph.createFilter(present(Filter.getByName(name as 'color'), name), name, args), name);
  const jpeg = encoder === 'mjpeg';
  const source = create('color', `color=${color}:size=${width}x${height}:rate=${rate}:duration=${seconds}`);
  const format = create('format', `pix_fmts=${jpeg ? 'yuvj420p' : 'yuv420p'}`);
  const sink = create('buffersink', null);
  check(source.link(0, format, 0), 'link');
  check(format.link(0, sink, 0), 'link');
  check(graph.configSync(), 'graph');

  const codec = present(Codec.findEncoderByName(encoder as never), encoder);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = width;
  context.height = height;
  context.pixelFormat = jpeg ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, rate);
  context.framerate = new Rational(rate, 1);
  context.gopSize = gop;
  context.maxBFrames = bFrames;
  context.threadCount = 1;
  if (/\.(mp4|flv|mkv)$/.test(file)) {
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  }
  check(await context.open2(codec, Dictionary.fromObject(options)), encoder);

  const output = new FormatContext();
  check(output.allocOutputContext2(null, null, file), file);
  const stream = output.newStream(codec);
  check(stream.codecpar.fromContext(context), 'parameters');
  stream.timeBase = context.timeBase;
  const tone = sound === undefined ? null : await Tone.create(output, sound, seconds);
  check(output.openOutputSync(), file);
  check(output.writeHeaderSync(), file);
  const packet = new Packet();
  packet.alloc();
  const drain = () => {
    while (received(context.receivePacketSync(packet), encoder)) {
      packet.duration = 1n;
      packet.rescaleTs(context.timeBase, stream.timeBase);
      const { data, pts, isKeyframe } = packet;
      const parts = cut ? [sei, ...nalUnitsOf(data ?? Buffer.alloc(0))] : [];
      for (const [index, unit] of parts.entries()) {
        packet.unref();
        packet.data = Buffer.concat([Buffer.from([0, 0, 0, 1]), unit]);
        // A muxer takes no time twice.
        packet.pts = packet.dts = pts + BigInt(index);
        packet.isKeyframe = isKeyframe && index > 0;
        packet.streamIndex = 0;
        check(output.writeFrameSync(packet), file);
      }
      if (!cut) {
        packet.streamIndex = 0;
        check(output.writeFrameSync(packet), file);
      }
      packet.unref();
    }
  };
  const frame = new Frame();
  frame.alloc();
  for (let pts = 0n; ; pts++) {
    const code = sink.buffersinkGetFrameSync(frame);
    if (code === AVERROR_EOF) {
      break;
    }
    check(code, 'picture');
    frame.pts = pts;
    // The source marks every picture as one to be coded on its own.
    frame.pictType = AV_PICTURE_TYPE_NONE;
    check(context.sendFrameSync(frame), encoder);
    frame.unref();
    drain();
    tone?.writeUntil(Number(pts) / rate);
  }
  check(context.sendFrameSync(null), encoder);
  drain();
  tone?.writeUntil(seconds);
  tone?.close();
  check(output.writeTrailerSync(), file);
  output.closeOutputSync();
  output.freeContext();
  frame.free();
  packet.free();
  context.freeContext();
  graph.free();
}

/** The sound of a recording. */
class Tone {
  readonly #output: FormatContext;
  readonly #context: CodecContext;
  readonly #graph: FilterGraph;
  readonly #sink: FilterContext;
  readonly #stream: Stream;
  readonly #rate: number;
  readonly #frame = new Frame();
  readonly #packet = new Packet();
  #samples = 0;

  private constructor(
    output: FormatContext,
    context: CodecContext,
    graph: FilterGraph,
    { sink, stream, rate }: { sink: FilterContext; stream: Stream; rate: number },
  ) {
    this.#output = output;
    this.#context = context;
    this.#graph = graph;
    this.#sink = sink;
    this.#stream = stream;
    this.#rate = rate;
    this.#frame.alloc();
    this.#packet.alloc();
  }

  static async create(output: FormatContext, { encoder, rate }: RecordedSound, seconds: number): Promise<Tone> {
    const codec = present(Codec.findEncoderByName(encoder as never), encoder);
    const context = new CodecContext();
    context.allocContext3(codec);
    context.sampleRate = rate;
    context.sampleFormat = encoder === 'aac' ? AV_SAMPLE_FMT_FLTP : AV_SAMPLE_FMT_S16;
    context.channelLayout = AV_CHANNEL_LAYOUT_MONO;
    context.bitRate = 64_000n;
    context.timeBase = new Rational(1, rate);
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    check(await context.open2(codec, null), encoder);
    const graph = new FilterGraph();
    graph.alloc();
    const create = (name: string, args: string | null) =>
      present(graph.createFilter(present(Filter.getByName(name as 'color'), name), name, args), name);
    const size = context.frameSize || 320;
    const source = create('sine', `frequency=1000:sample_rate=${rate}:duration=${seconds}:samples_per_frame=${size}`);
    const format = create('aformat', `sample_fmts=${encoder === 'aac' ? 'fltp' : 's16'}:channel_layouts=mono`);
    const sink = create('abuffersink', null);
    check(source.link(0, format, 0), 'link');
    check(format.link(0, sink, 0), 'link');
    check(graph.configSync(), 'graph');
    const stream = output.newStream(codec);
    check(stream.codecpar.fromContext(context), 'parameters');
    stream.timeBase = context.timeBase;
    return new Tone(output, context, graph, { sink, stream, rate });
  }

  /** Writes what is heard before a moment, in seconds. */
  writeUntil(moment: number): void {
    while (this.#samples < moment * this.#rate) {
      if (this.#sink.buffersinkGetFrameSync(this.#frame) < 0) {
        return;
      }
      this.#frame.pts = BigInt(this.#samples);
      this.#samples += this.#frame.nbSamples;
      check(this.#context.sendFrameSync(this.#frame), 'sound');
      this.#frame.unref();
      while (received(this.#context.receivePacketSync(this.#packet), 'sound')) {
        this.#packet.rescaleTs(this.#context.timeBase, this.#stream.timeBase);
        this.#packet.streamIndex = this.#stream.index;
        // What an encoder makes before its first sample has no place in FLV.
        if (this.#packet.pts >= 0n) {
          check(this.#output.writeFrameSync(this.#packet), 'sound');
        }
        this.#packet.unref();
      }
    }
  }

  close(): void {
    this.#frame.free();
    this.#packet.free();
    this.#context.freeContext();
    this.#graph.free();
  }
}
