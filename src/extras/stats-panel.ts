import type { SwitchTimes } from '../slot-view.ts';
import type { TrackStats } from './stats.ts';

/** The measured values of a tile, over its picture. */
export class StatsPanel {
  readonly element = document.createElement('div');
  #last: TrackStats | null = null;
  #lastAt = 0;

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
    this.#last = null;
  }

  show(stats: TrackStats | null, switched: SwitchTimes | null, now = performance.now()): void {
    const lines = stats ? this.#lines(stats, switched, now) : ['–'];
    this.element.replaceChildren(...lines.map(line));
    this.#last = stats;
    this.#lastAt = now;
  }

  #lines(stats: TrackStats, switched: SwitchTimes | null, now: number): string[] {
    const before = this.#last ?? stats;
    const kilobits = ((stats.bytes - before.bytes) * 8) / Math.max(now - this.#lastAt, 1);
    const emitted = stats.emitted - before.emitted;
    const lost = stats.lost - before.lost;
    const packets = stats.packets - before.packets + lost;
    const entries: [string, string | undefined][] = [
      ['', `${stats.width} × ${stats.height}`],
      ['fps', `${stats.fps}`],
      ['kbit/s', this.#last ? kilobits.toFixed(0) : undefined],
      ['loss %', packets > 0 ? ((100 * lost) / packets).toFixed(1) : undefined],
      ['dropped', `${stats.dropped}`],
      ['round trip ms', stats.roundTrip?.toFixed(0)],
      ['jitter buffer ms', emitted > 0 ? ((stats.buffered - before.buffered) / emitted).toFixed(0) : undefined],
      ['last switch ms', switched?.live.toFixed(0)],
    ];
    return entries.flatMap(([name, value]) => (value === undefined ? [] : `${value} ${name}`));
  }
}

function line(text: string): HTMLElement {
  const element = document.createElement('div');
  element.textContent = text;
  return element;
}
