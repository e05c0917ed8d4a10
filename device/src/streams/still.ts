import type { Stream } from './stream.ts';

/**
 * The present picture of a stream as JPEG. A stream that nobody watches is started for it, and lingers.
 * @param width pixels; undefined: the stream's own
 * @throws {Error} that says why the stream is offline, or that no picture came within `patience` milliseconds
 */
export async function takeStill(stream: Stream, width: number | undefined, patience = 10_000): Promise<Buffer> {
  const first = Promise.withResolvers<void>();
  const timer = setTimeout(() => first.reject(new Error(`no picture within ${patience / 1000} s`)), patience);
  const look = () => {
    const { state, reason } = reading;
    if (state === 'offline' || state === 'mismatch' || state === 'removed') {
      first.reject(new Error(reason || 'the stream was removed'));
    }
  };
  let joined = false;
  const reading = stream.read({ unit: () => first.resolve(), changed: () => joined && look() });
  joined = true;
  try {
    if (reading.gop.length === 0) {
      look();
      await first.promise;
    }
    return await reading.still(width);
  } finally {
    clearTimeout(timer);
    reading.end();
  }
}
