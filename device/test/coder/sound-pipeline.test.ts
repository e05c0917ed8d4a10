import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CoderReport } from '../../src/coder/messages.ts';
import { SoundPipeline } from '../../src/coder/sound-pipeline.ts';
import { UnitQueue } from '../../src/coder/unit-input.ts';
import type { AudioFormat, AudioUnit } from '../../src/media/audio-unit.ts';

const g711: AudioFormat = { codec: 'PCMU', clockRate: 8000, channels: 1, config: Buffer.alloc(0) };
/** AudioSpecificConfig of AAC-LC, 16 kHz, mono. */
const aac: AudioFormat = { codec: 'AAC', clockRate: 16_000, channels: 1, config: Buffer.from('1408', 'hex') };

/** The Opus that is made of frames, in order. */
async function encode(format: AudioFormat, frames: AudioUnit[]): Promise<AudioUnit[]> {
  const made: AudioUnit[] = [];
  const queue = new UnitQueue<AudioUnit>();
  const report = (message: CoderReport) => message.type === 'audio' && made.push(message.unit);
  const pipeline = await SoundPipeline.open(format, queue, report);
  for (const frame of frames) {
    queue.push(frame);
  }
  const running = pipeline.run(new AbortController().signal);
  // All that was pushed is taken before the end is.
  queue.end();
  await assert.rejects(running, /the units ended/);
  return made;
}

/** Frames of 20 ms of G.711, from this one on. */
const frames = (from: number, count: number): AudioUnit[] =>
  Array.from({ length: count }, (_, index) => ({ ticks: (from + index) * 160, data: Buffer.alloc(160, index) }));

describe('sound made into Opus', () => {
  it('is a packet for each 20 ms, in ticks of 48 kHz', async () => {
    const made = await encode(g711, frames(50, 25));
    assert.ok(made.length >= 22, `${made.length} packets`);
    const [first] = made as [AudioUnit];
    // The first one begins before the first sample, by as much as the encoder and the resampler look ahead.
    assert.ok(Math.abs(first.ticks - 50 * 960) < 960, `${first.ticks}`);
    assert.deepEqual(
      made.map(({ ticks }) => ticks - first.ticks),
      made.map((_, index) => index * 960),
    );
  });

  it('keeps its time over a gap', async () => {
    const made = await encode(g711, [...frames(0, 20), ...frames(120, 20)]);
    const last = made.at(-1) as AudioUnit;
    assert.ok(Math.abs(last.ticks - 139 * 960) < 3 * 960, `${last.ticks}`);
  });

  it('is not ended by frames that are no sound', async () => {
    const noise = Array.from({ length: 200 }, (_, index) => ({
      ticks: index * 1024,
      data: Buffer.from(Array.from({ length: 1 + ((index * 37) % 90) }, (_, at) => (index * 131 + at * 77) % 256)),
    }));
    await encode(aac, noise);
  });
});
