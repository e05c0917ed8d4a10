import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RtpTimeline } from '../../src/sessions/rtp-timeline.ts';
import { units } from '../streams/units.ts';

type Unit = ReturnType<typeof units>[number];

/** A timeline and the clock it lives by, in milliseconds. */
function setup() {
  const clock = { now: 1000 };
  return { clock, timeline: new RtpTimeline(() => clock.now) };
}

const since = (older: number, newer: number) => (newer - older + 2 ** 32) % 2 ** 32;

function rises(stamps: readonly number[]): boolean {
  return stamps.every(
    (stamp, index) =>
      index === 0 ||
      (since(stamps[index - 1] as number, stamp) > 0 && since(stamps[index - 1] as number, stamp) < 2 ** 31),
  );
}

describe('the RTP timeline of a track', () => {
  it('squeezes a replayed GOP between the last picture and now', () => {
    const { clock, timeline } = setup();
    const [start] = timeline.replay(units(1)) as [number];
    clock.now += 40;
    const stamps = timeline.replay(units(50));
    assert.ok(rises([start, ...stamps]));
    assert.equal(since(start, stamps.at(-1) as number), 40 * 90);
  });

  it('puts replayed pictures half a millisecond apart where there is room for more', () => {
    const { clock, timeline } = setup();
    timeline.replay(units(1));
    clock.now += 10_000;
    const stamps = timeline.replay(units(3));
    assert.deepEqual(
      [since(stamps[0] as number, stamps[1] as number), since(stamps[1] as number, stamps[2] as number)],
      [45, 45],
    );
  });

  it('rises even when a long GOP follows at once', () => {
    const { timeline } = setup();
    const stamps = [...timeline.replay(units(250)), ...timeline.replay(units(250))];
    assert.ok(rises(stamps));
  });

  it("goes on in the stream's own time from the first picture after a replay", () => {
    const { clock, timeline } = setup();
    const stamps = timeline.replay(units(10));
    const [first, second] = units(2, 1, 10) as [Unit, Unit];
    // The replay came in the middle of an interval of 40 ms, and the second picture comes late.
    clock.now += 17;
    stamps.push(timeline.live(first));
    clock.now += 53;
    stamps.push(timeline.live(second));
    const [newest, ...live] = stamps.slice(-3) as [number, number, number];
    assert.deepEqual(
      live.map((stamp) => since(newest, stamp)),
      [17 * 90, (17 + 40) * 90],
    );
  });

  // A browser that holds pictures back for their sound learns the track's pace: where that was too fast, Chromium played too fast for half a minute.
  it('is as fast as the clock, however many switches follow each other', () => {
    const { clock, timeline } = setup();
    const [start] = timeline.replay(units(1)) as [number];
    const startedAt = clock.now;
    let newest = start;
    for (let nth = 0; nth < 10; nth++) {
      clock.now += 25;
      timeline.replay(units(50));
      clock.now += 5;
      newest = timeline.live(units(1, 1, 50)[0] as Unit);
    }
    assert.equal(since(start, newest), (clock.now - startedAt) * 90);
  });

  it('gives two pictures within a tick two timestamps', () => {
    const { clock, timeline } = setup();
    const [picture] = units(1) as [Unit];
    const stamps = timeline.replay([picture]);
    // In microseconds: a tick is eleven.
    for (let next = 1; next <= 20; next++) {
      clock.now += 0.004;
      stamps.push(timeline.live({ ...picture, timestamp: picture.timestamp + next * 4 }));
    }
    assert.ok(rises(stamps), String(stamps.map((stamp) => since(stamps[0] as number, stamp))));
  });

  it('takes up a stream anew whose clock jumps back or far ahead', () => {
    for (const first of [-1000, 100_000]) {
      const { clock, timeline } = setup();
      timeline.replay(units(9));
      const [before, next] = [...units(1, 1, 9), ...units(1, 1, first)] as [Unit, Unit];
      clock.now += 40;
      const stamp = timeline.live(before);
      clock.now += 40;
      assert.equal(since(stamp, timeline.live(next)), 40 * 90);
    }
  });

  it('stays within 32 bits', () => {
    const { clock, timeline } = setup();
    const stamps = [];
    for (let hour = 0; hour < 24; hour++) {
      clock.now += 3_600_000;
      stamps.push(...timeline.replay(units(2)));
    }
    assert.ok(stamps.every((stamp) => Number.isInteger(stamp) && stamp >= 0 && stamp < 2 ** 32));
  });
});
