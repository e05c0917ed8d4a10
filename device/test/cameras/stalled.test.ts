import { EventEmitter, once } from 'node:events';
import { it } from 'node:test';
import { startProcess } from '../../src/cameras/camera-process.ts';
import { CameraRun } from '../../src/cameras/camera-run.ts';
import { type OwnSource, parseSource } from '../../src/config/source.ts';

const delays = { opening: 15_000, silence: 1500 };

it('takes no camera for frozen because the device itself stood still', async () => {
  // `once` throws what an event called "error" brings.
  const heard = new EventEmitter();
  const source = parseSource('ffmpeg:virtual?video=testsrc2&size=320x180#video=h264') as OwnSource;
  const run = new CameraRun(source, delays, startProcess, {
    report: (_, { type }) => heard.emit(type),
    failed: (_, reason) => heard.emit('error', new Error(reason)),
  });
  try {
    run.start('camera1', { kind: 'native' });
    await once(heard, 'unit');
    const next = once(heard, 'unit');
    // As in a suspended machine: the timers are overdue, and the pictures wait to be read.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delays.silence + 500);
    await next;
  } finally {
    await run.end();
  }
});
