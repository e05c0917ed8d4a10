import type { TemplateResult } from 'lit';
import type { SlotStats } from '../slot-stats.ts';
import type { Strings } from '../strings.ts';
import { html } from './lit.ts';

/** The measured values of a tile, over its picture. */
export function statsPanel(
  isShown: boolean,
  stats: SlotStats | null,
  strings: Partial<Strings>,
  sound: string,
): TemplateResult {
  const { first, live } = stats?.lastSwitch ?? {};
  const rows: [name: string | undefined, value: string | undefined][] = [
    [strings.resolution, stats ? `${stats.width} × ${stats.height}` : undefined],
    [strings.frameRate, round(stats?.fps, '/s')],
    [strings.bitrate, round(scale(stats?.bitrate, 1 / 1000), ' kbit/s')],
    [strings.loss, round(scale(stats?.loss, 100), ' %', 1)],
    [strings.roundTrip, round(stats?.roundTrip, ' ms')],
    [strings.jitterBuffer, round(stats?.jitterBuffer, ' ms')],
    // Only of a tile that is heard: a small tile has no room for more rows.
    ...(sound ? [[strings.sound, sound] as [string | undefined, string]] : []),
    ...(stats?.decoder
      ? [
          [strings.decoder, `${stats.decoder}${stats.powerEfficientDecoder ? ' (GPU)' : ''}`] as [
            string | undefined,
            string,
          ],
        ]
      : []),
    [strings.dropped, round(stats?.dropped)],
    [strings.lastSwitch, round(first, ' ms') && `${round(first)} / ${round(live, ' ms')}`],
  ];
  return html`<dl class="panel" part="stats" ?hidden=${!isShown}>${
    isShown ? rows.map(([name, value = '–']) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`) : ''
  }</dl>`;
}

function scale(value: number | null | undefined, factor: number): number | undefined {
  return value === null || value === undefined ? undefined : value * factor;
}

function round(value: number | null | undefined, unit = '', digits = 0): string | undefined {
  return value === null || value === undefined ? undefined : value.toFixed(digits) + unit;
}
