import type { OutputConfig } from '../config/output.ts';
import type { SourceConfig } from '../config/source.ts';
import { FramePipeline } from './frame-pipeline.ts';
import { PacketInput } from './packet-input.ts';
import { PacketPipeline } from './packet-pipeline.ts';
import type { Report } from './report.ts';
import { VirtualInput } from './virtual-input.ts';

/** A camera at work: one input, any number of outputs. */
export interface Pipeline {
  start(output: string, config: OutputConfig): void;
  stop(output: string): void;
  requestKeyframe(output: string): void;
  /** The present picture as JPEG. */
  still(width: number | undefined): Promise<Buffer>;
  /** Reads the source until the signal; throws where it can no longer be read. */
  run(signal: AbortSignal): Promise<void>;
}

/** @throws {Error} when the source does not open */
export async function openPipeline(source: SourceConfig, report: Report): Promise<Pipeline> {
  return source.kind === 'virtual'
    ? new FramePipeline(new VirtualInput(source), report)
    : new PacketPipeline(await PacketInput.open(source), report);
}
