import type { SlotStats } from '../slot-stats.ts';
import type { Strings } from '../strings.ts';

/** The measured values of a tile, over its picture. */
export class StatsPanel {
  readonly element = document.createElement('dl');

  constructor() {
    this.element.className = 'panel';
    this.element.setAttribute('part', 'stats');
    this.element.hidden = true;
  }

  get isShown(): boolean {
    return !this.element.hidden;
  }

  toggle(): void {
    this.element.hidden = this.isShown;
  }

  show(stats: SlotStats | null, strings: Partial<Strings>): void {
    const { first, live } = stats?.lastSwitch ?? {};
    const rows: [name: string | undefined, value: string | undefined][] = [
      [strings.resolution, stats ? `${stats.width} × ${stats.height}` : undefined],
      [strings.frameRate, round(stats?.fps, '/s')],
      [strings.bitrate, round(scale(stats?.bitrate, 1 / 1000), ' kbit/s')],
      [strings.loss, round(scale(stats?.loss, 100), ' %', 1)],
      [strings.roundTrip, round(stats?.roundTrip, ' ms')],
      [strings.jitterBuffer, round(stats?.jitterBuffer, ' ms')],
      [strings.dropped, round(stats?.dropped)],
      [strings.lastSwitch, round(first, ' ms') && `${round(first)} / ${round(live, ' ms')}`],
    ];
    this.element.replaceChildren(...rows.map(([name, value = '–']) => row(name ?? '', value)));
  }
}

function scale(value: number | null | undefined, factor: number): number | undefined {
  return value === null || value === undefined ? undefined : value * factor;
}

function round(value: number | null | undefined, unit = '', digits = 0): string | undefined {
  return value === null || value === undefined ? undefined : value.toFixed(digits) + unit;
}

function row(name: string, value: string): HTMLElement {
  const element = document.createElement('div');
  const [term, description] = [document.createElement('dt'), document.createElement('dd')];
  term.textContent = name;
  description.textContent = value;
  element.append(term, description);
  return element;
}
