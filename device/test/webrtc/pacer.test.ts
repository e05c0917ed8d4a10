import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import type { TimedPicture } from '../../src/sessions/outlet.ts';
import { type Lane, Pacer } from '../../src/webrtc/pacer.ts';

const picture = (name: number): TimedPicture => ({ data: Buffer.alloc(10_000, name), timestamp: name, keyframe: true });
const pictures = (count: number, from = 0) => Array.from({ length: count }, (_, index) => picture(from + index));

describe('what a pacer spreads', () => {
  let pacer: Pacer;
  let one: Lane;
  let other: Lane;
  let sent: number[];

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
    clock = mock.method(performance, 'now', () => now);
    now = 0;
    sent = [];
    pacer = new Pacer();
    const send = ({ timestamp }: TimedPicture) => sent.push(timestamp);
    one = pacer.lane(send);
    other = pacer.lane(send);
  });

  afterEach(() => {
    pacer.close();
    clock.mock.restore();
    mock.timers.reset();
  });

  let now: number;
  let clock: ReturnType<typeof mock.method>;
  function pass(milliseconds: number): void {
    for (const end = now + milliseconds; now < end; ) {
      now += 5;
      mock.timers.tick(5);
    }
  }

  it('is nothing where there is no limit: a GOP goes out at once, and what is live too', () => {
    one.replay(pictures(50));
    one.live(picture(50));
    assert.equal(sent.length, 51);
  });

  it('goes out at the rate that is set, after a burst that any queue takes', () => {
    pacer.rate = 4_000_000;
    one.replay(pictures(10));
    assert.deepEqual(sent, [0, 1]);
    // 10,000 bytes are 20 ms of it.
    pass(100);
    assert.ok(sent.length >= 6 && sent.length <= 8, String(sent));
    pass(100);
    assert.deepEqual(sent, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('keeps the order of its track, and holds up no other', () => {
    pacer.rate = 4_000_000;
    one.replay(pictures(5));
    one.live(picture(5));
    other.live(picture(100));
    assert.deepEqual(sent, [0, 1, 100]);
    pass(200);
    assert.deepEqual(sent, [0, 1, 100, 2, 3, 4, 5]);
  });

  it('takes turns between tracks', () => {
    pacer.rate = 4_000_000;
    one.replay(pictures(4));
    other.replay(pictures(4, 100));
    pass(500);
    assert.deepEqual(sent.slice(2), [2, 100, 3, 101, 102, 103]);
  });

  it('is dropped where the track begins anew, or rests', () => {
    pacer.rate = 4_000_000;
    one.replay(pictures(9));
    one.replay(pictures(3, 50));
    pass(200);
    one.replay(pictures(9, 70));
    one.clear();
    pass(500);
    assert.deepEqual(sent.slice(0, 5), [0, 1, 50, 51, 52]);
    assert.ok(sent.length <= 7, String(sent));
  });

  it('goes out at once when the limit is lifted', () => {
    pacer.rate = 1_000_000;
    one.replay(pictures(20));
    pacer.rate = Number.POSITIVE_INFINITY;
    pass(5);
    assert.equal(sent.length, 20);
  });
});
