import { isDeepStrictEqual } from 'node:util';
import type { Frame, Packet } from 'node-av/lib';
import type { OutputConfig } from '../config/output.ts';
import type { AccessUnit, StreamFormat } from '../media/access-unit.ts';
import type { GopLimits } from '../media/gop.ts';
import { DecodeStage } from './decode-stage.ts';
import { Decoder } from './decoder.ts';
import { FrameHub } from './frame-hub.ts';
import { Gop } from './gop.ts';
import { PacketFormat } from './packet-format.ts';
import type { EncodedInput } from './packet-input.ts';
import type { Pipeline } from './pipeline.ts';
import { hubSink, type Report } from './report.ts';
import { encodeStill } from './still.ts';

/** How often the supervisor is told that a camera sends, while it has sent no key frame, in milliseconds. */
const progressInterval = 1000;

/** From packets: some outputs pass them on, the others share one decoder that runs only while they want it. */
export class PacketPipeline implements Pipeline {
  readonly #input: EncodedInput;
  readonly #report: Report;
  readonly #format: PacketFormat;
  readonly #hub: FrameHub;
  readonly #gop: Gop;
  readonly #copies = new Set<string>();
  /** Why no browser takes the packets as they are; null where one might. */
  #mismatch: string | null;
  /** The format that the copies were told. */
  #told: StreamFormat;
  #decoding: DecodeStage | null = null;
  /** Copies begin with a key frame. The GOP may be too long to be kept; the copies go on. */
  #hasKeyframe = false;
  #toldAt = Number.NEGATIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;

  constructor(input: EncodedInput, gop: GopLimits, report: Report) {
    this.#gop = new Gop(gop);
    this.#input = input;
    this.#report = report;
    this.#format = new PacketFormat(input.parameters);
    this.#mismatch = this.#format.mismatch;
    this.#told = this.#format.streamFormat;
    this.#hub = new FrameHub(input.rate);
  }

  start(output: string, config: OutputConfig): void {
    if (config.kind === 'encode') {
      this.#startEncoder(output, config);
    } else {
      this.#startCopy(output);
    }
  }

  stop(output: string): void {
    this.#copies.delete(output);
    void this.#hub.remove(output);
    if (this.#hub.isEmpty) {
      void this.#decoding?.close();
      this.#decoding = null;
    }
  }

  requestKeyframe(output: string): void {
    this.#hub.requestKeyframe(output);
  }

  listen(isHeard: boolean): void {
    this.#input.listen?.(isHeard);
  }

  async still(width: number | undefined): Promise<Buffer> {
    return this.#hub.hasLast ? this.#hub.withLast((frame) => encodeStill(frame, width)) : this.#stillFromGop(width);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#take(await this.#input.next());
    }
    await this.#decoding?.close();
    await this.#hub.close();
    this.#gop.clear();
    this.#format.close();
    await this.#input.close();
  }

  #startEncoder(output: string, config: Extract<OutputConfig, { kind: 'encode' }>): void {
    this.#hub.add(output, config, hubSink(output, this.#report));
    if (this.#decoding === null) {
      this.#decoding = new DecodeStage(this.#createDecoder(), this.#hub);
      for (const packet of this.#gop.clonePackets()) {
        this.#decoding.push(packet);
        packet.free();
      }
    }
  }

  #startCopy(output: string): void {
    this.#copies.add(output);
    this.#describe(output);
    if (this.#canCopy) {
      for (const unit of this.#gop.units) {
        this.#report({ type: 'unit', output, unit });
      }
    }
  }

  get #canCopy(): boolean {
    return this.#mismatch === null && this.#format.isKnown;
  }

  /** Reports the format of a copied output, or why it cannot be copied, as soon as that is known. */
  #describe(output: string): void {
    if (this.#mismatch !== null) {
      this.#report({ type: 'unplayable', output, reason: this.#mismatch });
    } else if (this.#canCopy) {
      this.#report({ type: 'format', output, format: this.#told });
    }
  }

  #take(packet: Packet): void {
    const { data, isNew } = this.#format.take(packet);
    if (isNew) {
      this.#become(this.#format.mismatch);
    }
    const { time } = this.#input;
    const unit: AccessUnit = { keyframe: packet.isKeyframe, timestamp: time, data };
    if (time < this.#newest && !unit.keyframe) {
      // Some streams do not say that their pictures come out of order; the first that does tells.
      this.#become('has B-frames, which WebRTC has not');
    }
    this.#newest = time;
    this.#gop.push(packet, unit);
    this.#tellProgress(unit.keyframe);
    if (this.#hasKeyframe && this.#canCopy) {
      for (const output of this.#copies) {
        this.#report({ type: 'unit', output, unit });
      }
    }
    this.#decoding?.push(packet);
  }

  /** Until there is a key frame no output has anything, and the supervisor cannot know that the camera sends. */
  #tellProgress(isKeyframe: boolean): void {
    const now = performance.now();
    if (this.#hasKeyframe || (!isKeyframe && now - this.#toldAt < progressInterval)) {
      return;
    }
    this.#toldAt = now;
    this.#hasKeyframe = isKeyframe;
    this.#report({ type: 'packets', hasKeyframe: isKeyframe });
  }

  /** Other parameter sets need not mean another picture: it is told only where it is. */
  #become(mismatch: string | null): void {
    const { streamFormat } = this.#format;
    if (mismatch !== this.#mismatch || !isDeepStrictEqual(streamFormat, this.#told)) {
      this.#mismatch = mismatch;
      this.#told = streamFormat;
      for (const output of this.#copies) {
        this.#describe(output);
      }
    }
  }

  #createDecoder(): Decoder {
    return new Decoder(this.#format, this.#input.timeBase);
  }

  async #stillFromGop(width: number | undefined): Promise<Buffer> {
    const packets = this.#gop.clonePackets();
    const decoder = this.#createDecoder();
    let last: Frame | null = null;
    try {
      for (const packet of packets) {
        await decoder.decode(packet, async (frame) => {
          last?.free();
          last = frame.clone();
        });
      }
      if (last === null) {
        throw new Error('the camera has sent no key frame yet');
      }
      return await encodeStill(last, width);
    } finally {
      (last as Frame | null)?.free();
      decoder.close();
      for (const packet of packets) {
        packet.free();
      }
    }
  }
}
