import type { SlotStats, SwitchTimes } from '../slot-stats.ts';

/** Measurements of a tile's picture at one moment. Counters start with the session. */
export interface TrackStats {
  width: number;
  height: number;
  /** Frames a second. */
  fps: number;
  bytes: number;
  packets: number;
  lost: number;
  decoded: number;
  dropped: number;
  /** Milliseconds that a frame waited before it was shown, all frames together, and how many they were. */
  buffered: number;
  emitted: number;
  /** Milliseconds. */
  roundTrip: number | undefined;
  /** The decoder's name, and whether it is a graphics processor's; undefined where the browser does not say. */
  decoder: string | undefined;
  powerEfficient: boolean | undefined;
}

export function readStats(report: RTCStatsReport): TrackStats | null {
  let stats: TrackStats | null = null;
  let roundTrip: number | undefined;
  for (const entry of report.values()) {
    if (entry.type === 'inbound-rtp' && entry.kind === 'video') {
      stats = {
        width: entry.frameWidth ?? 0,
        height: entry.frameHeight ?? 0,
        fps: entry.framesPerSecond ?? 0,
        bytes: entry.bytesReceived ?? 0,
        packets: entry.packetsReceived ?? 0,
        lost: entry.packetsLost ?? 0,
        decoded: entry.framesDecoded ?? 0,
        dropped: entry.framesDropped ?? 0,
        buffered: (entry.jitterBufferDelay ?? 0) * 1000,
        emitted: entry.jitterBufferEmittedCount ?? 0,
        roundTrip: undefined,
        decoder: entry.decoderImplementation,
        powerEfficient: entry.powerEfficientDecoder,
      };
    } else if (entry.type === 'candidate-pair' && entry.nominated && entry.currentRoundTripTime !== undefined) {
      roundTrip = entry.currentRoundTripTime * 1000;
    }
  }
  return stats && { ...stats, roundTrip };
}

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
    const { width, height, fps, dropped, roundTrip, decoder, powerEfficient } = stats;
    return {
      width,
      height,
      fps,
      dropped,
      roundTrip: roundTrip ?? null,
      decoder: decoder ?? null,
      powerEfficientDecoder: powerEfficient ?? null,
      bitrate: before && ((stats.bytes - before.bytes) * 8000) / Math.max(milliseconds, 1),
      loss: before && ratio(stats.lost - before.lost, stats.packets - before.packets),
      jitterBuffer: before && mean(stats.buffered - before.buffered, stats.emitted - before.emitted),
      lastSwitch,
      report,
    };
  }
}

function ratio(lost: number, received: number): number | null {
  return lost + received > 0 ? Math.max(lost, 0) / (lost + received) : null;
}

function mean(sum: number, count: number): number | null {
  return count > 0 ? sum / count : null;
}
