import { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_NOPTS_VALUE, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Dictionary, FFmpegError, FormatContext, Packet, type Stream } from 'node-av/lib';
import type { RtspSource } from '../../config/source.ts';
import { type NalCodec, withParameterSets } from './annex-b.ts';
import { check, microseconds, present } from './ffmpeg.ts';

/** How long FFmpeg waits for a connection or for the next bytes, in microseconds. */
const timeout = 5_000_000;

/** A source that comes encoded: its video packets, in order. */
export class PacketInput {
  readonly #context: FormatContext;
  readonly stream: Stream;
  readonly #packet = new Packet();
  #last = 0;

  private constructor(context: FormatContext, stream: Stream) {
    this.#context = context;
    this.stream = stream;
    this.#packet.alloc();
  }

  /** @throws {Error} saying in FFmpeg's words why the source does not open */
  static async open({ url, transport }: RtspSource): Promise<PacketInput> {
    const context = new FormatContext();
    const options = Dictionary.fromObject({
      rtsp_transport: transport,
      timeout,
      allowed_media_types: 'video',
      fflags: 'nobuffer',
      // The SDP names codec and parameter sets; a size and a rate are all that is left to find out.
      analyzeduration: 500_000,
      fpsprobesize: 0,
    });
    context.allocContext();
    check(await context.openInput(url, null, options), 'the camera does not open');
    check(await context.findStreamInfo(), 'the camera sends no video that FFmpeg understands');
    const index = check(context.findBestStream(AVMEDIA_TYPE_VIDEO), 'the camera sends no video');
    return new PacketInput(context, present(context.streams[index] ?? null, 'such stream'));
  }

  /** The codec, where a browser can take it as it is. */
  get codec(): NalCodec | null {
    switch (this.stream.codecpar.codecId) {
      case AV_CODEC_ID_H264:
        return 'H264';
      case AV_CODEC_ID_HEVC:
        return 'H265';
      default:
        return null;
    }
  }

  get hasBFrames(): boolean {
    return this.stream.codecpar.videoDelay > 0;
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
      const code = await this.#context.readFrame(this.#packet);
      if (code < 0) {
        throw new Error(`the camera stopped sending: ${FFmpegError.strerror(code)}`);
      }
      if (this.#packet.streamIndex === this.stream.index && this.#packet.size > 0) {
        return this.#packet;
      }
    }
  }

  /** Microseconds. A packet without a time of its own is taken to follow the last one closely. */
  timestamp(packet: Packet): number {
    const time = packet.pts === AV_NOPTS_VALUE ? packet.dts : packet.pts;
    this.#last = time === AV_NOPTS_VALUE ? this.#last + 1000 : microseconds(time, this.stream.timeBase);
    return this.#last;
  }

  /** What is sent of a packet: Annex B, parameter sets before key frames. */
  payload(packet: Packet, codec: NalCodec): Buffer {
    const data = packet.data ?? Buffer.alloc(0);
    return packet.isKeyframe ? withParameterSets(data, this.stream.codecpar.extradata, codec) : data;
  }

  async close(): Promise<void> {
    this.#packet.free();
    await this.#context.closeInput();
  }
}
