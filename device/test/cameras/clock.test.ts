import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { pino } from 'pino';
import { parseConfig } from '../../src/config/config.ts';
import { Lineup } from '../../src/lineup.ts';
import type { AccessUnit } from '../../src/media/access-unit.ts';
import type { Stream } from '../../src/streams/stream.ts';
import { splitPictures } from '../support/nal-units.ts';
import { record } from '../support/recordings.ts';
import { startScriptedCamera } from '../support/scripted-camera.ts';

const second = 90_000;
/** The RTP timestamp of a picture at 25 pictures a second. */
const regular = (picture: number) => (picture * second) / 25;

/** Cameras whose timestamps are not what they should be; the tests measure by their own clock. */
describe('a camera whose clock', () => {
  let pictures: Buffer[];
  const closing: (() => unknown)[] = [];

  before(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'multistream-clock-'));
    const file = join(folder, 'plain.h264');
    await record(file, { encoder: 'libx264', options: { preset: 'ultrafast', tune: 'zerolatency' } });
    pictures = splitPictures(await readFile(file));
    await rm(folder, { recursive: true });
  });

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) {
      await close();
    }
  });

  after(() => assert.equal(closing.length, 0));

  /** So many pictures of the camera and of a variant of it, and what the log says of them. */
  async function watch(timestamp: (picture: number) => number, count: number) {
    const camera = await startScriptedCamera({ pictures, timestamp });
    closing.push(() => camera.close());
    const streams = { one: camera.url, 'one-90p': 'ffmpeg:one#video=h264#height=90' };
    const log: string[] = [];
    const lineup = new Lineup(
      parseConfig(JSON.stringify({ streams }), 'test.yaml'),
      pino({}, { write: (line: string) => log.push(line) }),
    );
    closing.push(() => lineup.close());
    const seen = Object.keys(streams).map(
      (name) =>
        new Promise<AccessUnit[]>((resolve) => {
          const units: AccessUnit[] = [];
          (lineup.streams.get(name) as Stream).read({
            unit: (unit) => {
              units.push(unit);
              if (units.length === count) {
                resolve(units);
              }
            },
            changed: () => {},
          });
        }),
    );
    const [own, variant] = (await Promise.all(seen)) as [AccessUnit[], AccessUnit[]];
    return { own, variant, log: log.join('') };
  }

  for (const [does, timestamp] of [
    ['jumps an hour ahead', (picture) => regular(picture) + (picture < 45 ? 0 : 3600 * second)],
    ['jumps two seconds back', (picture) => regular(picture) + (picture < 45 ? 2 * second : 0)],
    ['stands still', () => 1000],
    ['counts every other picture', (picture) => regular(picture - (picture % 2))],
    ['begins again at 0 after 32 bits', (picture) => regular(picture) + 2 ** 32 - 2 * second],
  ] as [string, (picture: number) => number][]) {
    it(`${does} is passed on as it comes, and its variants go on with it`, async () => {
      const { own, variant, log } = await watch(timestamp, 60);
      assert.doesNotMatch(log, /transcoded/);
      for (const units of [own, variant]) {
        const steps = units
          .slice(1)
          .map((unit, index) => (unit.timestamp - (units[index] as AccessUnit).timestamp) / 1000);
        assert.ok(
          steps.every((step) => step > 0 && step < 1000),
          `milliseconds between pictures: ${steps.join(' ')}`,
        );
      }
    });
  }
});
