import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SoundPacer } from '../../src/cameras/sound-pacer.ts';

describe('the frames that a coder makes of one frame', () => {
  it('go out as far apart as they were picked up, and the latest at once', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    let now = 0;
    const out: [ticks: number, at: number][] = [];
    const pacer = new SoundPacer(
      ({ ticks }) => out.push([ticks, now]),
      () => now,
    );
    const pass = (milliseconds: number) => {
      for (let step = 0; step < milliseconds; step++) {
        now++;
        context.mock.timers.tick(1);
      }
    };
    // Three of 20 ms in each 60, picked up 100 ms before the last of them is there.
    for (let burst = 0; burst < 3; burst++) {
      now = Math.max(now, 200 + 60 * burst);
      for (const [index, late] of [140, 120, 100].entries()) {
        pacer.push({ ticks: 3 * burst + index, data: Buffer.alloc(0) }, now - late);
      }
      pass(60);
    }
    assert.deepEqual(
      out.map(([ticks]) => ticks),
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
    );
    const steps = out.slice(1).map(([, at], index) => at - (out[index]?.[1] ?? 0));
    assert.ok(
      steps.every((step) => Math.abs(step - 20) <= 1),
      steps.join(),
    );
    assert.equal(out[0]?.[1], 200);
  });
});
