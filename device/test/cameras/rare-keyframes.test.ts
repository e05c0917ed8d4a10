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
import { Changes } from '../support/changes.ts';
import { nalUnitsOf, splitPictures } from '../support/nal-units.ts';
import { record } from '../support/recordings.ts';
import { startScriptedCamera } from '../support/scripted-camera.ts';

/** "Smart" codecs send a key frame a minute, or fewer. */
describe('cameras with few key frames', () => {
  let folder: string;
  /** One key frame, and a thousand pictures that need it. */
  let pictures: Buffer[];
  const closers: (() => unknown)[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'multistream-rare-'));
    const file = join(folder, 'rare.h264');
    const options = { preset: 'ultrafast', tune: 'zerolatency' };
    await record(file, { encoder: 'libx264', options, width: 64, height: 64, seconds: 40.04, gop: 2000 });
    pictures = splitPictures(await readFile(file));
  });

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) {
      await close();
    }
  });

  after(() => rm(folder, { recursive: true }));

  async function camera(list: readonly Buffer[], rate: number, sdp = ''): Promise<string> {
    const running = await startScriptedCamera({ pictures: list, rate, sdp });
    closers.push(() => running.close());
    return running.url;
  }

  function start(sources: Record<string, string>): Lineup {
    const lineup = new Lineup(parseConfig(JSON.stringify({ streams: sources }), 'test.yaml'), pino({ enabled: false }));
    closers.push(() => lineup.close());
    return lineup;
  }

  function read(lineup: Lineup, name: string) {
    const units: AccessUnit[] = [];
    const changes = new Changes();
    const reader = {
      unit: (unit: AccessUnit) => {
        units.push(unit);
        changes.wake();
      },
      changed: changes.wake,
    };
    const reading = (lineup.streams.get(name) as Stream).read(reader);
    const until = (condition: () => boolean) =>
      changes.until(() => {
        assert.notEqual(reading.state, 'offline', reading.reason);
        return condition();
      });
    return { reading, units, until };
  }

  it('wait for one without being given up, say so, and hold up no other camera', async () => {
    // Eight seconds without a key frame; longer than a camera may be silent.
    const late = [...pictures.slice(1, 200), pictures[0] as Buffer, ...pictures.slice(1, 50)];
    const sources: Record<string, string> = { normal: await camera(pictures.slice(0, 10), 25) };
    const names = ['a', 'b', 'c', 'd'];
    const sets = nalUnitsOf(pictures[0] as Buffer).filter((unit) => [7, 8].includes((unit[0] ?? 0) & 0x1f));
    const parameters = `a=fmtp:96 packetization-mode=1;sprop-parameter-sets=${sets.map((set) => set.toString('base64')).join(',')}\r\n`;
    for (const [index, name] of names.entries()) {
      // Half of them say their parameter sets beforehand.
      sources[name] = await camera(late, 25, index % 2 === 0 ? parameters : '');
    }
    const lineup = start(sources);
    const rare = names.map((name) => read(lineup, name));
    const normal = read(lineup, 'normal');
    await Promise.all(rare.map(({ reading, until }) => until(() => reading.waitsForKeyframe)));
    await normal.until(() => normal.units.length > 0);
    assert.deepEqual(
      rare.map(({ units, reading }) => [units.length, reading.state]),
      names.map(() => [0, 'starting']),
    );
    await Promise.all(rare.map(({ units, until }) => until(() => units.length > 0)));
    assert.ok(rare.every(({ units }) => units[0]?.keyframe));
  });

  it('play on when a GOP is too long to be kept', async () => {
    const { units, until } = read(start({ one: await camera(pictures, 200) }), 'one');
    await until(() => units.length > 900);
    assert.deepEqual(
      units.slice(0, 900).map(({ keyframe }) => keyframe),
      units.slice(0, 900).map((_, index) => index === 0),
    );
    const steps = units.slice(1, 900).map(({ timestamp }, index) => timestamp - (units[index]?.timestamp ?? 0));
    assert.ok(Math.max(...steps) < 10_000, 'no picture is missing');
  });
});
