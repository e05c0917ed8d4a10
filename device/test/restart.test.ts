import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Silence } from '../src/silence.ts';
import { restartDelay } from '../src/supervisor.ts';
import { openBrowser } from './support/browser.ts';
import { allProcesses, childrenOf } from './support/child-ids.ts';
import { type Child, startChild } from './support/child-process.ts';
import { freePort } from './support/free-port.ts';

describe('a device that is started to run for good', () => {
  let folder: string;
  let config: string;
  let url: string;
  let streams: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'multistream-restart-'));
    config = join(folder, 'cams.yaml');
    const [api, webrtc] = [await freePort('tcp'), await freePort('tcp')];
    url = `http://127.0.0.1:${api}`;
    streams = `
api: { listen: "127.0.0.1:${api}" }
webrtc: { listen: "127.0.0.1:${webrtc}" }
streams: { a: "ffmpeg:virtual?video=testsrc&size=160x90#video=h264" }
`;
    await writeFile(config, streams);
  });

  after(() => rm(folder, { recursive: true }));

  const hang = ['--import', './device/test/support/hang.ts'];
  /** In seconds; where a test does not hang the device, a full machine must not seem to. */
  const quickWatchdog = ['--watchdog', '1'];

  async function start(...more: string[]): Promise<{ parent: Child; device(): Promise<number> }> {
    const parent = startChild(process.execPath, [...hang, 'device/src/start.ts', '--config', config, ...more]);
    await parent.says(/http:\/\/\S+/);
    return { parent, device: async () => (await childrenOf(parent.pid))[0] as number };
  }

  /** Until a camera's picture comes out of the device: a poster, which needs the API, a camera and a key frame. */
  async function shows(): Promise<void> {
    while (!(await fetch(`${url}/api/frame.jpeg?src=a`).catch(() => null))?.ok) {
      await tick();
    }
  }

  /** The state of a stream as the API tells it; undefined while there is no API. */
  async function stateOf(stream: string): Promise<string | undefined> {
    const answer = await fetch(`${url}/api/streams?src=${stream}`).catch(() => null);
    return ((await answer?.json().catch(() => null)) as { state?: string } | null | undefined)?.state;
  }

  it('is ended and started again when it hangs, and is on walls within two seconds of its end', async () => {
    const begin = performance.now();
    const { parent, device } = await start(...quickWatchdog);
    const firstStart = performance.now() - begin;
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${url}/?tiles=1`);
      await page.evaluate(nextFrame);
      // The device tells its supervisor four times a second what is watched.
      await new Promise((resolve) => setTimeout(resolve, 400));
      const hung = await device();
      process.kill(hung, 'SIGUSR2');
      await parent.logs(/ended with SIGKILL and is started again in 0 s/, 60_000);
      const ended = performance.now();
      await page.evaluate(nextFrame);
      const milliseconds = performance.now() - ended;
      assert.match(parent.stderr(), /"level":60.*"seconds":1.*the device hangs and ends itself/);
      // Two seconds, where the first start took the half second of a quiet machine; else the machine is that much slower.
      const longest = 2000 * Math.max(1, firstStart / 500);
      assert.ok(milliseconds < longest, `${milliseconds} ms, where the first start took ${firstStart} ms`);
    } finally {
      await browser.close();
      await parent.end('SIGTERM');
    }
  });

  it('opens the cameras that were watched when it crashed, before their viewers are back', async () => {
    const { parent, device } = await start();
    try {
      const viewer = await fetch(`${url}/api/stream.mp4?src=a`);
      const reader = (viewer.body as ReadableStream<Uint8Array>).getReader();
      const watchedFor = async (milliseconds: number) => {
        const end = performance.now() + milliseconds;
        while (performance.now() < end) {
          await reader.read();
        }
      };
      // The device tells its supervisor four times a second what is watched.
      await watchedFor(400);
      process.kill(await device(), 'SIGKILL');
      await parent.logs(/ended with SIGKILL/);
      while ((await stateOf('a')) !== 'live') {
        await tick();
      }
    } finally {
      await parent.end('SIGTERM');
    }
  });

  it('is not taken for hung after it was stopped for longer than that, as a machine that sleeps is', async () => {
    const { parent, device } = await start('--no-restart', ...quickWatchdog);
    try {
      assert.equal(await device(), undefined, 'this process is the device itself');
      process.kill(parent.pid, 'SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 1500));
      process.kill(parent.pid, 'SIGCONT');
      await shows();
      assert.doesNotMatch(parent.stderr(), /hangs/);
    } finally {
      assert.equal((await parent.end('SIGTERM')).code, 0);
    }
  });

  it('comes back after a crash, and ends with 0 on SIGTERM and SIGINT, with all of its processes', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { parent, device } = await start();
      try {
        const first = await device();
        process.kill(first, 'SIGKILL');
        await gone([first]);
        await shows();
        const second = await device();
        assert.notEqual(second, first);
        const all = [second, ...(await childrenOf(second))];
        assert.equal((await parent.end(signal)).code, 0);
        await gone(all);
      } finally {
        await parent.end('SIGTERM');
      }
    }
  });

  it('reads its configuration again on SIGHUP', async () => {
    const { parent, device } = await start();
    try {
      const before = await device();
      await writeFile(config, `${streams.trimEnd().slice(0, -1)}, b: "rtsp://192.0.2.1/x" }`);
      process.kill(parent.pid, 'SIGHUP');
      while (!Object.hasOwn((await (await fetch(`${url}/api/streams`)).json()) as object, 'b')) {
        await tick();
      }
      assert.equal(await device(), before);
    } finally {
      await writeFile(config, streams);
      await parent.end('SIGTERM');
    }
  });

  it('passes on the exit code and the words of a mistake in the configuration or an option, once', async () => {
    const broken = join(folder, 'broken.yaml');
    await writeFile(broken, 'strems: {}');
    for (const [options, words] of [
      [['--config', broken], /^\S*broken\.yaml:1: [^\n]*\n$/],
      [['--watchdog', '0'], /^--watchdog: "0"; allowed: 1 to 3600 seconds\n$/],
    ] as const) {
      const child = startChild(process.execPath, ['device/src/start.ts', ...options]);
      assert.equal((await child.exited).code, 1);
      assert.match(child.stderr(), words);
    }
  });

  it('stays ended where it is told not to restart', async () => {
    const { parent } = await start('--no-restart');
    assert.equal((await parent.end('SIGKILL')).signal, 'SIGKILL');
    await assert.rejects(fetch(url));
  });

  it('ends when its supervisor is killed', async () => {
    const { parent, device } = await start();
    await shows();
    const pid = await device();
    const all = [pid, ...(await childrenOf(pid))];
    await parent.end('SIGKILL');
    await gone(all);
  });

  it('says to systemd that it is ready and that it works, and no longer once it hangs', async () => {
    const path = join(folder, 'notify');
    const manager = startChild('/usr/bin/python3', ['-u', '-c', listener, path]);
    await manager.says(/listening/);
    const settings = { NOTIFY_SOCKET: path, WATCHDOG_USEC: '300000' };
    const device = startChild('/usr/bin/env', [
      ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
      ...[process.execPath, ...hang, 'device/src/start.ts', '--no-restart', '--config', config, '--watchdog', '2'],
    ]);
    try {
      await manager.says(/READY=1\n(WATCHDOG=1\n){2}/);
      process.kill(device.pid, 'SIGUSR2');
      const { signal } = await device.exited;
      assert.equal(signal, 'SIGKILL');
      // In two seconds of silence it would have been twenty more.
      const [, after] = manager.stdout().split(/(?<=READY=1\n)/);
      assert.ok((after ?? '').split('WATCHDOG=1').length < 15, after);
    } finally {
      await device.end('SIGKILL');
      await manager.end('SIGKILL');
    }
  });
});

describe('the time before a restart', () => {
  it('is none at first and grows with each run that ends early, to ten seconds', () => {
    assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 100].map(restartDelay), [0, 0, 1000, 2000, 5000, 10_000, 10_000, 10_000]);
  });
});

describe('the silence of a count', () => {
  it('is over with every change, and counts looks in a row', () => {
    const silence = new Silence(2);
    const seen = [0, 0, 1, 1, 2, 2, 2, 2].map((count) => silence.look(count));
    assert.deepEqual(seen, [false, false, false, false, false, false, true, true]);
  });

  it('does not count the time in which its thread got no CPU', () => {
    const silence = new Silence(2);
    const seen = [0, 1, 1, 0.5, 0.5, 0.5, 0.5].map((starved) => silence.look(7, starved));
    assert.deepEqual(seen, [false, false, false, false, false, false, true]);
  });
});

/** Runs in the browser: until any video shows another frame, one that comes later included. */
const nextFrame = `new Promise((resolve) => {
  const asked = new WeakSet();
  const asking = setInterval(() => {
    for (const video of document.querySelector('ms-slot')?.shadowRoot?.querySelectorAll('video') ?? []) {
      if (!asked.has(video)) {
        asked.add(video);
        video.requestVideoFrameCallback(() => {
          clearInterval(asking);
          resolve();
        });
      }
    }
  }, 20);
})`;

/** A datagram socket of the file system, which prints what it is told; sd_notify(3). */
const listener = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('listening')
while True:
    # Without room for descriptors: systemd-notify waits until the one that comes with BARRIER=1 is closed.
    message, *_ = s.recvmsg(4096)
    if not message.startswith(b'BARRIER'):
        print(message.decode())
`;

async function gone(pids: readonly number[]): Promise<void> {
  while ((await allProcesses()).some((pid) => pids.includes(pid))) {
    await tick();
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
