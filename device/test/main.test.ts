import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { allProcesses, childrenOf } from './support/child-ids.ts';
import { startChild } from './support/child-process.ts';
import { startCameras, startDevice } from './support/processes.ts';
import { until } from './support/until.ts';

const anyPort = 'api: { listen: "127.0.0.1:0" }\nwebrtc: { listen: ":0" }\n';

describe('the program', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'multistream-main-'));
  });

  after(() => rm(folder, { recursive: true }));

  /** Runs it on a file that it should refuse. */
  async function refusal(yaml: string): Promise<{ code: number | null; stderr: string }> {
    const file = join(folder, 'cams.yaml');
    await writeFile(file, yaml);
    const child = startChild(process.execPath, ['device/src/main.ts', '--config', file]);
    const { code } = await child.exited;
    return { code, stderr: child.stderr() };
  }

  it('ends with 1 and one line on a bad file: the file, the line, what is allowed', async () => {
    for (const [yaml, line, says] of [
      ['api: [', 1, 'not valid YAML'],
      ['streams:\n  a: rstp://h/x', 2, 'allowed: rtsp://'],
      ['streams: {}\nstrems: {}', 2, 'allowed: api, webrtc, multistream, streams'],
    ] as const) {
      const { code, stderr } = await refusal(yaml);
      assert.equal(code, 1);
      assert.match(stderr.trimEnd(), new RegExp(`^\\S*cams\\.yaml:${line}: [^\\n]*$`));
      assert.ok(stderr.includes(says), stderr);
    }
  });

  it('ends with 1 and one line when the port of the API is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    try {
      const { port } = other.address() as AddressInfo;
      const { code, stderr } = await refusal(`webrtc: { listen: ":0" }\napi:\n  listen: "127.0.0.1:${port}"`);
      assert.equal(code, 1);
      assert.match(
        stderr.trimEnd(),
        new RegExp(`^\\S*cams\\.yaml:3: api\\.listen: port ${port} is in use; allowed: [^\\n]*$`),
      );
    } finally {
      other.close();
    }
  });

  it('ends with 1 and one line when the UDP port is in use', async () => {
    const other = createSocket('udp4').bind(0);
    await new Promise((resolve) => other.once('listening', resolve));
    try {
      const { port } = other.address();
      const { code, stderr } = await refusal(`api: { listen: "127.0.0.1:0" }\nwebrtc: { listen: ":${port}" }`);
      assert.equal(code, 1);
      assert.match(
        stderr.trimEnd(),
        new RegExp(`^\\S*cams\\.yaml:2: webrtc\\.listen: port ${port} is in use; allowed: [^\\n]*$`),
      );
    } finally {
      other.close();
    }
  });

  it('ends with 1 and the reason for an address that cannot be had, and calls only a used port used', async () => {
    for (const [yaml, says] of [
      [
        'api: { listen: "192.0.2.1:0" }\nwebrtc: { listen: ":0" }',
        /api\.listen: this machine does not have the address/,
      ],
      ['webrtc: { listen: "192.0.2.1:28555" }', /webrtc\.listen: this machine does not have the address/],
    ] as const) {
      const { code, stderr } = await refusal(yaml);
      assert.equal(code, 1);
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /free port|in use/);
    }
  });

  it('starts on IPv4 alone on a machine without IPv6, and says so of an IPv6 address', async () => {
    const withoutIPv6 = ['/usr/bin/python3', 'device/test/support/without-ipv6.py'];
    const iceServers = '[{ urls: "turn:192.0.2.1?transport=tcp", username: a, credential: b }]';
    const device = await startDevice(
      `api: { listen: ":0" }\nwebrtc: { listen: ":${await freeUdpPort()}", ice_servers: ${iceServers} }`,
      withoutIPv6,
    );
    try {
      assert.equal((await fetch(`${device.url.replace('localhost', '127.0.0.1')}/healthz`)).status, 200);
      assert.doesNotMatch(device.stderr(), /cannot be had/);
    } finally {
      await device.stop();
    }
    await assert.rejects(startDevice('api: { listen: "[::1]:0" }\nwebrtc: { listen: ":0" }', withoutIPv6), (error) => {
      assert.match((error as Error).message, /api\.listen: this machine has no IPv6; allowed: an IPv4 address/);
      return true;
    });
  });

  it('ends with 0 within 3 s of SIGTERM and of SIGINT, and leaves no child', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const file = join(folder, 'own.yaml');
      await writeFile(
        file,
        `${anyPort}streams:\n  a: ffmpeg:virtual?video=testsrc&size=360#video=h264\n  b: ffmpeg:rtsp://192.0.2.1/never`,
      );
      const child = startChild(process.execPath, ['device/src/main.ts', '--config', file]);
      const url = await child.says(/http:\/\/\S+/);
      const socket = new WebSocket(`${url.replace('http', 'ws')}api/ws`);
      await new Promise((resolve) => socket.once('open', resolve));
      const slots = [
        { slot: 0, stream: 'a' },
        { slot: 1, stream: 'b' },
      ];
      socket.send(JSON.stringify({ type: 'multistream/init', slots }));
      await new Promise((resolve) => socket.once('message', resolve));
      const children = await childrenOf(child.pid);
      assert.equal(children.length, 2);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      const { code, milliseconds } = await child.end(signal);
      await closed;
      assert.equal(code, 0);
      assert.ok(milliseconds < 3000, `${milliseconds} ms`);
      assert.deepEqual(
        (await allProcesses()).filter((pid) => children.includes(pid)),
        [],
      );
    }
  });

  it('answers garbage on the WebSocket with an error, and lives on', async () => {
    const device = await startDevice(anyPort);
    try {
      const socket = new WebSocket(`${device.url.replace('http', 'ws')}/api/ws`);
      await new Promise((resolve) => socket.once('open', resolve));
      const ask = async (data: string | Buffer) => {
        const answer = new Promise((resolve) => socket.once('message', (text) => resolve(JSON.parse(String(text)))));
        socket.send(data);
        return (await answer) as { type: string; value: string; request_id?: string };
      };
      for (const [garbage, says] of [
        ['{', 'not JSON'],
        ['[1, 2]', 'JSON object'],
        ['{"slot": 3}', 'with a type'],
        [Buffer.from([1, 2, 3]), 'binary'],
        ['{"type": "multistream/init", "slots": "all"}', 'multistream/init: slots is a list'],
        ['{"type": "multistream/init", "slots": []}', 'multistream/init: no slots requested'],
        [
          '{"type": "multistream/init", "slots": [{"slot": -1, "stream": "a"}]}',
          'multistream/init: invalid slot index',
        ],
        ['{"type": "multistream/switch", "slot": 0, "stream": "a"}', 'multistream/switch: no active session'],
        ['{"type": "multistream/offer", "sdp": "v=0"}', 'multistream/offer: session not initialized'],
      ] as const) {
        const { type, value } = await ask(garbage);
        assert.equal(type, 'error');
        assert.ok(value.includes(says), value);
      }
      const ready = await ask('{"type": "multistream/init", "request_id": "1", "slots": [{"slot": 0, "stream": "a"}]}');
      assert.deepEqual(ready, { type: 'multistream/ready', slots: 1, max_slots: 9, audio: true, request_id: '1' });
      const again = await ask('{"type": "multistream/init", "request_id": "2", "slots": [{"slot": 0, "stream": "a"}]}');
      assert.deepEqual(again, {
        type: 'error',
        value: 'multistream/init: session already initialized',
        code: 'session-exists',
        request_id: '2',
      });
      const offer = await ask('{"type": "multistream/offer", "request_id": "3", "sdp": "garbage"}');
      assert.equal(offer.type, 'error');
      assert.ok(offer.value.startsWith('multistream/offer: '), offer.value);
      socket.terminate();
    } finally {
      await device.stop();
    }
  });

  it('lets a page of another origin open the API only where the configuration names it', async () => {
    const device = await startDevice(
      `api: { listen: "127.0.0.1:0", origin: ["https://wall.example"] }\nwebrtc: { listen: ":0" }`,
    );
    try {
      const open = (origin: string) =>
        new Promise((resolve) => {
          const socket = new WebSocket(`${device.url.replace('http', 'ws')}/api/ws`, { origin });
          socket.once('open', () => {
            resolve('open');
            socket.terminate();
          });
          socket.once('error', ({ message }) => resolve(message));
        });
      assert.equal(await open('https://wall.example'), 'open');
      assert.equal(await open(device.url), 'open');
      assert.match(String(await open('https://other.example')), /403/);
      assert.match(String(await open('null')), /403/);
    } finally {
      await device.stop();
    }
  });

  it('lists its streams without the secrets of their addresses', async () => {
    const device = await startDevice(
      `${anyPort}streams:\n  a: rtsp://user:secret@192.0.2.1:8554/secret?key=secret\n  a-360p: ffmpeg:a#video=h264#height=360`,
    );
    try {
      const text = await (await fetch(`${device.url}/api/streams`)).text();
      assert.ok(!text.includes('secret'));
      const streams = JSON.parse(text);
      assert.deepEqual(Object.keys(streams), ['a', 'a-360p']);
      assert.deepEqual(streams.a, {
        producers: [{ type: 'rtsp', url: 'rtsp://192.0.2.1:8554/' }],
        consumers: [],
        state: 'idle',
        viewers: 0,
        variants: ['a-360p'],
      });
    } finally {
      await device.stop();
    }
  });
});

describe("a camera's process", () => {
  it('is replaced when it is killed, and its camera is back', async () => {
    const cameras = await startCameras([
      { name: 'one', color: [200, 40, 40], width: 320, height: 180, rate: 25, gop: 25 },
    ]);
    const device = await startDevice(`${anyPort}streams:\n  one: ffmpeg:${cameras.urls.one}`);
    try {
      const state = async () =>
        ((await (await fetch(`${device.url}/api/streams`)).json()) as { one: { state: string } }).one.state;
      const becomes = (wanted: string) => until(async () => (await state()) === wanted);
      const socket = new WebSocket(`${device.url.replace('http', 'ws')}/api/ws`);
      await new Promise((resolve) => socket.once('open', resolve));
      socket.send(JSON.stringify({ type: 'multistream/init', slots: [{ slot: 0, stream: 'one' }] }));
      await becomes('live');
      const [child] = (await childrenOf(device.pid)) as [number];
      process.kill(child, 'SIGKILL');
      await becomes('offline');
      await becomes('live');
      const [replacement] = (await childrenOf(device.pid)) as [number];
      assert.notEqual(replacement, child);
      socket.terminate();
    } finally {
      await device.stop();
      await cameras.stop();
    }
  });
});

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0);
  await new Promise((resolve) => socket.once('listening', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return port;
}
