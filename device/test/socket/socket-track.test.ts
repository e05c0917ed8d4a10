import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { readPictureHeader } from '../../../src/protocol/picture-message.ts';
import { joinAnnexB } from '../../src/media/annex-b.ts';
import { FeedbackBudget } from '../../src/sessions/feedback-budget.ts';
import type { TimedPicture } from '../../src/sessions/outlet.ts';
import { SocketLink } from '../../src/socket/socket-link.ts';
import { SocketTrack } from '../../src/socket/socket-track.ts';

const format = { codec: 'H264', width: 640, height: 360 } as const;
const sps = Buffer.from('6742c01eda0280bfe5c04400000300040000030064', 'hex');
const pps = Buffer.from('68ce3c80', 'hex');

function key(timestamp: number, sets = [sps, pps]): TimedPicture {
  return { keyframe: true, timestamp, data: joinAnnexB([...sets, Buffer.from('6588843a', 'hex')]) };
}

function delta(timestamp: number, bytes = 4): TimedPicture {
  return { keyframe: false, timestamp, data: joinAnnexB([Buffer.alloc(bytes, 0x41)]) };
}

describe("a socket's track", () => {
  let sent: {
    kind: string;
    keyframe: boolean;
    more: boolean | undefined;
    timestamp: number;
    span: number | undefined;
    time: number | null;
    /** How long each picture in the fragment lasts. */
    durations: number[];
  }[];
  let pings: (() => void)[];
  let wanted: number;
  let dropped: number;
  let now: number;
  let track: SocketTrack;

  beforeEach(() => {
    sent = [];
    pings = [];
    wanted = dropped = 0;
    now = 0;
    const channel = {
      send: (parts: readonly Uint8Array[]) => {
        const message = Buffer.concat(parts);
        const header = readPictureHeader(Uint8Array.from(message).buffer);
        assert.equal(header?.slot, 7);
        const tfdt = message.indexOf('tfdt');
        const trun = message.indexOf('trun');
        sent.push({
          kind: header.kind,
          keyframe: header.keyframe,
          more: header.more,
          timestamp: header.timestamp,
          span: header.span,
          time: tfdt === -1 ? null : Number(message.readBigUInt64BE(tfdt + 8)),
          durations: Array.from({ length: trun === -1 ? 0 : message.readUInt32BE(trun + 8) }, (_, index) =>
            message.readUInt32BE(trun + 16 + 12 * index),
          ),
        });
      },
      ping: (arrived: () => void) => pings.push(arrived),
    };
    const link = new SocketLink(channel, { roundTrip: () => {}, drained: () => track.drained() }, () => now);
    track = new SocketTrack(
      { slot: 7, open: () => {}, wantsKeyframe: () => wanted++ },
      {
        link,
        movie: null,
        budget: new FeedbackBudget(),
        accepts: () => true,
        sent: () => {},
        dropped: (bytes) => {
          dropped += bytes;
        },
      },
      () => now,
    );
  });

  const kinds = () => sent.map(({ kind, keyframe }) => (kind === 'init' ? 'init' : keyframe ? 'key' : 'delta'));
  /** Fills what may be under way. */
  const clog = () => track.live(delta(90_000, 600_000));
  const arrive = () => {
    now += 20;
    for (let arrived = pings.shift(); arrived !== undefined; arrived = pings.shift()) {
      arrived();
    }
  };

  it('begins each GOP that is sent at once with an init segment, and goes on with pictures alone', () => {
    track.replay([key(0), delta(45)], format, false);
    track.live(delta(3600));
    track.live(key(7200));
    track.replay([key(10_000)], format, false);
    assert.deepEqual(kinds(), ['init', 'key', 'delta', 'key', 'init', 'key']);
  });

  it('sends a GOP so far in few messages, none of them long, and each live picture in one of its own', () => {
    track.replay(
      [key(0), ...[45, 90, 135, 180].map((timestamp) => delta(timestamp, 15_000)), delta(225)],
      format,
      false,
    );
    track.live(delta(3825));
    track.live(delta(7425));
    assert.deepEqual(
      sent.map(({ kind, keyframe, more, timestamp, span, durations }) => [
        kind,
        keyframe,
        more,
        timestamp,
        span,
        durations.length,
      ]),
      [
        ['init', true, false, 0, 0, 0],
        ['picture', true, true, 0, 90, 3],
        ['picture', false, false, 135, 90, 3],
        ['picture', false, false, 3825, 0, 1],
        ['picture', false, false, 7425, 0, 1],
      ],
    );
  });

  it('sends a picture that is longer than that alone, and no more in a message than the header can tell of', () => {
    track.replay([key(0), delta(45, 40_000), delta(90), delta(70_000), delta(130_000)], format, false);
    assert.deepEqual(
      sent.slice(1).map(({ timestamp, span, durations }) => [timestamp, span, durations.length]),
      [
        [0, 0, 1],
        [45, 0, 1],
        [90, 0, 1],
        [70_000, 60_000, 2],
      ],
    );
  });

  it('sends a new init segment with a key frame that has other parameter sets', () => {
    track.replay([key(0)], format, false);
    track.live(key(3600, [sps, Buffer.from('68ce3c81', 'hex')]));
    assert.deepEqual(kinds(), ['init', 'key', 'init', 'key']);
  });

  it('goes on rising where RTP timestamps begin anew', () => {
    track.replay([key(2 ** 32 - 3600)], format, false);
    track.live(delta(0));
    track.live(delta(3600));
    assert.deepEqual(
      sent.slice(1).map(({ time, timestamp }) => [time, timestamp]),
      [
        [2 ** 32 - 3600, 2 ** 32 - 3600],
        [2 ** 32, 0],
        [2 ** 32 + 3600, 3600],
      ],
    );
  });

  it('lets each picture last long enough for the next one to follow it without a key frame', () => {
    track.replay([key(0), delta(45), delta(90)], format, false);
    // A camera of one picture in three seconds has to begin with a key frame once.
    for (const timestamp of [90_000, 270_000, 540_000]) {
      track.live(delta(timestamp));
    }
    const times = sent.flatMap(({ time: first, durations }) => {
      let time = first ?? 0;
      return durations.map((duration) => {
        time += duration;
        return { time: time - duration, duration };
      });
    });
    for (const [index, { time }] of times.slice(1).entries()) {
      const before = times[index] as { time: number; duration: number };
      assert.ok(
        time - before.time <= 2 * before.duration,
        `${time - before.time} ticks after one of ${before.duration}`,
      );
    }
    assert.equal(times.length, 6);
  });

  it('lets a picture that a key frame follows last no longer than usual', () => {
    track.replay([key(0)], format, false);
    track.live({ ...key(360_000), isLast: true });
    track.live({ ...key(720_000), isLast: true });
    assert.deepEqual(sent.map(({ durations }) => durations).slice(1), [[90_000], [90_000], [90_000]]);
    assert.equal(wanted, 0);
  });

  it('asks for a key frame after a longer gap, since MediaSource would pass over what follows', () => {
    track.replay([key(0)], format, false);
    track.live(delta(900_000));
    track.live(delta(903_600));
    assert.deepEqual([kinds(), wanted], [['init', 'key'], 1]);
    track.replay([key(910_000), delta(913_600)], format, true);
    assert.deepEqual(kinds(), ['init', 'key', 'init', 'key']);
  });

  it('drops what a thin link has no room for up to the next key frame', () => {
    track.replay([key(0)], format, false);
    clog();
    track.live(delta(93_600));
    now = 600;
    track.live(delta(97_200));
    track.live(delta(100_800));
    assert.ok(dropped > 0);
    track.live(key(104_400));
    track.live(delta(108_000));
    arrive();
    assert.deepEqual(
      sent.map(({ timestamp }) => timestamp),
      [0, 0, 90_000, 104_400, 108_000],
    );
  });

  it('sends the newest key frame instead of the GOP before it, where both wait', () => {
    track.replay([key(0)], format, false);
    clog();
    track.live(delta(93_600));
    track.live(key(97_200));
    arrive();
    assert.deepEqual(
      sent.map(({ timestamp }) => timestamp),
      [0, 0, 90_000, 97_200],
    );
  });

  it('asks for a key frame when the link has room again', () => {
    track.replay([key(0)], format, false);
    clog();
    track.live(delta(93_600));
    now = 600;
    track.live(delta(97_200));
    assert.equal(wanted, 0);
    arrive();
    assert.ok(wanted > 0);
  });

  it('sends nothing that waits when it rests', () => {
    track.replay([key(0)], format, false);
    clog();
    track.live(delta(93_600));
    track.rest();
    arrive();
    assert.deepEqual(kinds(), ['init', 'key', 'delta']);
  });
});
