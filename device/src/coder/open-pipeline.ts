import type { AudioUnit } from '../media/audio-unit.ts';
import { FramePipeline } from './frame-pipeline.ts';
import { JpegInput } from './jpeg-input.ts';
import type { CoderLimits, CoderSource } from './messages.ts';
import { openHttp } from './open-http.ts';
import { PacketInput } from './packet-input.ts';
import { PacketPipeline } from './packet-pipeline.ts';
import type { Pipeline } from './pipeline.ts';
import type { Report } from './report.ts';
import { SoundPipeline } from './sound-pipeline.ts';
import { UnitInput, type UnitQueue } from './unit-input.ts';
import { VirtualInput } from './virtual-input.ts';

/**
 * @param silenceMs how long a source that answers may send nothing before its first picture
 * @param units what a `UnitSource` gets its pictures from
 * @param sounds what a `SoundSource` gets its frames from
 * @throws {Error} when the source does not open
 */
export async function openPipeline(
  source: CoderSource,
  { limits: { pictureBytes, gop }, silenceMs }: { limits: CoderLimits; silenceMs: number },
  report: Report,
  units: UnitQueue,
  sounds: UnitQueue<AudioUnit>,
): Promise<Pipeline> {
  const limits = { mostBytes: pictureBytes, silenceMs };
  switch (source.kind) {
    case 'virtual':
      report({ type: 'audio-format', format: null, reason: 'a synthetic camera has no sound' });
      return new FramePipeline(new VirtualInput(source), report);
    case 'units':
      return new PacketPipeline(new UnitInput(source, units), gop, report);
    case 'sound':
      return SoundPipeline.open(source, sounds, report);
    default: {
      const isHttp = source.kind === 'http';
      const input = await (isHttp ? openHttp(source, limits, report) : PacketInput.open(source, limits, report));
      report({ type: 'open' });
      if (input instanceof JpegInput) {
        report({ type: 'audio-format', format: null, reason: 'the camera answers with pictures alone' });
      }
      return new PacketPipeline(input, gop, report);
    }
  }
}
