import { readAacConfig } from './aac-config.ts';
import type { AudioFormat } from './audio-unit.ts';

/** Samples of a frame of AAC (ISO/IEC 14496-3 section 4.5.1.1). */
const usualAacFrame = 1024;
const opusRate = 48_000;

/** How long a frame lasts, in ticks of the format's clock rate. */
export function durationOf(data: Buffer, { codec, clockRate, channels, config }: AudioFormat): number {
  switch (codec) {
    case 'AAC':
      return aacDuration(clockRate, config);
    case 'OPUS':
      return (opusDuration(data) * clockRate) / opusRate;
    case 'L16':
      return Math.floor(data.length / (2 * channels));
    case 'G726':
    case 'AAL2-G726':
      return Math.floor((8 * data.length) / (config[0] ?? 8));
    default:
      // G.711 has a byte a tick, and so has G.722 (RFC 3551 section 4.5).
      return data.length;
  }
}

/** The clock counts what is heard, which has twice the samples of the frame where a decoder adds the upper half (HE-AAC). */
function aacDuration(clockRate: number, config: Buffer): number {
  const core = readAacConfig(config);
  return core === null ? usualAacFrame : Math.round((core.frame * clockRate) / core.rate);
}

/** Samples of an Opus packet at 48 kHz, by its first bytes (RFC 6716 section 3.1). */
function opusDuration(packet: Buffer): number {
  const toc = packet[0] ?? 0;
  const config = toc >> 3;
  const frame =
    config < 12
      ? [480, 960, 1920, 2880][config & 3]
      : config < 16
        ? [480, 960][config & 1]
        : [120, 240, 480, 960][config & 3];
  const count = [1, 2, 2, (packet[1] ?? 0) & 63][toc & 3];
  return (frame as number) * (count as number);
}
