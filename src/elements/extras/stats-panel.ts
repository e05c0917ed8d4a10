import type { SlotStats } from '../slot-stats.ts';
import type { Strings } from '../strings.ts';

/** Stands for a value that is not known. */
const dash = '–';

type Row = readonly [name: string | undefined, value: string];

/** The rows of the measured values. It is loaded with the first panel, and imports nothing that others need as well. */
export function statsRows(stats: SlotStats | null, strings: Partial<Strings>, sound: string): readonly ('' | Row)[] {
  const { first, live } = stats?.lastSwitch ?? {};
  return [
    [strings.resolution, stats ? `${stats.width} × ${stats.height}` : dash],
    [strings.frameRate, round(stats?.fps, '/s')],
    [strings.bitrate, round(stats?.bitrate, ' kbit/s', 1 / 1000)],
    [strings.loss, round(stats?.loss, ' %', 100, 1)],
    [strings.roundTrip, round(stats?.roundTrip, ' ms')],
    [strings.jitterBuffer, round(stats?.jitterBuffer, ' ms')],
    // Only in a tile that is heard: a small tile has no room for more rows.
    sound && [strings.sound, sound],
    (stats?.decoder ?? '') && [strings.decoder, stats?.decoder + (stats?.powerEfficientDecoder ? ' (GPU)' : '')],
    [strings.dropped, round(stats?.dropped)],
    [strings.lastSwitch, first === undefined ? dash : `${round(first)} / ${round(live, ' ms')}`],
  ];
}

function round(value: number | null | undefined, unit = '', factor = 1, digits = 0): string {
  return typeof value === 'number' ? (value * factor).toFixed(digits) + unit : dash;
}
