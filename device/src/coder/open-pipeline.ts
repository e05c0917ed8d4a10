import type { SourceConfig } from '../config/source.ts';
import { FramePipeline } from './frame-pipeline.ts';
import type { CoderLimits, UnitSource } from './messages.ts';
import { PacketInput } from './packet-input.ts';
import { PacketPipeline } from './packet-pipeline.ts';
import type { Pipeline } from './pipeline.ts';
import type { Report } from './report.ts';
import { UnitInput, type UnitQueue } from './unit-input.ts';
import { VirtualInput } from './virtual-input.ts';

/**
 * @param units what a `UnitSource` gets its pictures from
 * @throws {Error} when the source does not open
 */
export async function openPipeline(
  source: SourceConfig | UnitSource,
  { pictureBytes }: CoderLimits,
  report: Report,
  units: UnitQueue,
): Promise<Pipeline> {
  switch (source.kind) {
    case 'virtual':
      return new FramePipeline(new VirtualInput(source), report);
    case 'units':
      return new PacketPipeline(new UnitInput(source, units), report);
    default:
      return new PacketPipeline(await PacketInput.open(source, pictureBytes), report);
  }
}
