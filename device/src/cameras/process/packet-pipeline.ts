import type { Frame, Packet } from 'node-av/lib';
import type { OutputConfig } from '../../config/output.ts';
import type { AccessUnit } from '../../streams/access-unit.ts';
import { DecodeStage } from './decode-stage.ts';
import { Decoder } from './decoder.ts';
import { FrameHub } from './frame-hub.ts';
import { Gop } from './gop.ts';
import type { PacketInput } from './packet-input.ts';
import type { Pipeline } from './pipeline.ts';
import { hubSink, type Report } from './report.ts';
import { encodeStill } from './still.ts';

/** From packets: some outputs pass them on, the others share one decoder that runs only while they want it. */
export class PacketPipeline implements Pipeline {
  readonly #input: PacketInput;
  readonly #report: Report;
  readonly #hub: FrameHub;
  readonly #gop = new Gop();
  /** By output, whether it may be transcoded where a browser could not take it. */
  readonly #copies = new Map<string, boolean>();
  #decoding: DecodeStage | null = null;
  #newest = Number.NEGATIVE_INFINITY;

  constructor(input: PacketInput, report: Report) {
    this.#input = input;
    this.#report = report;
    this.#hub = new FrameHub(input.rate);
  }

  start(output: string, config: OutputConfig): void {
    if (config.kind === 'encode') {
      this.#startEncoder(output, config);
      return;
    }
    const mismatch = this.#mismatch();
    if (mismatch === null) {
      this.#startCopy(output, config.transcode);
    } else {
      this.#startInstead(output, config.transcode, mismatch);
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

  async still(width: number | undefined): Promise<Buffer> {
    return this.#hub.hasLast ? this.#hub.withLast((frame) => encodeStill(frame, width)) : this.#stillFromGop(width);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#take(await this.#input.next());
    }
    await this.#decoding?.close();
    this.#gop.clear();
    await this.#input.close();
  }

  /** Why no browser takes the packets as they are; null where they do. */
  #mismatch(): string | null {
    const { codec, hasBFrames } = this.#input;
    if (codec !== 'H264') {
      return `is ${codec ?? 'of a codec'} that not every browser takes`;
    }
    return hasBFrames ? 'has B-frames, which WebRTC has not' : null;
  }

  #startEncoder(output: string, config: Extract<OutputConfig, { kind: 'encode' }>): void {
    this.#hub.add(output, config, hubSink(output, this.#report));
    if (this.#decoding === null) {
      this.#decoding = new DecodeStage(this.#input, this.#hub);
      for (const packet of this.#gop.clonePackets()) {
        this.#decoding.push(packet);
        packet.free();
      }
    }
  }

  #startCopy(output: string, transcode: boolean): void {
    const { width, height } = this.#input.parameters;
    this.#copies.set(output, transcode);
    this.#report({ type: 'format', output, format: { codec: 'H264', width, height } });
    for (const unit of this.#gop.units) {
      this.#report({ type: 'unit', output, unit });
    }
  }

  #startInstead(output: string, transcode: boolean, mismatch: string): void {
    if (transcode) {
      this.#report({ type: 'note', output, text: `is transcoded: the camera's video ${mismatch}` });
      this.#startEncoder(output, { kind: 'encode' });
    } else {
      const reason = `codec mismatch: the camera's video ${mismatch}; allow it to be transcoded, or give it a source ffmpeg:NAME#video=h264`;
      this.#report({ type: 'refused', output, reason });
    }
  }

  #take(packet: Packet): void {
    const { time, codec } = this.#input;
    const unit: AccessUnit = {
      keyframe: packet.isKeyframe,
      timestamp: time,
      data: this.#input.payload(packet, codec ?? 'H264'),
    };
    if (time < this.#newest && !unit.keyframe) {
      this.#foundBFrames();
    }
    this.#newest = time;
    this.#gop.push(packet, unit);
    if (!this.#gop.isEmpty) {
      for (const output of this.#copies.keys()) {
        this.#report({ type: 'unit', output, unit });
      }
    }
    this.#decoding?.push(packet);
  }

  /** Some streams do not say that their pictures come out of order; the first that does tells. */
  #foundBFrames(): void {
    for (const [output, transcode] of this.#copies) {
      this.#copies.delete(output);
      this.#startInstead(output, transcode, 'has B-frames, which WebRTC has not');
    }
  }

  async #stillFromGop(width: number | undefined): Promise<Buffer> {
    const packets = this.#gop.clonePackets();
    const decoder = new Decoder(this.#input);
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
