import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { ApiClient } from './support/api-client.ts';
import { type Child, startChild } from './support/child-process.ts';
import { HeadlessViewer } from './support/headless-viewer.ts';

const rest = 'api: { listen: "127.0.0.1:0" }\nwebrtc: { listen: ":0" }\n';
const small = (video: string) => `ffmpeg:virtual?video=${video}&size=160x90&rate=25#video=h264`;
const streams = (entries: Record<string, string>) =>
  `streams:\n${Object.entries(entries)
    .map(([name, source]) => `  ${name}: ${source}\n`)
    .join('')}`;
const both = { a: small('testsrc'), 'a-90p': 'ffmpeg:a#video=h264#height=90', b: small('testsrc2') };

describe('a reload of the configuration', () => {
  let folder: string;
  let file: string;
  let child: Child;
  let url: string;
  let viewer: HeadlessViewer | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'multistream-reload-'));
  });

  after(() => rm(folder, { recursive: true }));

  beforeEach(() => {
    file = join(folder, 'cams.yaml');
    viewer = undefined;
  });

  afterEach(async () => {
    await viewer?.close();
    await child.end('SIGTERM');
  });

  async function start(yaml: string): Promise<void> {
    await writeFile(file, yaml);
    child = startChild(process.execPath, ['device/src/main.ts', '--config', file]);
    url = await child.says(/https?:\/\/[^\s"/]+/);
  }

  /** The log's line about it. */
  async function reload(yaml: string): Promise<Record<string, unknown>> {
    const before = child.stderr().length;
    await writeFile(file, yaml);
    process.kill(child.pid, 'SIGHUP');
    return logged(before, /configuration (applied|is not reloaded)/);
  }

  async function logged(from: number, pattern: RegExp): Promise<Record<string, unknown>> {
    for (;;) {
      const line = child
        .stderr()
        .slice(from)
        .split('\n')
        .slice(0, -1)
        .find((line) => pattern.test(line));
      if (line !== undefined) {
        return JSON.parse(line);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const list = async () => (await (await fetch(`${url}/api/streams`)).json()) as Record<string, { state: string }>;

  it('lets what is as it was play on, adds what is new, and tells who watches what is gone', async () => {
    await start(rest + streams(both));
    viewer = await HeadlessViewer.open(url, ['a', 'b']);
    await Promise.all([viewer.becomes(0, 'active'), viewer.becomes(1, 'active')]);
    const playing = viewer.statuses(0);
    const { added, changed, removed } = await reload(rest + streams({ a: both.a, c: small('gradients') }));
    assert.deepEqual({ added, changed, removed }, { added: ['c'], changed: [], removed: ['a-90p', 'b'] });
    const { stream, error } = await viewer.becomes(1, 'error');
    assert.deepEqual([stream, error], ['b', 'stream not found']);
    await viewer.receives(0);
    assert.equal(viewer.statuses(0).at(-1)?.status, 'active');
    assert.deepEqual(viewer.statuses(0), playing, 'nothing was said of the slot that plays on');
    assert.deepEqual(Object.keys(await list()), ['a', 'c']);
    viewer.send({ type: 'multistream/switch', slot: 1, stream: 'c' });
    await viewer.becomes(1, 'active', { stream: 'c' });
  });

  it('brings a changed stream and its variants to who watches them, whose pictures go on until the new ones are there', async () => {
    await start(rest + streams(both));
    viewer = await HeadlessViewer.open(url, ['a-90p', 'a']);
    await Promise.all([viewer.becomes(0, 'active'), viewer.becomes(1, 'active')]);
    const told = [viewer.statuses(0).length, viewer.statuses(1).length];
    const large = 'ffmpeg:virtual?video=mandelbrot&size=320x180&rate=25#video=h264';
    const { changed } = await reload(rest + streams({ ...both, a: large }));
    assert.deepEqual(changed, ['a', 'a-90p']);
    await viewer.becomes(1, 'active', { width: 320 });
    await viewer.receives(0);
    await viewer.receives(1);
    assert.deepEqual([viewer.statuses(0).length, viewer.statuses(1).length], [told[0], (told[1] ?? 0) + 1]);
    assert.deepEqual([viewer.received(0).gaps, viewer.received(1).gaps], [0, 0]);
  });

  it('keeps a stream that cannot be opened offline, with the reason, while the others play, until its source can be', async () => {
    const mixed = { a: both.a, door: 'tapo://password@127.0.0.1', small: 'ffmpeg:door#video=h264#height=90' };
    await start(rest + streams(mixed));
    viewer = await HeadlessViewer.open(url, ['a', 'door', 'small']);
    const reason = '"tapo:" sources are not available on this device';
    const offline = await Promise.all([viewer.becomes(1, 'offline'), viewer.becomes(2, 'offline')]);
    assert.deepEqual(
      offline.map(({ stream, error }) => [stream, error]),
      [
        ['door', reason],
        ['small', reason],
      ],
    );
    await viewer.becomes(0, 'active');
    const { door } = (await list()) as Record<string, { state: string; reason?: string; producers?: unknown }>;
    assert.deepEqual(
      [door?.state, door?.reason, door?.producers],
      ['offline', reason, [{ type: 'unsupported', url: 'unsupported:' }]],
    );
    assert.ok(!child.stderr().includes('password@'), 'the source is not repeated');
    assert.deepEqual((await reload(rest + streams(mixed))).changed, []);
    const { changed } = await reload(rest + streams({ ...mixed, door: small('testsrc2') }));
    assert.deepEqual(changed, ['door', 'small']);
    await Promise.all([viewer.becomes(1, 'active'), viewer.becomes(2, 'active')]);
    await viewer.receives(1);
    assert.deepEqual((await reload(rest + streams(mixed))).changed, ['door', 'small']);
    assert.equal((await viewer.becomes(1, 'offline')).error, reason);
  });

  it('changes nothing for a file with a mistake, and says where that is', async () => {
    await start(rest + streams(both));
    viewer = await HeadlessViewer.open(url, ['a']);
    await viewer.becomes(0, 'active');
    for (const [broken, says] of [
      [`${rest}streams: [`, 'cams.yaml:3: not valid YAML'],
      [`${rest}streams:\n  a: rstp://h/x`, 'cams.yaml:4: streams.a: unknown scheme'],
    ] as const) {
      const { error } = await reload(broken);
      assert.ok(String(error).includes(says), String(error));
    }
    await rm(file);
    process.kill(child.pid, 'SIGHUP');
    await logged(0, /cannot be read \(ENOENT\)/);
    await viewer.receives(0);
    assert.deepEqual(Object.keys(await list()), Object.keys(both));
  });

  it('says of an address that it counts from the next start on', async () => {
    await start(rest + streams(both));
    await reload(`api: { listen: "127.0.0.1:1" }\nwebrtc: { listen: ":0" }\n${streams(both)}`);
    assert.equal((await logged(0, /from the next start on/)).key, 'api.listen');
    assert.equal((await fetch(`${url}/api`)).status, 200);
  });

  it('sends away viewers who have other rights now, and keeps the others', async () => {
    const tokens = (list: string) =>
      `api: { listen: "127.0.0.1:0", tokens: [${list}] }\nwebrtc: { listen: ":0" }\n${streams(both)}`;
    await start(tokens('{token: keeps}, {token: goes}, {token: shrinks}'));
    const open = (token: string) => ApiClient.open(url, { query: `?token=${token}` });
    const [keeps, goes, shrinks] = await Promise.all([open('keeps'), open('goes'), open('shrinks')]);
    await reload(tokens('{token: keeps}, {token: shrinks, streams: [a]}, {token: comes}'));
    for (const client of [goes, shrinks]) {
      assert.equal((await client.closed)[0], 1008);
    }
    assert.equal((await keeps.ask({ type: 'multistream/keyframe', slot: 0 })).type, 'error');
    await assert.rejects(open('goes'), /401/);
    const comes = await open('comes');
    for (const client of [comes, keeps]) {
      client.close();
    }
  });

  it('happens by itself where the file is watched, also when it is replaced by another', async () => {
    await start(`watch: true\n${rest}${streams({ a: both.a })}`);
    await writeFile(file, `watch: true\n${rest}${streams({ a: both.a, b: both.b })}`);
    assert.deepEqual((await logged(0, /configuration applied/)).added, ['b']);
    const before = child.stderr().length;
    await writeFile(`${file}.new`, `watch: true\n${rest}${streams({ b: both.b })}`);
    await rename(`${file}.new`, file);
    assert.deepEqual((await logged(before, /configuration applied/)).removed, ['a']);
    assert.deepEqual(Object.keys(await list()), ['b']);
  });
});
