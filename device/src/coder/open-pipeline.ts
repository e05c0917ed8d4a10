import type { SourceConfig } from '../config/source.ts';
import { FramePipeline } from './frame-pipeline.ts';
import { JpegInput } from './jpeg-input.ts';
import type { CoderLimits, UnitSource } from './messages.ts';
import { PacketInput } from './packet-input.ts';
import { PacketPipeline } from './packet-pipeline.ts';
import type { Pipeline } from './pipeline.ts';
import type { Report } from './report.ts';
import { UnitInput, type UnitQueue } from './unit-input.ts';
import { VirtualInput } from './virtual-input.ts';

/**
 * @param silenceMs how long a source that answers may send nothing before its first picture
 * @param units what a `UnitSource` gets its pictures from
 * @throws {Error} when the source does not open
 */
export async function openPipeline(
  source: SourceConfig | UnitSource,
  { limits: { pictureBytes, gop }, silenceMs }: { limits: CoderLimits; silenceMs: number },
  report: Report,
  units: UnitQueue,
): Promise<Pipeline> {
  switch (source.kind) {
    case 'virtual':
      return new FramePipeline(new VirtualInput(source), report);
    case 'units':
      return new PacketPipeline(new UnitInput(source, units), gop, report);
    default: {
      const pictures = source.kind === 'http' ? await JpegInput.open(source.url, pictureBytes) : null;
      if (pictures !== null) {
        report({ type: 'open' });
      }
      return new PacketPipeline(pictures ?? (await PacketInput.open(source, pictureBytes, silenceMs)), gop, report);
    }
  }
}
