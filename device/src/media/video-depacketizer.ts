import type { Codec } from './access-unit.ts';
import { joinAnnexB } from './annex-b.ts';
import { bookkeeping, NalPayloads } from './nal-payload.ts';
import { parameterSetTypes, readNalUnit } from './nal-unit.ts';
import { ParameterSets } from './parameter-sets.ts';
import { type RtpPacket, sequenceDistance } from './rtp-packet.ts';

/** A picture as the packets brought it. */
export interface CodedPicture {
  /** A decoder can start with it. Its parameter sets precede it then. */
  readonly keyframe: boolean;
  /** RTP timestamp of its first slice, 0 to 2^32 - 1. */
  readonly rtpTimestamp: number;
  /** Annex B. */
  readonly data: Buffer;
}

export interface DepacketizerOptions {
  readonly codec: Codec;
  /** Parameter sets from the SDP, in Annex B. */
  readonly parameterSets?: Buffer;
  /** H.265 with decoding order numbers: sprop-max-don-diff is above 0. */
  readonly hasDonl?: boolean;
  /** Bytes of a picture at the most; by default 8 MB. */
  readonly maxPictureBytes?: number;
}

/** A picture has no end within the bytes that it may have. */
export class PictureTooLargeError extends Error {
  /** So many have come. */
  readonly bytes: number;
  readonly limit: number;

  constructor(bytes: number, limit: number) {
    super(`a picture of more than ${limit} bytes`);
    this.bytes = bytes;
    this.limit = limit;
  }
}

/**
 * Makes pictures of RTP packets, each as soon as its last packet is there.
 *
 * A NAL unit shows when the next picture begins, but that is one frame interval late. The marker bit tells at once, and
 * cameras set it wrongly in three ways: never, on parameter sets, or on every slice. So a marker counts only behind a slice,
 * and the depacketizer trusts it after it has seen that no slice of the same picture followed one. Until then a marked picture
 * is on hold: the next packet, or `flush`, releases it. A camera whose marker was wrong once is never trusted again.
 *
 * A lost packet drops its picture, and all pictures until the next key frame: a decoder would show damage in them.
 */
export class VideoDepacketizer {
  readonly #codec: Codec;
  readonly #limit: number;
  readonly #payloads: NalPayloads;
  readonly #sets: ParameterSets;
  /** Pictures that are complete, of the packet that is being read. */
  #done: CodedPicture[] = [];
  /** The sequence number of the newest packet; null before the first. */
  #newest: number | null = null;
  #losses = 0;
  /** A gap was found, and no unit has begun since: what still comes of the cut unit is no other loss. */
  #isLost = false;
  #waitsForKey = true;
  /** The last key frame before which nothing was lost brought its own parameter sets. */
  #bringsSets = false;
  /** Packets were lost that may belong to the present picture. */
  #followsLoss = false;

  /** The picture that is being put together. */
  #units: Buffer[] = [];
  #bytes = 0;
  #slices = 0;
  #hasFirstSlice = false;
  #isKey = false;
  #hasSets = false;
  #rtpTimestamp = 0;
  #isOnHold = false;

  #isMarkerWrong = false;
  readonly #trusted = new Set<Kind>();
  /** The kind of the picture that was released by its marker, until the next unit shows whether the marker was right. */
  #released: Kind | null = null;
  #now = 0;

  constructor({ codec, parameterSets, hasDonl = false, maxPictureBytes = 8 * 1024 * 1024 }: DepacketizerOptions) {
    this.#codec = codec;
    this.#limit = maxPictureBytes;
    this.#sets = new ParameterSets(codec, parameterSets ?? null);
    this.#payloads = new NalPayloads(
      codec,
      { begin: (head) => this.#begin(head), unit: (unit) => this.#add(unit) },
      hasDonl,
    );
  }

  /** How often a gap was found in what the packets brought. */
  get losses(): number {
    return this.#losses;
  }

  /** A marked picture waits for the next packet, since it is not known yet whether the camera marks its slices. */
  get isOnHold(): boolean {
    return this.#isOnHold;
  }

  /**
   * @param packet in the order of its sequence number; one that comes late is ignored
   * @returns the pictures that are complete now: mostly none or one
   * @throws {PictureTooLargeError}
   */
  push(packet: RtpPacket): CodedPicture[] {
    if (this.#newest !== null) {
      const ahead = sequenceDistance(this.#newest, packet.sequence);
      if (ahead <= 0 && ahead > -longestDelay) {
        return [];
      }
      if (ahead !== 1) {
        this.#lose();
      }
    }
    this.#newest = packet.sequence;
    this.#now = packet.timestamp;
    if (!this.#payloads.push(packet.payload)) {
      this.#lose();
    }
    if (packet.marker) {
      this.#payloads.finish();
      this.#takeMarker();
    }
    const bytes = this.#bytes + this.#payloads.pendingBytes;
    if (bytes > this.#limit) {
      throw new PictureTooLargeError(bytes, this.#limit);
    }
    return this.#done.splice(0);
  }

  /** Releases a picture that is on hold. */
  flush(): CodedPicture[] {
    if (this.#isOnHold) {
      this.#release();
    }
    return this.#done.splice(0);
  }

  #begin(head: Buffer): void {
    this.#isLost = false;
    const { isSlice, beginsPicture } = readNalUnit(head, this.#codec);
    const continues = isSlice && !beginsPicture;
    if (beginsPicture) {
      if (this.#isOnHold) {
        this.#trusted.add(this.#kind);
      }
      if (this.#released !== null) {
        this.#trusted.add(this.#released);
      }
      this.#released = null;
      if (this.#slices > 0) {
        this.#finish();
      }
    } else if (continues && (this.#isOnHold || this.#released !== null)) {
      this.#isMarkerWrong = true;
      this.#isOnHold = false;
      // Half of a picture went out, so the pictures behind it are damaged.
      this.#waitsForKey ||= this.#released !== null;
      this.#released = null;
    }
  }

  #add(unit: Buffer): void {
    const { type, isSlice, beginsPicture, isKey, isDisposable } = readNalUnit(unit, this.#codec);
    if (isDisposable) {
      return;
    }
    if (isSlice && this.#slices === 0) {
      this.#rtpTimestamp = this.#now;
      this.#hasFirstSlice = beginsPicture;
    }
    this.#slices += isSlice ? 1 : 0;
    this.#isKey ||= isKey;
    this.#hasSets ||= parameterSetTypes[this.#codec].includes(type);
    this.#units.push(unit);
    this.#bytes += unit.length + bookkeeping;
  }

  #takeMarker(): void {
    if (this.#slices === 0 || this.#isMarkerWrong || this.#isOnHold) {
      return;
    }
    // Only its last slice is marked: this camera does not mark every slice.
    if (this.#slices > 1 || this.#trusted.has(this.#kind)) {
      this.#release();
    } else {
      this.#isOnHold = true;
    }
  }

  #release(): void {
    this.#released = this.#kind;
    this.#finish();
  }

  get #kind(): Kind {
    return this.#isKey ? 'key' : 'delta';
  }

  /** The picture is over. */
  #finish(): void {
    const own = joinAnnexB(this.#units);
    const data = this.#isKey ? this.#sets.complete(own) : own;
    const isComplete = this.#hasFirstSlice && !this.#missesSets(data === own);
    const keyframe = this.#isKey && this.#sets.isComplete;
    if (this.#hasSets && !this.#isKey) {
      this.#sets.learn(own);
    }
    this.#waitsForKey = !isComplete || (this.#waitsForKey && !keyframe);
    if (!this.#waitsForKey) {
      this.#done.push({ keyframe, rtpTimestamp: this.#rtpTimestamp, data });
    }
    this.#clear();
  }

  /** New parameter sets may be among what was lost: with the old ones a decoder would show damage. */
  #missesSets(hasOwn: boolean): boolean {
    const misses = this.#isKey && this.#followsLoss && !hasOwn && (this.#bringsSets || this.#hasSets);
    if (this.#isKey && !this.#followsLoss) {
      this.#bringsSets = hasOwn;
    }
    this.#followsLoss = false;
    return misses;
  }

  #lose(): void {
    this.#losses += this.#isLost ? 0 : 1;
    this.#isLost = true;
    this.#followsLoss = true;
    this.#waitsForKey = true;
    this.#released = null;
    this.#payloads.reset();
    if (this.#hasSets) {
      this.#sets.learn(joinAnnexB(this.#units));
    }
    this.#clear();
  }

  #clear(): void {
    this.#units = [];
    this.#bytes = 0;
    this.#slices = 0;
    this.#hasFirstSlice = false;
    this.#isKey = false;
    this.#hasSets = false;
    this.#isOnHold = false;
  }
}

type Kind = 'key' | 'delta';

/** Packets that a late one may be behind; one that is further behind belongs to a sequence that began anew. */
const longestDelay = 1000;
