import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_ADPCM_G722,
  AV_CODEC_ID_OPUS,
  AV_CODEC_ID_PCM_ALAW,
  AV_CODEC_ID_PCM_MULAW,
  AV_SAMPLE_FMT_S16,
  type AVCodecID,
  AVMEDIA_TYPE_AUDIO,
} from 'node-av/constants';
import {
  type ChannelLayout,
  Codec,
  CodecContext,
  CodecParameters,
  Dictionary,
  Frame,
  Packet,
  Rational,
  SoftwareResampleContext,
} from 'node-av/lib';
import { type AudioCodec, type AudioFormat, type AudioUnit, soundRates } from '../media/audio-unit.ts';
import { check, present, received } from './ffmpeg.ts';
import type { Pipeline } from './pipeline.ts';
import type { Report } from './report.ts';
import type { UnitQueue } from './unit-input.ts';

const codecIds: Record<AudioCodec, AVCodecID> = {
  AAC: AV_CODEC_ID_AAC,
  PCMU: AV_CODEC_ID_PCM_MULAW,
  PCMA: AV_CODEC_ID_PCM_ALAW,
  G722: AV_CODEC_ID_ADPCM_G722,
  OPUS: AV_CODEC_ID_OPUS,
};

/** Samples a second, and RTP ticks (RFC 7587 section 4.1). */
const rate = 48_000;
/** Samples of a packet: 20 ms, as browsers send them. */
const samplesPerPacket = 960;
/** Bytes of a sample of one channel. */
const sampleBytes = 2;
/** Bits a second for each channel: speech and the sounds of a place are transparent (RFC 7587 section 3.1.1 names 28 to 40 for speech). */
const bitsPerChannel = 48_000n;
/** Samples by which a frame may be off the end of the one before: its time was rounded. More is a gap. */
const tolerance = samplesPerPacket / 2;

/** The sound of a camera, decoded and encoded as Opus, which every browser takes (RFC 7874). It has one output, and no pictures. */
export class SoundPipeline implements Pipeline {
  readonly #clockRate: number;
  readonly #channels: number;
  readonly #units: UnitQueue<AudioUnit>;
  readonly #report: Report;
  readonly #decoder: CodecContext;
  readonly #encoder: CodecContext;
  readonly #packet = new Packet();
  readonly #decoded = new Frame();
  readonly #frame = new Frame();
  #resampler: { readonly context: SoftwareResampleContext; readonly input: string } | null = null;
  /** Samples that do not make a packet yet, interleaved, and the tick of the first. */
  #samples: Buffer = Buffer.alloc(0);
  #tick = 0;

  private constructor(
    { clockRate, channels }: AudioFormat,
    units: UnitQueue<AudioUnit>,
    report: Report,
    contexts: { decoder: CodecContext; encoder: CodecContext },
  ) {
    this.#clockRate = clockRate;
    this.#channels = Math.min(channels, 2);
    this.#units = units;
    this.#report = report;
    this.#decoder = contexts.decoder;
    this.#encoder = contexts.encoder;
    this.#packet.alloc();
    this.#decoded.alloc();
    this.#frame.alloc();
  }

  /** @throws {Error} if FFmpeg cannot decode the format */
  static async open(format: AudioFormat, units: UnitQueue<AudioUnit>, report: Report): Promise<SoundPipeline> {
    const contexts = { decoder: openDecoder(format), encoder: await openEncoder(Math.min(format.channels, 2)) };
    return new SoundPipeline(format, units, report, contexts);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#take(await this.#units.take());
    }
  }

  start(): void {}
  stop(): void {}
  requestKeyframe(): void {}
  async still(): Promise<Buffer> {
    throw new Error('a sound has no picture');
  }

  /** A frame that cannot be decoded is left out, and its time with it. */
  #take({ ticks, data }: AudioUnit): void {
    this.#packet.unref();
    this.#packet.data = data;
    if (this.#decoder.sendPacketSync(this.#packet) < 0) {
      return;
    }
    let tick = Math.round((ticks * rate) / this.#clockRate);
    while (this.#decoder.receiveFrameSync(this.#decoded) >= 0) {
      const samples = this.#resample(this.#decoded);
      this.#append(samples, tick);
      tick += samples.length / (sampleBytes * this.#channels);
      this.#decoded.unref();
    }
    this.#encode();
  }

  #append(samples: Buffer, tick: number): void {
    const held = this.#samples.length / (sampleBytes * this.#channels);
    if (Math.abs(tick - this.#tick - held) > tolerance) {
      this.#samples = samples;
      this.#tick = tick;
    } else {
      this.#samples = Buffer.concat([this.#samples, samples]);
    }
  }

  #resample({ format, sampleRate, channelLayout, nbSamples, extendedData, data }: Frame): Buffer {
    // Cameras are known to change in the middle, and HE-AAC begins with half of its rate.
    const input = [format, sampleRate, channelLayout.nbChannels, channelLayout.mask].join();
    if (this.#resampler?.input !== input) {
      if (sampleRate < soundRates.lowest || sampleRate > soundRates.highest) {
        throw new Error(`the sound has ${sampleRate} samples a second`);
      }
      this.#resampler?.context.free();
      const context = new SoftwareResampleContext();
      const layout = layoutOf(this.#channels);
      const sampleFormat = format as typeof AV_SAMPLE_FMT_S16;
      check(
        context.allocSetOpts2(layout, AV_SAMPLE_FMT_S16, rate, channelLayout, sampleFormat, sampleRate),
        'the sample rate of the sound',
      );
      check(context.init(), 'the sample rate of the sound');
      this.#resampler = { context, input };
    }
    const { context } = this.#resampler;
    const room = context.getOutSamples(nbSamples);
    const samples = Buffer.alloc(room * sampleBytes * this.#channels);
    const count = check(context.convertSync([samples], room, extendedData ?? data, nbSamples), 'the samples');
    return samples.subarray(0, count * sampleBytes * this.#channels);
  }

  #encode(): void {
    const bytes = samplesPerPacket * sampleBytes * this.#channels;
    while (this.#samples.length >= bytes) {
      const frame = this.#frame;
      frame.format = AV_SAMPLE_FMT_S16;
      frame.sampleRate = rate;
      frame.channelLayout = layoutOf(this.#channels);
      frame.nbSamples = samplesPerPacket;
      check(frame.getBuffer(), 'the samples');
      check(frame.fromBuffer(this.#samples.subarray(0, bytes)), 'the samples');
      frame.pts = BigInt(this.#tick);
      this.#samples = this.#samples.subarray(bytes);
      this.#tick += samplesPerPacket;
      check(this.#encoder.sendFrameSync(frame), 'the encoder of the sound');
      frame.unref();
      while (received(this.#encoder.receivePacketSync(this.#packet), 'the encoder of the sound')) {
        // The encoder looks ahead, so a packet is as much earlier than the samples that went in.
        this.#report({
          type: 'audio',
          unit: { ticks: Number(this.#packet.pts), data: Buffer.from(this.#packet.data as Buffer) },
        });
        this.#packet.unref();
      }
    }
  }
}

function layoutOf(channels: number): ChannelLayout {
  return channels === 1 ? AV_CHANNEL_LAYOUT_MONO : AV_CHANNEL_LAYOUT_STEREO;
}

function openDecoder({ codec, clockRate, channels, config }: AudioFormat): CodecContext {
  const decoder = present(Codec.findDecoder(codecIds[codec]), `decoder for ${codec}`);
  const parameters = new CodecParameters();
  parameters.alloc();
  parameters.codecType = AVMEDIA_TYPE_AUDIO;
  parameters.codecId = codecIds[codec];
  // Its clock counts half of its samples, by an old mistake that has to stay (RFC 3551 section 4.5.2).
  parameters.sampleRate = codec === 'G722' ? 16_000 : clockRate;
  parameters.channelLayout = layoutOf(channels);
  if (config.length > 0) {
    parameters.extradata = Buffer.from(config);
  }
  const context = new CodecContext();
  context.allocContext3(decoder);
  check(context.parametersToContext(parameters), `decoder for ${codec}`);
  parameters.free();
  check(context.open2Sync(decoder), `decoder for ${codec}`);
  return context;
}

async function openEncoder(channels: number): Promise<CodecContext> {
  const encoder = present(
    Codec.findEncoderByName('libopus' as Parameters<typeof Codec.findEncoderByName>[0]),
    'libopus',
  );
  const context = new CodecContext();
  context.allocContext3(encoder);
  context.sampleRate = rate;
  context.sampleFormat = AV_SAMPLE_FMT_S16;
  context.channelLayout = layoutOf(channels);
  context.bitRate = bitsPerChannel * BigInt(channels);
  context.timeBase = new Rational(1, rate);
  // Not `open2Sync` with options, which frees them a second time (node-av 6.1.1).
  check(await context.open2(encoder, Dictionary.fromObject({ frame_duration: '20' })), 'the encoder of the sound');
  return context;
}
