import type { TemplateResult } from 'lit';
import type { SlotStats } from '../slot-stats.ts';
import type { Strings } from '../strings.ts';
import { html } from './lit.ts';

/** Stands for a value that is not known. */
const dash = '–';

/** The measured values of a tile, over its picture. */
export function statsPanel(
  isShown: boolean,
  stats: SlotStats | null,
  strings: Partial<Strings>,
  sound: string,
): TemplateResult {
  const { first, live } = stats?.lastSwitch ?? {};
  const rows: ('' | [name: string | undefined, value: string])[] = [
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
  return html`<dl class="panel" part="stats" ?hidden=${!isShown}>${
    isShown ? rows.map((row) => row && html`<div><dt>${row[0]}</dt><dd>${row[1]}</dd></div>`) : ''
  }</dl>`;
}

function round(value: number | null | undefined, unit = '', factor = 1, digits = 0): string {
  return typeof value === 'number' ? (value * factor).toFixed(digits) + unit : dash;
}
