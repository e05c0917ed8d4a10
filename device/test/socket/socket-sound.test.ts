import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { readPictureHeader } from '../../../src/protocol/picture-message.ts';
import type { AudioFormat } from '../../src/media/audio-unit.ts';
import { SocketLink } from '../../src/socket/socket-link.ts';
import { SocketSound } from '../../src/socket/socket-sound.ts';

const aac: AudioFormat = { codec: 'AAC', clockRate: 16_000, channels: 1, config: Buffer.from('1408', 'hex') };
/** Milliseconds of a frame. */
const frame = 64;

describe("a socket's sound", () => {
  let sent: { kind: string; slot: number; time: number | null; samples: number }[];
  let room: boolean;
  let sound: SocketSound;
  let link: SocketLink;
  /** Ticks of 90 kHz by which the slot's time is ahead of the clock. */
  let ahead: number;

  beforeEach(() => {
    sent = [];
    room = true;
    ahead = 900_000;
    const channel = {
      send: (parts: readonly Uint8Array[]) => {
        const message = Buffer.concat(parts);
        const header = readPictureHeader(Uint8Array.from(message).buffer);
        const tfdt = message.indexOf('tfdt');
        const trun = message.indexOf('trun');
        sent.push({
          kind: header?.kind ?? '',
          slot: header?.slot ?? -1,
          time: tfdt === -1 ? null : Number(message.readBigUInt64BE(tfdt + 8)) / aac.clockRate,
          samples: trun === -1 ? 0 : message.readUInt32BE(trun + 8),
        });
      },
      ping: (arrived: () => void) => room && setImmediate(arrived),
    };
    link = new SocketLink(channel, { roundTrip: () => {}, drained: () => {} });
    sound = new SocketSound({
      link,
      movie: null,
      takes: () => true,
      timeIn: (slot, moment) => (slot === 4 ? moment * 90 + ahead : null),
      sent: () => {},
    });
    sound.restart(4);
  });

  /** Frames that the camera picked up one after the other, each held up by as much. */
  const play = (first: number, delays: number[]) => {
    for (const [index, delay] of delays.entries()) {
      const number = first + index;
      sound.send({ ticks: 5000 + number * 1024, data: Buffer.alloc(8) }, aac, (number + 1) * frame + delay);
    }
  };
  const seconds = () => sent.flatMap(({ time }) => time ?? []);
  const near = (actual: number | undefined, expected: number) =>
    assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 0.001, `${actual}, not ${expected}`);

  it('has the time of the pictures that its camera picked up at the same moment, as the least delayed frame tells it', () => {
    play(0, [40, 10, 30, 30]);
    assert.deepEqual(
      sent.map(({ kind, slot }) => [kind, slot]),
      [['sound-init', 4], ...Array(4).fill(['sound', 4])],
    );
    near(seconds()[0], ahead / 90_000 + 0.01);
    near((seconds()[3] as number) - (seconds()[0] as number), 3 * 0.064);
  });

  it('waits for the first picture of its slot', () => {
    sound.restart(5);
    play(0, [0, 0, 0, 0]);
    assert.deepEqual(sent, []);
  });

  it('begins a new run where the time of the slot was taken up anew', () => {
    play(0, Array(90).fill(0));
    ahead += 45_000;
    play(90, Array(130).fill(0));
    assert.equal(sent.filter(({ kind }) => kind === 'sound-init').length, 2);
    near(seconds().at(-1), ahead / 90_000 + 219 * 0.064);
  });

  it('is in step again within a few seconds, however long its frames are', () => {
    play(0, Array(5).fill(0));
    ahead += 45_000;
    play(5, Array(70).fill(0));
    near(seconds().at(-1), ahead / 90_000 + 74 * 0.064);
  });

  it('is sent or left out, whatever times and bytes a camera gives its frames', () => {
    const formats: AudioFormat[] = [
      aac,
      { codec: 'OPUS', clockRate: 48_000, channels: 2, config: Buffer.alloc(0) },
      { codec: 'OPUS', clockRate: 191_999, channels: 99, config: Buffer.alloc(0) },
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...formats),
        fc.nat(2 ** 31),
        fc.array(
          fc.tuple(fc.oneof(fc.constant(1024), fc.integer({ min: -200_000, max: 2_000_000 })), fc.uint8Array()),
          {
            minLength: 5,
            maxLength: 150,
          },
        ),
        (format, slotTime, steps) => {
          sound.restart(4);
          ahead = slotTime;
          let ticks = 0;
          let moment = 0;
          for (const [step, bytes] of steps) {
            ticks += step;
            moment += 20;
            sound.send({ ticks, data: Buffer.from(bytes) }, format, moment);
          }
        },
      ),
      { numRuns: 300, seed: 1 },
    );
    assert.ok(sent.some(({ kind }) => kind === 'sound'));
    assert.ok(seconds().every((time) => time >= 0));
  });

  it('sends all frames that have waited for room in one message, and begins anew where too many have', async () => {
    const fill = { sendNext: () => false };
    play(0, [0, 0]);
    const before = sent.length;
    link.send([new Uint8Array(20_000_000)]);
    play(2, Array(9).fill(0));
    assert.equal(sent.length, before + 1);
    room = true;
    await new Promise((resolve) => setTimeout(resolve, 150));
    link.join(fill);
    assert.deepEqual([sent.at(-1)?.kind, sent.at(-1)?.samples], ['sound', 9]);
    near(seconds().at(-1), ahead / 90_000 + 2 * 0.064);
  });
});
