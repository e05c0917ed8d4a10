import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Activity } from '../../src/streams/activity.ts';

/** Bytes of each picture, from 0 on; 25 pictures a second, and a key frame every two. */
type Sizes = (picture: number) => number;

interface Course {
  /** Pictures at which the stream became quiet. */
  quiet: number[];
  awake: number[];
  activity: Activity;
}

function watch(pictures: number, sizes: Sizes, { gop = 50, key = 60_000, rate = 25 } = {}): Course {
  const course: Course = { quiet: [], awake: [], activity: new Activity() };
  for (let picture = 0; picture < pictures; picture++) {
    const before = course.activity.isQuiet;
    const keyframe = picture % gop === 0;
    const data = Buffer.alloc(keyframe ? key : Math.round(sizes(picture)));
    course.activity.push({ keyframe, timestamp: picture * (1_000_000 / rate), data });
    if (course.activity.isQuiet !== before) {
      (before ? course.awake : course.quiet).push(picture);
    }
  }
  return course;
}

/** Between 0 and 1, nearly normally distributed around a half, and the same for the same picture. */
function noise(picture: number): number {
  const random = (salt: number) => ((Math.imul(picture + 1, 2_654_435_761) + salt * 40_503) >>> 8) % 4096;
  return (random(1) + random(7) + random(13) + random(29)) / (4 * 4096);
}

/** A scene in which nothing moves: 150 bytes, more or less. */
const still: Sizes = (picture) => 100 + 100 * noise(picture);
/** The same, with something else from one picture on to another. */
const between = (from: number, to: number, sizes: Sizes): Sizes => {
  return (picture) => (picture >= from && picture < to ? sizes(picture) : still(picture));
};

describe('the activity of a stream', () => {
  it('becomes quiet after some seconds in which nothing moves, and stays so', () => {
    const { quiet, awake } = watch(5000, still);
    assert.equal(quiet.length, 1);
    assert.ok((quiet[0] as number) < 250, `${quiet}`);
    assert.deepEqual(awake, []);
  });

  it('wakes with the first picture of a movement, and is quiet again some seconds after the last', () => {
    const { quiet, awake } = watch(
      1000,
      between(513, 600, () => 700),
    );
    assert.deepEqual(awake, [513]);
    assert.equal(quiet.length, 2);
    assert.ok((quiet[1] as number) >= 599 + 75 && (quiet[1] as number) < 599 + 90, `${quiet}`);
  });

  it('wakes within a second of a movement of which no picture stands out', () => {
    const { awake } = watch(
      1000,
      between(513, 700, (picture) => still(picture) + 90),
    );
    assert.equal(awake.length, 1);
    assert.ok((awake[0] as number) >= 513 && (awake[0] as number) < 538, `${awake}`);
  });

  it('takes a movement that was there from the beginning for no quiet scene', () => {
    const { quiet } = watch(1000, (picture) => 600 + 300 * Math.sin(picture / 9));
    assert.deepEqual(quiet, []);
  });

  it('is not woken by a clock in the picture, once it has seen it', () => {
    const clock: Sizes = (picture) => still(picture) + (picture % 25 === 7 ? 150 : 0);
    const { quiet, awake } = watch(3000, clock, { key: 120_000 });
    assert.deepEqual([quiet.length, awake], [1, []]);
    // Two digits change every ten seconds; the clock of the first minute wakes it once or twice.
    const digits: Sizes = (picture) => clock(picture) + (picture % 250 === 132 ? 300 : 0);
    const course = watch(15_000, digits, { key: 120_000 });
    assert.ok(course.awake.length > 0 && course.awake.length <= 3, `${course.awake}`);
    assert.equal(course.activity.isQuiet, true);
  });

  it('still wakes for a movement in a picture with a clock', () => {
    const clock: Sizes = (picture) => (picture % 25 === 7 ? 500 : 0);
    const { awake } = watch(1000, (picture) => between(513, 600, () => 1500)(picture) + clock(picture), {
      key: 180_000,
    });
    assert.deepEqual(awake, [513]);
  });

  it('is never quiet where noise would hide a person', () => {
    const { quiet } = watch(3000, (picture) => 4000 + 4000 * noise(picture));
    assert.deepEqual(quiet, []);
  });

  it('learns another noise anew when a stream has not been quiet for a while', () => {
    const { quiet, awake, activity } = watch(12_000, (picture) => (picture < 1010 ? 150 : 420) + 60 * noise(picture));
    assert.deepEqual([quiet.length, awake], [2, [1010]]);
    assert.equal(activity.isQuiet, true);
  });

  it('is quiet only while key frames come, none of them overdue or far apart', () => {
    assert.equal(watch(1000, still, { gop: 10_000 }).activity.isQuiet, false);
    assert.equal(watch(3000, still, { gop: 500 }).activity.isQuiet, false);
    const { activity } = watch(1000, still);
    for (let picture = 1000; picture < 1080; picture++) {
      activity.push({ keyframe: false, timestamp: picture * 40_000, data: Buffer.alloc(150) });
    }
    assert.equal(activity.isQuiet, false);
  });

  it('is never quiet where each picture is a key frame, since there is nothing to thin', () => {
    assert.equal(watch(1000, still, { gop: 1 }).activity.isQuiet, false);
  });

  it('tells how far apart key frames are, in whole seconds', () => {
    assert.equal(watch(1000, still).activity.keyframeMs, 2000);
    assert.equal(watch(1000, still, { gop: 60 }).activity.keyframeMs, 3000);
  });

  it('works at five pictures a second as well', () => {
    const { awake, quiet } = watch(
      400,
      between(203, 240, () => 700),
      { rate: 5, gop: 20 },
    );
    assert.deepEqual([quiet.length, awake], [2, [203]]);
  });

  it('bears any sizes and any times, and never is quiet within three seconds of a picture that is much larger', () => {
    const picture = fc.record({
      keyframe: fc.boolean(),
      bytes: fc.oneof(fc.nat(300), fc.nat(2000)),
      milliseconds: fc.oneof(fc.constant(40), fc.nat(20_000)),
    });
    fc.assert(
      fc.property(fc.array(picture, { maxLength: 400 }), (pictures) => {
        const activity = new Activity();
        let timestamp = 0;
        for (const { keyframe, bytes, milliseconds } of pictures) {
          timestamp += milliseconds * 1000;
          activity.push({ keyframe, timestamp, data: Buffer.alloc(keyframe ? 60_000 : bytes) });
        }
        const wasQuiet = activity.isQuiet;
        activity.push({ keyframe: false, timestamp: timestamp + 40_000, data: Buffer.alloc(40_000) });
        assert.ok(!(wasQuiet && activity.isQuiet));
      }),
      { numRuns: 300 },
    );
  });
});
