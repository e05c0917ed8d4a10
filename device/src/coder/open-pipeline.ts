import type { SourceConfig } from '../config/source.ts';
import { FramePipeline } from './frame-pipeline.ts';
import type { CoderLimits } from './messages.ts';
import { PacketInput } from './packet-input.ts';
import { PacketPipeline } from './packet-pipeline.ts';
import type { Pipeline } from './pipeline.ts';
import type { Report } from './report.ts';
import { VirtualInput } from './virtual-input.ts';

/** @throws {Error} when the source does not open */
export async function openPipeline(
  source: SourceConfig,
  { pictureBytes }: CoderLimits,
  report: Report,
): Promise<Pipeline> {
  return source.kind === 'virtual'
    ? new FramePipeline(new VirtualInput(source), report)
    : new PacketPipeline(await PacketInput.open(source, pictureBytes), report);
}
