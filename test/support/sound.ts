/** Listens to a page by Web Audio: which tones it hears, and when a beep begins. */

import type { SlotTrack } from '../../src/client/media.ts';

/** Hz; half of it to each side counts as the same tone. */
const step = 200;

export interface Meter {
  /** The tones that are heard within this time, in Hz; by default that of a beep, and of all that comes in the second after it began. */
  tones(milliseconds?: number): Promise<Set<number>>;
  /** Resolves at the beginning of the next beep, with its time as `performance.now()` has it. */
  nextBeep(): Promise<number>;
  close(): Promise<void>;
}

/** Elements that play by MediaSource: a page may listen to each in one context, once. Chromium's `captureStream` of them may stay mute. */
const listened = new WeakMap<HTMLMediaElement, AudioNode>();
let lasting: AudioContext | null = null;

/** Listens to an element, or to a track, for as long as the meter is open. */
export async function openMeter(of: SlotTrack | HTMLMediaElement): Promise<Meter> {
  const isElement = of instanceof HTMLMediaElement;
  lasting ??= isElement ? new AudioContext() : null;
  const context = isElement && lasting ? lasting : new AudioContext({ latencyHint: 'interactive' });
  await context.resume();
  const track = isElement ? null : of;
  const player = isElement ? of : new Audio();
  let source: AudioNode;
  if (track === null) {
    source = listened.get(player) ?? context.createMediaElementSource(player);
    listened.set(player, source);
    source.connect(context.destination);
  } else if ('attach' in track) {
    player.autoplay = true;
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
  const { sampleRate } = context;
  const past = new AnalyserNode(context, { fftSize: 32_768 });
  source.connect(past);
  const history = new Float32Array(past.fftSize);
  const pause = () => new Promise((resolve) => setTimeout(resolve, looking));
  /** When the last beep began that the page has heard, however late it looks. */
  const lastBeep = () => {
    const now = performance.now();
    past.getFloatTimeDomainData(history);
    const index = onsetIn(history, sampleRate);
    return index === null ? Number.NEGATIVE_INFINITY : now - ((history.length - index) * 1000) / sampleRate;
  };
  return {
    tones: async (milliseconds) => {
      const heard = new Map<number, number>();
      past.getFloatTimeDomainData(history);
      const onset = milliseconds === undefined ? onsetIn(history, sampleRate) : null;
      let seen = context.currentTime - (onset === null ? 0 : (history.length - onset) / sampleRate);
      for (const end = seen + (milliseconds ?? 1100) / 1000; seen < end; ) {
        await pause();
        past.getFloatTimeDomainData(history);
        const now = context.currentTime;
        const unseen = Math.min(Math.round((now - seen) * sampleRate), history.length);
        for (let at = history.length - unseen; at + piece <= history.length; at += piece) {
          const tone = toneOf(history.subarray(at, at + piece), sampleRate);
          if (tone !== null) {
            heard.set(tone, (heard.get(tone) ?? 0) + 1);
          }
        }
        seen = now;
      }
      // A beep begins and ends with a click, which is of no tone.
      const most = Math.max(...heard.values());
      return new Set([...heard].filter(([, times]) => times > most / 4).map(([tone]) => tone));
    },
    nextBeep: async () => {
      const asked = performance.now();
      let beep = lastBeep();
      while (beep < asked) {
        await pause();
        beep = lastBeep();
      }
      // A busy page hears late, now more and now less: the look at which it was least late tells best.
      for (let looks = 0; looks < 5; looks++) {
        await pause();
        const same = lastBeep();
        beep = same - beep < looking ? Math.min(same, beep) : beep;
      }
      return beep;
    },
    close: async () => {
      source.disconnect(past);
      if (track !== null) {
        player.srcObject = null;
        'attach' in track && track.detach(player);
        await context.close();
      }
    },
  };
}

/** Milliseconds between two looks at what was heard; a busy page may come later, and misses nothing of the last half second. */
const looking = 30;
/** Samples by which a tone is told: 11 ms at 48 kHz. */
const piece = 512;
/** Seconds of silence before a beep. */
const silence = 0.08;

/** Where the last beep begins in samples; null where none does. */
function onsetIn(samples: Float32Array, rate: number): number | null {
  let quiet = 0;
  let isSilent = false;
  let onset: number | null = null;
  // Not by an iterator, which would take the page's main thread.
  for (let index = 0; index < samples.length; index++) {
    const loudness = Math.abs(samples[index] as number);
    quiet = loudness < 0.02 ? quiet + 1 : 0;
    isSilent ||= quiet > silence * rate;
    if (isSilent && loudness > 0.1) {
      onset = index;
      isSilent = false;
    }
  }
  return onset;
}

/** The tone of samples in Hz; null where they are not loud throughout. */
function toneOf(samples: Float32Array, rate: number): number | null {
  let crossings = 0;
  let loudest = 0;
  for (let index = 1; index < samples.length; index++) {
    const [before, sample] = [samples[index - 1] as number, samples[index] as number];
    crossings += before < 0 !== sample < 0 ? 1 : 0;
    loudest = Math.max(loudest, Math.abs(sample));
    if (index % (piece / 4) === piece / 4 - 1) {
      if (loudest < 0.1) {
        return null;
      }
      loudest = 0;
    }
  }
  return Math.round((crossings / 2 / samples.length) * (rate / step)) * step;
}
