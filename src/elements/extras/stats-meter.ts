import type { SlotStats, SwitchTimes } from '../slot-stats.ts';
import { readStats, type TrackStats } from './stats.ts';

/** Makes rates of counters: what happened from one reading to the next. */
export class StatsMeter {
  #before: TrackStats | null = null;
  #beforeAt = 0;

  /** Null where there is no track. */
  read(report: RTCStatsReport | null, lastSwitch: SwitchTimes | null, now = performance.now()): SlotStats | null {
    const stats = report && readStats(report);
    // Counters of another session begin anew.
    const before = this.#before && stats && stats.bytes >= this.#before.bytes ? this.#before : null;
    const milliseconds = now - this.#beforeAt;
    this.#before = stats;
    this.#beforeAt = now;
    if (report === null || stats === null) {
      return null;
    }
    const { width, height, fps, dropped, roundTrip } = stats;
    return {
      width,
      height,
      fps,
      dropped,
      roundTrip: roundTrip ?? null,
      bitrate: before && ((stats.bytes - before.bytes) * 8000) / Math.max(milliseconds, 1),
      loss: before && part(stats.lost - before.lost, stats.packets - before.packets),
      jitterBuffer: before && mean(stats.buffered - before.buffered, stats.emitted - before.emitted),
      lastSwitch,
      report,
    };
  }
}

function part(lost: number, received: number): number | null {
  return lost + received > 0 ? Math.max(lost, 0) / (lost + received) : null;
}

function mean(sum: number, count: number): number | null {
  return count > 0 ? sum / count : null;
}
