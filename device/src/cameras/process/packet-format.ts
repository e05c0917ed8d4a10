import { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_PROFILE_H264_HIGH, type AVCodecID } from 'node-av/constants';
import { CodecParameters, type Packet } from 'node-av/lib';
import type { Codec, StreamFormat } from '../../streams/access-unit.ts';
import { check } from './ffmpeg.ts';
import { ParameterSets } from './parameter-sets.ts';

const codecs = new Map<AVCodecID, Codec>([
  [AV_CODEC_ID_H264, 'H264'],
  [AV_CODEC_ID_HEVC, 'H265'],
]);

/** The codec, where it is one that WebRTC has, of those that cameras have. */
export function codecOf({ codecId }: CodecParameters): Codec | null {
  return codecs.get(codecId) ?? null;
}

/** What a source's packets are, which may change with any key frame. */
export class PacketFormat {
  /** What a decoder needs to know of them. */
  readonly parameters = new CodecParameters();
  readonly codec: Codec | null;
  readonly #sets: ParameterSets | null;
  #inForce: Buffer;

  /** @param parameters as the source tells them, in Annex B; copied */
  constructor(parameters: CodecParameters) {
    this.parameters.alloc();
    check(parameters.copy(this.parameters), 'the camera');
    this.codec = codecOf(parameters);
    this.#sets = this.codec === null ? null : new ParameterSets(this.codec, parameters.extradata);
    this.#inForce = this.#sets?.data ?? Buffer.alloc(0);
  }

  /** Why no browser takes the packets as they are; null where one might. */
  get mismatch(): string | null {
    const { codec, parameters } = this;
    if (codec === null) {
      return 'is neither H264 nor H265';
    }
    // Above High come those with more bits or more colours. The profile's upper bits are FFmpeg's own.
    if (codec === 'H264' && (parameters.profile & 0xff) > AV_PROFILE_H264_HIGH) {
      return 'is H264 in a profile that no browser takes';
    }
    return this.hasBFrames ? 'has B-frames, which WebRTC has not' : null;
  }

  get hasBFrames(): boolean {
    return this.parameters.videoDelay > 0;
  }

  /** Of packets that have no `mismatch`. */
  get streamFormat(): StreamFormat {
    const { width, height, profile } = this.parameters;
    return { codec: this.codec ?? 'H264', ...(this.codec === 'H265' ? { profile } : {}), width, height };
  }

  /**
   * What is sent of a packet: parameter sets before key frames.
   * @returns also whether the packet brought other parameter sets than those before it had
   */
  take(packet: Packet): { data: Buffer; isNew: boolean } {
    const data = packet.data ?? Buffer.alloc(0);
    if (!packet.isKeyframe || this.#sets === null) {
      return { data, isNew: false };
    }
    const completed = this.#sets.complete(data);
    const sets = this.#sets.data;
    const isNew = !sets.equals(this.#inForce);
    if (isNew) {
      this.#inForce = sets;
      this.parameters.extradata = sets;
      // FFmpeg leaves a size alone that it takes for known.
      this.parameters.width = 0;
      this.parameters.height = 0;
      check(this.parameters.parseExtradata(), "the camera's new parameter sets");
    }
    return { data: completed, isNew };
  }

  close(): void {
    this.parameters.free();
  }
}
