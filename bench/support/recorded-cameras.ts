import { startChild } from '../../device/test/support/child-process.ts';
import { type CameraKind, type Cameras, smallCamera } from './cameras.ts';

/** How long a client of a recorded camera gets pictures before it hangs up. */
const seconds = 90;

/**
 * RTSP cameras whose pictures are a recording: each client begins with a key frame, and a hundred cameras cost little.
 * Their pictures carry no number: they are for what asks when a picture comes, and not which one.
 */
export async function openRecordedCameras(
  count: number,
  kind: Partial<CameraKind> = {},
): Promise<Pick<Cameras, 'names' | 'urls'> & AsyncDisposable> {
  const { width, height, rate, gop, bitrate } = { ...smallCamera, ...kind };
  const child = startChild('/usr/bin/python3', ['bench/support/recorded-cameras.py']);
  child.write(`${JSON.stringify({ cameras: count, seconds, width, height, rate, gop, bitrate })}\n`);
  // On a busy machine the recording is made no faster than it plays.
  const ready = await child.says(/^\{.*\}$/m, seconds * 1000).catch(async (error) => {
    await child.end('SIGKILL');
    throw error;
  });
  const { port } = JSON.parse(ready) as { port: number };
  const names = Array.from({ length: count }, (_, index) => `camera${index + 1}`);
  return {
    names,
    urls: Object.fromEntries(names.map((name) => [name, `rtsp://127.0.0.1:${port}/${name}`])),
    [Symbol.asyncDispose]: async () => {
      await child.end('SIGTERM');
    },
  };
}
