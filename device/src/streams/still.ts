import type { Stream } from './stream.ts';

/**
 * The present picture of a stream as JPEG. A stream that nobody watches is started for it, and lingers.
 * @param width pixels; undefined: the stream's own
 * @throws {Error} that says why the stream is offline, or that no picture came within `patience` milliseconds
 */
export async function takeStill(stream: Stream, width: number | undefined, patience = 10_000): Promise<Buffer> {
  const first = Promise.withResolvers<void>();
  const look = () => {
    if (stream.state === 'offline' || stream.state === 'removed') {
      first.reject(new Error(stream.reason || 'the stream was removed'));
    }
  };
  const reader = { unit: () => first.resolve(), changed: look };
  const timer = setTimeout(() => first.reject(new Error(`no picture within ${patience / 1000} s`)), patience);
  stream.join(reader);
  try {
    if (stream.gop.length === 0) {
      look();
      await first.promise;
    }
    return await stream.still(width);
  } finally {
    clearTimeout(timer);
    stream.leave(reader);
  }
}
