import {
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_PROFILE_H264_HIGH,
  type AVCodecID,
} from 'node-av/constants';
import { Codec as AvCodec, CodecContext, CodecParameters, Frame, type Packet } from 'node-av/lib';
import type { Codec, StreamFormat } from '../media/access-unit.ts';
import { firstSliceType } from '../media/nal-unit.ts';
import { ParameterSets } from '../media/parameter-sets.ts';
import { check, pixelAspect, present } from './ffmpeg.ts';
import { type Turn, turnOf } from './turner.ts';

const codecs = new Map<AVCodecID, Codec>([
  [AV_CODEC_ID_H264, 'H264'],
  [AV_CODEC_ID_HEVC, 'H265'],
]);

/**
 * H.264 table 7-1. A picture that is refreshed bit by bit, or that those behind it need the ones before it for, is a key
 * frame to FFmpeg where it says that decoding may begin, and none to WebRTC.
 */
const idrSlice = 5;

/** The codec, where it is one that WebRTC has, of those that cameras have. */
export function codecOf({ codecId }: CodecParameters): Codec | null {
  return codecs.get(codecId) ?? null;
}

/** The format of a source's packets. It may change with any key frame. */
export class PacketFormat {
  /** The parameters that open a decoder for the packets. */
  readonly parameters = new CodecParameters();
  readonly codec: Codec | null;
  readonly #sets: ParameterSets | null;
  #inForce: Buffer;
  /** Whether a browser can begin with its key frames. */
  #hasIdr = true;

  /** @param parameters as the source tells them, in Annex B; copied */
  constructor(parameters: CodecParameters) {
    this.parameters.alloc();
    check(parameters.copy(this.parameters), 'the camera');
    this.codec = codecOf(parameters);
    this.#sets = this.codec === null ? null : new ParameterSets(this.codec, parameters.extradata);
    this.#inForce = this.isKnown ? (this.#sets?.data ?? Buffer.alloc(0)) : Buffer.alloc(0);
  }

  /** Whether their size is known; if not, the first key frame tells it. */
  get isKnown(): boolean {
    return this.parameters.width > 0;
  }

  /** Why no browser takes the packets as they are; null where one might. */
  get mismatch(): string | null {
    if (this.codec === null) {
      return 'is neither H264 nor H265';
    }
    if (this.turn !== 0) {
      return 'is turned, which WebRTC does not say';
    }
    // Above High come those with more bits or more colours. FFmpeg knows the profile only when it has seen some pictures,
    // which of a slow camera it has not.
    if ((this.#sets?.profile ?? 0) > AV_PROFILE_H264_HIGH) {
      return 'is H264 in a profile that no browser takes';
    }
    if (!this.#hasIdr) {
      return 'has no IDR pictures, and a browser can begin with no others';
    }
    return this.hasBFrames ? 'has B-frames, which WebRTC has not' : null;
  }

  /** By how much its pictures are turned to be upright, clockwise in degrees: 0, 90, 180 or 270. */
  get turn(): Turn {
    return turnOf(this.parameters.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX));
  }

  get hasBFrames(): boolean {
    return this.parameters.videoDelay > 0;
  }

  /** The format for viewers. Valid once the packets are known, and have no `mismatch`. */
  get streamFormat(): StreamFormat {
    const { width, height, profile } = this.parameters;
    const aspect = pixelAspect(this.parameters);
    return {
      codec: this.codec ?? 'H264',
      ...(this.codec === 'H265' ? { profile } : {}),
      width,
      height,
      ...(aspect === 1 ? {} : { aspect }),
    };
  }

  /**
   * Gives a packet as it is sent: with parameter sets before key frames.
   * @returns also whether it shows that the packets are others than was known
   */
  take(packet: Packet): { data: Buffer; isNew: boolean } {
    const data = packet.data ?? Buffer.alloc(0);
    if (!packet.isKeyframe || this.#sets === null) {
      return { data, isNew: false };
    }
    const completed = this.#sets.complete(data);
    const sets = this.#sets.data;
    const hasNewSets = !sets.equals(this.#inForce) && this.#learn(packet, sets);
    this.#inForce = hasNewSets ? sets : this.#inForce;
    const losesIdr = this.#hasIdr && this.codec === 'H264' && firstSliceType(data, 'H264') !== idrSlice;
    this.#hasIdr &&= !losesIdr;
    return { data: completed, isNew: hasNewSets || losesIdr };
  }

  close(): void {
    this.parameters.free();
  }

  /**
   * From a picture: of an H.265 camera's parameter sets alone FFmpeg reads no size.
   * @returns whether it could be decoded; if not, the next key frame has the same sets
   */
  #learn(keyframe: Packet, sets: Buffer): boolean {
    const { parameters } = this;
    const codec = present(AvCodec.findDecoder(parameters.codecId), 'decoder for this camera');
    const context = new CodecContext();
    const frame = new Frame();
    frame.alloc();
    context.allocContext3(codec);
    parameters.extradata = sets;
    context.threadCount = 1;
    const isDecoded =
      parameters.toContext(context) >= 0 &&
      context.open2Sync(codec) >= 0 &&
      context.sendPacketSync(keyframe) >= 0 &&
      context.sendPacketSync(null) >= 0 &&
      context.receiveFrameSync(frame) >= 0;
    if (isDecoded) {
      check(parameters.fromContext(context), "the camera's new parameter sets");
    }
    frame.free();
    context.freeContext();
    return isDecoded;
  }
}
