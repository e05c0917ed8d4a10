import type { Packet } from 'node-av/lib';
import type { AccessUnit } from '../../streams/access-unit.ts';
import type { CameraReport, OutputConfig, SourceConfig } from '../messages.ts';
import { DecodeStage } from './decode-stage.ts';
import { FrameHub, type HubSink } from './frame-hub.ts';
import { PacketInput } from './packet-input.ts';
import { VirtualInput } from './virtual-input.ts';

export type Report = (report: CameraReport) => void;

/** A camera at work: one input, any number of outputs. */
export interface Pipeline {
  start(output: string, config: OutputConfig): void;
  stop(output: string): void;
  requestKeyframe(output: string): void;
  /** Reads the source until the signal; throws where it can no longer be read. */
  run(signal: AbortSignal): Promise<void>;
}

/** @throws {Error} when the source does not open */
export async function openPipeline(source: SourceConfig, report: Report): Promise<Pipeline> {
  switch (source.kind) {
    case 'rtsp':
      return new PacketPipeline(await PacketInput.open(source), report);
    case 'virtual':
      return new FramePipeline(new VirtualInput(source), report);
  }
}

/** From pictures: every output is an encoder. */
class FramePipeline implements Pipeline {
  readonly #input: VirtualInput;
  readonly #report: Report;
  readonly #hub: FrameHub;

  constructor(input: VirtualInput, report: Report) {
    this.#input = input;
    this.#report = report;
    this.#hub = new FrameHub(input.rate);
  }

  start(output: string, config: OutputConfig): void {
    const encode = config.kind === 'encode' ? config : ({ kind: 'encode' } as const);
    this.#hub.add(output, encode, hubSink(output, this.#report));
  }

  stop(output: string): void {
    void this.#hub.remove(output);
  }

  requestKeyframe(output: string): void {
    this.#hub.requestKeyframe(output);
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#hub.push(await this.#input.next());
    }
    this.#input.close();
  }
}

/** From packets: some outputs pass them on, the others share one decoder that runs only while they want it. */
class PacketPipeline implements Pipeline {
  readonly #input: PacketInput;
  readonly #report: Report;
  readonly #hub: FrameHub;
  readonly #copies = new Set<string>();
  #gop: { packet: Packet; unit: AccessUnit }[] = [];
  #decoding: DecodeStage | null = null;

  constructor(input: PacketInput, report: Report) {
    this.#input = input;
    this.#report = report;
    this.#hub = new FrameHub(input.rate);
  }

  start(output: string, config: OutputConfig): void {
    if (config.kind === 'copy') {
      this.#startCopy(output);
      return;
    }
    this.#hub.add(output, config, hubSink(output, this.#report));
    if (this.#decoding === null) {
      this.#decoding = new DecodeStage(this.#input, this.#hub);
      for (const { packet } of this.#gop) {
        this.#decoding.push(packet);
      }
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

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#take(await this.#input.next());
    }
    await this.#decoding?.close();
    await this.#input.close();
  }

  #startCopy(output: string): void {
    const { codec, hasBFrames, stream } = this.#input;
    if (codec !== 'H264' || hasBFrames) {
      const what = hasBFrames ? 'has B-frames, which WebRTC has not' : `is ${codec ?? 'no H264'}`;
      const reason = `codec mismatch: the camera's video ${what}; give this stream a transcoded source: ffmpeg:NAME#video=h264`;
      this.#report({ type: 'refused', output, reason });
      return;
    }
    const { width, height } = stream.codecpar;
    this.#copies.add(output);
    this.#report({ type: 'format', output, format: { codec, width, height } });
    for (const { unit } of this.#gop) {
      this.#report({ type: 'unit', output, unit });
    }
  }

  #take(packet: Packet): void {
    const codec = this.#input.codec ?? 'H264';
    const unit: AccessUnit = {
      keyframe: packet.isKeyframe,
      timestamp: this.#input.timestamp(packet),
      data: this.#input.payload(packet, codec),
    };
    this.#remember(packet, unit);
    if (this.#gop.length > 0) {
      for (const output of this.#copies) {
        this.#report({ type: 'unit', output, unit });
      }
    }
    this.#decoding?.push(packet);
  }

  /** The GOP so far primes the decoder of a variant that starts, and a copy that joins late. */
  #remember(packet: Packet, unit: AccessUnit): void {
    const tooLong = this.#gop.length >= longestGop;
    if (unit.keyframe || tooLong) {
      for (const old of this.#gop.splice(0)) {
        old.packet.free();
      }
    }
    const own = unit.keyframe || this.#gop.length > 0 ? packet.clone() : null;
    if (own !== null) {
      this.#gop.push({ packet: own, unit: { ...unit, data: Buffer.from(unit.data) } });
    }
  }
}

/** Pictures. A GOP beyond this is not kept: who joins waits for the next key frame. */
const longestGop = 750;

function hubSink(output: string, report: Report): HubSink {
  return {
    format: (format) => report({ type: 'format', output, format }),
    unit: (unit) => report({ type: 'unit', output, unit }),
    refused: (reason) => report({ type: 'refused', output, reason }),
  };
}
