import type { SlotSource } from '../../client/media.ts';
import type { SoundOutput } from '../../client/sound-output.ts';
import type { SlotStats } from '../slot-stats.ts';
import type { Strings } from '../strings.ts';

/** Stands for a value that is not known. */
const dash = '–';

type Row = readonly [name: string | undefined, value: string];

/** The sound of a tile that is heard. */
export interface HeardSound {
  /** As SDP names it; empty while it is not known, or the tile is not heard. */
  readonly codec: string;
  /** See `readLevel`. */
  readonly level: number | null;
}

/** The rows of the measured values. This file is loaded with the first panel, and imports nothing that others need as well. */
export function statsRows(
  stats: SlotStats | null,
  strings: Partial<Strings>,
  { codec, level }: HeardSound,
): readonly ('' | Row)[] {
  const { first, live } = stats?.lastSwitch ?? {};
  return [
    [strings.resolution, stats ? `${stats.width} × ${stats.height}` : dash],
    [strings.frameRate, round(stats?.fps, '/s')],
    [strings.bitrate, round(stats?.bitrate, ' kbit/s', 1 / 1000)],
    [strings.loss, round(stats?.loss, ' %', 100, 1)],
    [strings.roundTrip, round(stats?.roundTrip, ' ms')],
    [strings.jitterBuffer, round(stats?.jitterBuffer, ' ms')],
    // Only in a tile that is heard: a small tile has no room for more rows.
    codec && [strings.sound, `${codec}, ${level === null ? dash : `${minus(level)} dB`}`],
    (stats?.decoder ?? '') && [strings.decoder, stats?.decoder + (stats?.powerEfficientDecoder ? ' (GPU)' : '')],
    [strings.dropped, round(stats?.dropped)],
    [strings.lastSwitch, first === undefined ? dash : `${round(first)} / ${round(live, ' ms')}`],
  ];
}

function round(value: number | null | undefined, unit = '', factor = 1, digits = 0): string {
  return typeof value === 'number' ? (value * factor).toFixed(digits) + unit : dash;
}

/** A level as it is read: with the sign that numbers have, and no finer than it can be heard. */
function minus(level: number): string {
  return level <= quietest ? `< ${minus(quietest + 1)}` : level.toFixed().replace('-', '\u2212');
}

/** dB below which a sound is silence to a reader. */
const quietest = -61;
/** Samples that are looked at: two thirds of a second, between looks that are a second apart. */
const windowSize = 32_768;
const usualRate = 48_000;

/** Looks are a second apart; after this time (ms) without one, no panel is open any more. */
const patience = 3000;

let meter: LevelMeter | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * How loud a sound is, whichever way it came: the loudest sample of the last moments in dB of full scale, 0 at the most, -61 for
 * silence; null if there is none, or the browser does not let it be measured. The element's volume does not count.
 */
export async function readLevel(output: SoundOutput | null): Promise<number | null> {
  if (output === null) {
    return null;
  }
  const { track } = output;
  if ('attach' in track) {
    return decodeLevel(track);
  }
  clearTimeout(timer);
  timer = setTimeout(() => {
    meter?.close();
    meter = null;
  }, patience);
  meter ??= new LevelMeter();
  return meter.read(track);
}

/** Decodes what came over the WebSocket once more: Chromium's capture of an element now and then gives nothing but zeros. */
async function decodeLevel(track: SlotSource): Promise<number | null> {
  const file = await track.recent?.()?.arrayBuffer();
  try {
    const decoded = file && (await new OfflineAudioContext(1, 1, usualRate).decodeAudioData(file));
    return decoded ? levelOf(decoded.getChannelData(0).subarray(-windowSize)) : null;
  } catch {
    // This browser decodes no such file.
    return null;
  }
}

function levelOf(samples: Float32Array): number {
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  return Math.min(0, Math.max(quietest, 20 * Math.log10(peak)));
}

/** One meter is enough, since one tile of a wall is heard. */
class LevelMeter {
  readonly #context = new AudioContext();
  readonly #analyser = new AnalyserNode(this.#context, { fftSize: windowSize });
  readonly #samples = new Float32Array(windowSize);
  #track: MediaStreamTrack | null = null;
  #source: AudioNode | null = null;

  read(track: MediaStreamTrack): number | null {
    if (track !== this.#track) {
      this.#source?.disconnect();
      this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
      this.#source.connect(this.#analyser);
      this.#track = track;
    }
    if (this.#context.state === 'suspended') {
      // It may run as soon as the reader has clicked.
      this.#context.resume().catch(() => {});
    }
    if (this.#context.state !== 'running') {
      return null;
    }
    this.#analyser.getFloatTimeDomainData(this.#samples);
    return levelOf(this.#samples);
  }

  close(): void {
    this.#context.close().catch(() => {});
  }
}
