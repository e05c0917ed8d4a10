import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CoderReport } from '../../src/coder/messages.ts';
import { SoundPipeline } from '../../src/coder/sound-pipeline.ts';
import { UnitQueue } from '../../src/coder/unit-input.ts';
import { durationOf } from '../../src/media/audio-duration.ts';
import type { AudioFormat, AudioUnit } from '../../src/media/audio-unit.ts';
import { type EncodedSound, encodedFormat } from '../../src/media/encoded-sound.ts';

const g711: AudioFormat = { codec: 'PCMU', clockRate: 8000, channels: 1, config: Buffer.alloc(0) };
/** AudioSpecificConfig of AAC-LC, 16 kHz, mono. */
const aac: AudioFormat = { codec: 'AAC', clockRate: 16_000, channels: 1, config: Buffer.from('1408', 'hex') };

/** What is made of frames, in order. */
async function encode(
  format: AudioFormat,
  frames: readonly AudioUnit[],
  codec: EncodedSound = 'OPUS',
): Promise<AudioUnit[]> {
  const made: AudioUnit[] = [];
  const queue = new UnitQueue<AudioUnit>();
  const report = (message: CoderReport) => message.type === 'audio' && made.push(message.unit);
  const target = encodedFormat(codec, format);
  const pipeline = await SoundPipeline.open({ kind: 'sound', format, target }, queue, report);
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

describe('sound in another codec', () => {
  it('is a packet of Opus for each 20 ms, in ticks of 48 kHz', async () => {
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

  it('may become any codec of the configuration, and sound again of that', async () => {
    for (const codec of ['AAC', 'PCMA', 'PCMU'] as const) {
      const target = encodedFormat(codec, g711);
      const made = await encode(g711, frames(0, 100), codec);
      const last = made.at(-1) as AudioUnit;
      const seconds = (last.ticks + durationOf(last.data, target)) / target.clockRate;
      assert.ok(seconds > 1.6 && seconds <= 2, `${codec}: ${seconds} s`);
      assert.ok((await encode(target, made)).length > 75, codec);
    }
  });

  it('is as loud as L16 was, each sample of which has its higher byte first', async () => {
    const l16: AudioFormat = { codec: 'L16', clockRate: 8000, channels: 1, config: Buffer.alloc(0) };
    const tone = Array.from({ length: 50 }, (_, index) => {
      const data = Buffer.alloc(320);
      for (let at = 0; at < 160; at++) {
        data.writeInt16BE(Math.round(8000 * Math.sin((2 * Math.PI * (index * 160 + at)) / 8)), 2 * at);
      }
      return { ticks: index * 160, data };
    });
    assert.equal(durationOf(tone[0]?.data as Buffer, l16), 160);
    const made = await encode(l16, tone, 'PCMA');
    const magnitudes = made.slice(5, -5).flatMap(({ data }) => [...data].map(fromALaw).map(Math.abs));
    const loudest = magnitudes.reduce((most, one) => Math.max(most, one), 0);
    const mean = magnitudes.reduce((sum, one) => sum + one, 0) / magnitudes.length;
    assert.ok(Math.abs(loudest - 8000) < 500, `up to ${loudest}`);
    // A sine of eight samples, and not noise.
    assert.ok(Math.abs(mean / 8000 - (1 + Math.SQRT2) / 4) < 0.05, `${mean} on average`);
  });

  it('keeps its time where a frame of HE-AAC has twice the samples that it says', async () => {
    // AAC-LC of 16 kHz in a config of HE-AAC whose clock counts 32 kHz.
    const config = Buffer.from([0x2c, 0x0a, 0x88]);
    const he: AudioFormat = { codec: 'AAC', clockRate: 32_000, channels: 1, config };
    assert.equal(durationOf(Buffer.alloc(0), he), 2048);
    const core = await encode(g711, frames(0, 100), 'AAC');
    const format: AudioFormat = { ...he, config: Buffer.from([0x2c, 0x0a, 0x88]) };
    const made = await encode(
      format,
      core.map(({ data }, index) => ({ ticks: index * 2048, data })),
    );
    assert.deepEqual(
      made.slice(2).map(({ ticks }, index) => ticks - (made[index + 1] as AudioUnit).ticks),
      made.slice(2).map(() => 960),
    );
  });

  it('is not ended by frames that are no sound', async () => {
    const noise = Array.from({ length: 200 }, (_, index) => ({
      ticks: index * 1024,
      data: Buffer.from(Array.from({ length: 1 + ((index * 37) % 90) }, (_, at) => (index * 131 + at * 77) % 256)),
    }));
    await encode(aac, noise);
  });
});

/** A sample of 16 bits (ITU-T G.711). */
function fromALaw(byte: number): number {
  const bits = byte ^ 0x55;
  const exponent = (bits >> 4) & 7;
  const mantissa = ((bits & 15) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 256) << (exponent - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}
