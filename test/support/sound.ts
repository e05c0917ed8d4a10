/** Listens to a page by Web Audio: which tones it hears, and when a beep begins. */

import type { SlotTrack } from '../../src/client/media.ts';

/** Hz; half of it to each side counts as the same tone. */
const step = 200;

export interface Meter {
  /** The tones that are heard within this time, in Hz. A camera of ours beeps once a second. */
  tones(milliseconds?: number): Promise<Set<number>>;
  /** Resolves at the beginning of the next beep, with its time as `performance.now()` has it. */
  nextBeep(): Promise<number>;
  close(): Promise<void>;
}

/** Listens to a track for as long as the meter is open. */
export async function openMeter(track: SlotTrack): Promise<Meter> {
  const context = new AudioContext({ latencyHint: 'interactive' });
  await context.resume();
  const player = new Audio();
  player.autoplay = true;
  let source: AudioNode;
  if ('attach' in track) {
    source = context.createMediaElementSource(player);
    track.attach(player);
  } else {
    const stream = new MediaStream([track]);
    // Chromium decodes a remote track only for an element that plays it.
    player.srcObject = stream;
    player.muted = true;
    await player.play();
    source = context.createMediaStreamSource(stream);
  }
  const analyser = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0 });
  source.connect(analyser);
  const bins = new Float32Array(analyser.frequencyBinCount);
  const samples = new Float32Array(256);
  const pause = () => new Promise((resolve) => setTimeout(resolve, 4));
  const level = () => {
    analyser.getFloatTimeDomainData(samples);
    return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  };
  return {
    tones: async (milliseconds = 2200) => {
      const heard = new Map<number, number>();
      for (const end = performance.now() + milliseconds; performance.now() < end; await pause()) {
        analyser.getFloatFrequencyData(bins);
        const loudest = bins.indexOf(bins.reduce((most, bin) => Math.max(most, bin)));
        if (level() > 0.1) {
          const tone = Math.round((loudest * context.sampleRate) / analyser.fftSize / step) * step;
          heard.set(tone, (heard.get(tone) ?? 0) + 1);
        }
      }
      // A beep begins and ends with a click, which is of no tone.
      const most = Math.max(...heard.values());
      return new Set([...heard].filter(([, times]) => times > most / 4).map(([tone]) => tone));
    },
    nextBeep: async () => {
      for (let silent = 0; silent < 20; await pause()) {
        silent = level() < 0.02 ? silent + 1 : 0;
      }
      while (level() < 0.1) {
        await pause();
      }
      return performance.now();
    },
    close: async () => {
      player.srcObject = null;
      'attach' in track && track.detach(player);
      await context.close();
    },
  };
}
