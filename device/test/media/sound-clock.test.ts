import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { durationOf } from '../../src/media/audio-duration.ts';
import type { AudioCodec, AudioFormat } from '../../src/media/audio-unit.ts';
import { SoundClock } from '../../src/media/sound-clock.ts';

const formatOf = (codec: AudioCodec, clockRate: number): AudioFormat => ({
  ...{ codec, clockRate, channels: 1, config: Buffer.alloc(0) },
});
const pcma = formatOf('PCMA', 8000);

describe('the clock of a sound', () => {
  let now: number;
  let clock: SoundClock;
  const unit = (ticks: number, bytes = 160) => ({ ticks, data: Buffer.alloc(bytes) });
  const come = (ticks: number, at: number) => {
    now = at;
    clock.take(unit(ticks));
    return clock.endOf(unit(ticks), pcma);
  };

  beforeEach(() => {
    clock = new SoundClock(pcma, () => now);
  });

  it('goes by the frames that are held up least', () => {
    assert.equal(come(0, 1000), 1000);
    assert.equal(come(160, 1010), 1010);
    assert.ok(Math.abs(come(320, 1090) - 1030) < 1);
  });

  it('begins anew where the count of the camera jumps', () => {
    come(0, 1000);
    assert.equal(come(8_000_000, 1020), 1020);
  });

  it('tells the same moment of what a coder has made of a frame', () => {
    come(1440, 1200);
    const opus = formatOf('OPUS', 48_000);
    // 20 ms that end where the frame ended.
    assert.equal(clock.endOf({ ticks: 8640, data: Buffer.from([0x78, 0]) }, opus), 1200);
  });

  it('knows that a frame of AAC is whole only with the next one, behind which its encoder has looked', () => {
    const aac = formatOf('AAC', 16_000);
    clock = new SoundClock(aac, () => now);
    now = 1000;
    clock.take(unit(0));
    assert.equal(clock.endOf(unit(0), aac), 1000 - 64 - 32);
  });
});

describe('how long a frame lasts', () => {
  for (const [bytes, samples] of [
    // The configurations and counts of RFC 6716 section 3.1.
    [[0x00], 480],
    [[0x18], 2880],
    [[0x61], 960],
    [[0x78], 960],
    [[0x83, 0x03], 360],
    [[0xf9], 1920],
  ] as const) {
    it(`is ${samples} samples for a packet of Opus that begins with ${bytes.map((byte) => byte.toString(16))}`, () => {
      assert.equal(durationOf(Buffer.from(bytes), formatOf('OPUS', 48_000)), samples);
    });
  }
});
