import { EventEmitter, once } from 'node:events';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CameraRun } from '../../src/cameras/camera-run.ts';
import { startCoder } from '../../src/cameras/coder-process.ts';
import { type OwnSource, parseSource } from '../../src/config/source.ts';
import { usualGop } from '../../src/media/gop.ts';
import { childrenOf } from '../support/child-ids.ts';
import { startCameras } from '../support/processes.ts';

const delays = { opening: 15_000, silence: 1000 };

it('takes no camera for frozen because the device itself stood still', async () => {
  // `once` throws what an event called "error" brings.
  const heard = new EventEmitter();
  const source = parseSource('ffmpeg:virtual?video=testsrc2&size=320x180#video=h264') as OwnSource;
  const run = new CameraRun(
    source,
    delays,
    { limits: { pictureBytes: 2 ** 23, memoryBytes: 2 ** 29, gop: usualGop }, silenceMs: 5000, startCoder },
    {
      report: (_, { type }) => heard.emit(type),
      failed: (_, reason) => heard.emit('error', new Error(reason)),
    },
  );
  try {
    run.start('camera1', { kind: 'native' });
    await once(heard, 'unit');
    const next = once(heard, 'unit');
    // As in a suspended machine: the timers are overdue, and the pictures wait to be read.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delays.silence + 200);
    await next;
  } finally {
    await run.close();
  }
});

/** The time in which the camera has to begin, as its process counts it, in milliseconds. */
const silenceMs = 1000;

it("takes no camera for mute because the camera's own process stood still", async () => {
  const heard = new EventEmitter();
  const size = { width: 320, height: 180, rate: 25, gop: 25 };
  const cameras = await startCameras([{ name: 'one', color: [200, 40, 40], ...size }]);
  const before = await childrenOf(process.pid);
  const source = parseSource(`ffmpeg:${cameras.urls.one}`) as OwnSource;
  const run = new CameraRun(
    source,
    { ...delays, silence: 15_000 },
    { limits: { pictureBytes: 2 ** 23, memoryBytes: 2 ** 29, gop: usualGop }, silenceMs, startCoder },
    {
      report: (_, { type }) => heard.emit(type),
      failed: (_, reason) => heard.emit('error', new Error(reason)),
    },
  );
  try {
    run.start('camera1', { kind: 'native' });
    await once(heard, 'unit');
    const [pid] = (await childrenOf(process.pid)).filter((child) => !before.includes(child)) as [number];
    process.kill(pid, 'SIGSTOP');
    // Longer than the camera may say nothing.
    await sleep(silenceMs + 200);
    const goesOn = new Promise<void>((resolve, reject) => {
      let units = 0;
      // Packets that were on their way at the moment of the stop do not count.
      heard.on('unit', () => ++units === 20 && resolve());
      heard.once('error', reject);
    });
    process.kill(pid, 'SIGCONT');
    await goesOn;
  } finally {
    await run.close();
    await cameras.stop();
  }
});
