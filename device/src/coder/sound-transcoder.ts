import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_ADPCM_G722,
  AV_CODEC_ID_ADPCM_G726,
  AV_CODEC_ID_ADPCM_G726LE,
  AV_CODEC_ID_OPUS,
  AV_CODEC_ID_PCM_ALAW,
  AV_CODEC_ID_PCM_MULAW,
  AV_CODEC_ID_PCM_S16BE,
  AV_SAMPLE_FMT_FLTP,
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
import type { EncodedSound } from '../media/encoded-sound.ts';
import { check, present, received } from './ffmpeg.ts';

export const codecIds: Record<AudioCodec, AVCodecID> = {
  AAC: AV_CODEC_ID_AAC,
  PCMU: AV_CODEC_ID_PCM_MULAW,
  PCMA: AV_CODEC_ID_PCM_ALAW,
  G722: AV_CODEC_ID_ADPCM_G722,
  OPUS: AV_CODEC_ID_OPUS,
  L16: AV_CODEC_ID_PCM_S16BE,
  G726: AV_CODEC_ID_ADPCM_G726LE,
  'AAL2-G726': AV_CODEC_ID_ADPCM_G726,
};

/** An encoder, and the samples that it takes at a time: 20 ms, as browsers send them, or AAC's frame. */
interface Encoding {
  readonly name: string;
  readonly frame: number;
  /** Opus and AAC: speech and the sounds of a place are transparent (RFC 7587 section 3.1.1 names 28 to 40 kbit/s for speech). */
  readonly bitsPerChannel: bigint;
  readonly isFloat: boolean;
  readonly options: Record<string, string>;
}

/** The encoder's output. */
interface Shape {
  /** Samples a second. */
  readonly rate: number;
  readonly channels: number;
  readonly encoding: Encoding;
}

const pcm = { frame: 160, bitsPerChannel: 64_000n, isFloat: false, options: {} } as const;
const encodings: Record<EncodedSound, Encoding> = {
  // Made for a low delay, it looks ahead by 2.5 ms, otherwise by 6.5 (libopus' OPUS_GET_LOOKAHEAD).
  OPUS: {
    name: 'libopus',
    frame: 960,
    bitsPerChannel: 48_000n,
    isFloat: false,
    options: { frame_duration: '20', application: 'lowdelay' },
  },
  PCMA: { name: 'pcm_alaw', ...pcm },
  PCMU: { name: 'pcm_mulaw', ...pcm },
  AAC: { name: 'aac', frame: 1024, bitsPerChannel: 64_000n, isFloat: true, options: {} },
};

/** Decodes sound and encodes it in another codec. */
export class SoundTranscoder {
  readonly #clockRate: number;
  readonly #rate: number;
  readonly #channels: number;
  readonly #encoding: Encoding;
  readonly #made: (unit: AudioUnit) => void;
  readonly #decoder: CodecContext;
  readonly #encoder: CodecContext;
  readonly #packet = new Packet();
  readonly #decoded = new Frame();
  readonly #frame = new Frame();
  #resampler: { readonly context: SoftwareResampleContext; readonly input: string } | null = null;
  /** For each channel, samples that do not make a packet yet; one for all where the encoder takes them interleaved. */
  #planes: Buffer[];
  /** The time of the first of these samples, in ticks of the target's clock. */
  #tick = 0;

  private constructor(
    clockRate: number,
    { rate, channels, encoding }: Shape,
    contexts: { decoder: CodecContext; encoder: CodecContext },
    made: (unit: AudioUnit) => void,
  ) {
    this.#clockRate = clockRate;
    this.#rate = rate;
    this.#channels = channels;
    this.#encoding = encoding;
    this.#made = made;
    this.#decoder = contexts.decoder;
    this.#encoder = contexts.encoder;
    this.#planes = this.#noSamples();
    this.#packet.alloc();
    this.#decoded.alloc();
    this.#frame.alloc();
  }

  /**
   * @param source codec parameters, and ticks a second of its units
   * @param made is told of each unit, in ticks of the target's clock rate
   * @throws {Error} if FFmpeg cannot decode the source
   */
  static async open(
    { parameters, clockRate }: { parameters: CodecParameters; clockRate: number },
    target: AudioFormat & { readonly codec: EncodedSound },
    made: (unit: AudioUnit) => void,
  ): Promise<SoundTranscoder> {
    const encoding = encodings[target.codec];
    const channels = target.codec === 'OPUS' ? Math.max(1, Math.min(parameters.channels, 2)) : target.channels;
    const shape = { rate: target.clockRate, channels, encoding };
    const decoder = openDecoder(parameters);
    return new SoundTranscoder(clockRate, shape, { decoder, encoder: await openEncoder(shape) }, made);
  }

  /** A frame that cannot be decoded is left out, and its time with it. */
  take({ ticks, data }: AudioUnit): void {
    this.#packet.unref();
    this.#packet.data = data;
    if (this.#decoder.sendPacketSync(this.#packet) < 0) {
      return;
    }
    let tick = Math.round((ticks * this.#rate) / this.#clockRate);
    while (this.#decoder.receiveFrameSync(this.#decoded) >= 0) {
      const planes = this.#resample(this.#decoded);
      this.#append(planes, tick);
      tick += this.#count(planes);
      this.#decoded.unref();
    }
    this.#encode();
  }

  close(): void {
    this.#decoder.freeContext();
    this.#encoder.freeContext();
    this.#resampler?.context.free();
    this.#packet.free();
    this.#decoded.free();
    this.#frame.free();
  }

  /** Samples of one channel. */
  #count([plane]: readonly Buffer[]): number {
    return (plane as Buffer).length / this.#sampleBytes;
  }

  /** Bytes in a plane for a sample of each of its channels. */
  get #sampleBytes(): number {
    return this.#encoding.isFloat ? 4 : 2 * this.#channels;
  }

  #noSamples(): Buffer[] {
    return Array.from({ length: this.#encoding.isFloat ? this.#channels : 1 }, () => Buffer.alloc(0));
  }

  #append(planes: readonly Buffer[], tick: number): void {
    // A frame may be as much off the end of the one before, whose time was rounded. More is a gap.
    const tolerance = this.#encoding.frame / 2;
    const isGap = Math.abs(tick - this.#tick - this.#count(this.#planes)) > tolerance;
    const before = isGap ? this.#noSamples() : this.#planes;
    this.#tick = isGap ? tick : this.#tick;
    this.#planes = before.map((plane, index) => Buffer.concat([plane, planes[index] as Buffer]));
  }

  #resample({ format, sampleRate, channelLayout, nbSamples, extendedData, data }: Frame): Buffer[] {
    // Cameras are known to change in the middle, and HE-AAC begins with half of its rate.
    const input = [format, sampleRate, channelLayout.nbChannels, channelLayout.mask].join();
    if (this.#resampler?.input !== input) {
      if (sampleRate < soundRates.lowest || sampleRate > soundRates.highest) {
        throw new Error(`the sound has ${sampleRate} samples a second`);
      }
      this.#resampler?.context.free();
      const context = new SoftwareResampleContext();
      const layout = layoutOf(this.#channels);
      const from = format as typeof AV_SAMPLE_FMT_S16;
      check(
        context.allocSetOpts2(layout, sampleFormat(this.#encoding), this.#rate, channelLayout, from, sampleRate),
        'the sample rate of the sound',
      );
      check(context.init(), 'the sample rate of the sound');
      this.#resampler = { context, input };
    }
    const { context } = this.#resampler;
    const room = context.getOutSamples(nbSamples);
    const planes = this.#noSamples().map(() => Buffer.alloc(room * this.#sampleBytes));
    const count = check(context.convertSync(planes, room, extendedData ?? data, nbSamples), 'the samples');
    return planes.map((plane) => plane.subarray(0, count * this.#sampleBytes));
  }

  #encode(): void {
    const { frame: samples } = this.#encoding;
    const bytes = samples * this.#sampleBytes;
    while (this.#count(this.#planes) >= samples) {
      const frame = this.#frame;
      frame.format = sampleFormat(this.#encoding);
      frame.sampleRate = this.#rate;
      frame.channelLayout = layoutOf(this.#channels);
      frame.nbSamples = samples;
      check(frame.getBuffer(), 'the samples');
      check(frame.fromBuffer(Buffer.concat(this.#planes.map((plane) => plane.subarray(0, bytes)))), 'the samples');
      frame.pts = BigInt(this.#tick);
      this.#planes = this.#planes.map((plane) => plane.subarray(bytes));
      this.#tick += samples;
      check(this.#encoder.sendFrameSync(frame), 'the encoder of the sound');
      frame.unref();
      while (received(this.#encoder.receivePacketSync(this.#packet), 'the encoder of the sound')) {
        // The encoder looks ahead, so a packet is as much earlier than the samples that went in.
        this.#made({ ticks: Number(this.#packet.pts), data: Buffer.from(this.#packet.data as Buffer) });
        this.#packet.unref();
      }
    }
  }
}

/** The parameters of a format that the device reads itself; the caller frees them. */
export function parametersOf({ codec, clockRate, channels, config }: AudioFormat): CodecParameters {
  const parameters = new CodecParameters();
  parameters.alloc();
  parameters.codecType = AVMEDIA_TYPE_AUDIO;
  parameters.codecId = codecIds[codec];
  // Its clock counts half of its samples, by an old mistake that has to stay (RFC 3551 section 4.5.2).
  parameters.sampleRate = codec === 'G722' ? 16_000 : clockRate;
  parameters.channelLayout = layoutOf(channels);
  if (codec === 'G726' || codec === 'AAL2-G726') {
    parameters.bitsPerCodedSample = config[0] ?? 0;
  } else if (config.length > 0) {
    parameters.extradata = Buffer.from(config);
  }
  return parameters;
}

function sampleFormat({ isFloat }: Encoding): typeof AV_SAMPLE_FMT_S16 {
  return isFloat ? (AV_SAMPLE_FMT_FLTP as typeof AV_SAMPLE_FMT_S16) : AV_SAMPLE_FMT_S16;
}

function layoutOf(channels: number): ChannelLayout {
  return channels === 1 ? AV_CHANNEL_LAYOUT_MONO : AV_CHANNEL_LAYOUT_STEREO;
}

function openDecoder(parameters: CodecParameters): CodecContext {
  const decoder = present(Codec.findDecoder(parameters.codecId), 'decoder for the sound');
  const context = new CodecContext();
  context.allocContext3(decoder);
  check(context.parametersToContext(parameters), 'the decoder of the sound');
  check(context.open2Sync(decoder), 'the decoder of the sound');
  return context;
}

async function openEncoder({ rate, channels, encoding }: Shape): Promise<CodecContext> {
  const { name, bitsPerChannel, options } = encoding;
  const encoder = present(Codec.findEncoderByName(name as Parameters<typeof Codec.findEncoderByName>[0]), name);
  const context = new CodecContext();
  context.allocContext3(encoder);
  context.sampleRate = rate;
  context.sampleFormat = sampleFormat(encoding);
  context.channelLayout = layoutOf(channels);
  context.bitRate = bitsPerChannel * BigInt(channels);
  context.timeBase = new Rational(1, rate);
  // Not `open2Sync` with options, which frees them a second time (node-av 6.1.1).
  check(await context.open2(encoder, Dictionary.fromObject(options)), 'the encoder of the sound');
  return context;
}
