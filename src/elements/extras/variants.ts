import type { Rung } from './quality-ladder.ts';

/** A device's streams by name. A device may list anything under one. */
type Streams = Record<string, unknown>;

/** The streams of each device. Asked for again after `lifetime` (ms): variants are configured, so they rarely change. */
const lists = new Map<string, { streams: Promise<Streams>; askedAt: number }>();
const lifetime = 60_000;
/** Variants of a stream at the most: a device may list any number. */
const mostVariants = 32;

/** The variants of a stream, by go2rtc's list and the names of the convention; the stream alone where there is no list. */
export async function variantsOf(stream: string, streamsUrl: string): Promise<Rung[]> {
  const streams = await list(streamsUrl);
  const prefix = `${stream}-`;
  const variants = Object.keys(streams).flatMap((name) => {
    const quality = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    const height = Number(/^(\d+)p$/.exec(quality)?.[1] ?? Number.NaN);
    return Number.isNaN(height) ? [] : [{ quality, height }];
  });
  // The size of a camera is known only once it runs; it is the best that there is.
  return [
    ...variants.slice(0, mostVariants),
    { quality: 'native', height: heightOf(streams[stream]) ?? Number.POSITIVE_INFINITY },
  ];
}

function heightOf(stream: unknown): number | undefined {
  const { height } = Object(stream) as { height?: unknown };
  return typeof height === 'number' && height > 0 ? height : undefined;
}

function list(url: string): Promise<Streams> {
  const known = lists.get(url);
  if (known && performance.now() - known.askedAt < lifetime) {
    return known.streams;
  }
  const streams = fetch(url)
    .then((response) => (response.ok ? response.json() : {}))
    // `null` is a list without streams.
    .then((list: unknown) => Object(list) as Streams)
    // A device of another origin that lets only its own pages read the list.
    .catch(() => ({}));
  lists.set(url, { streams, askedAt: performance.now() });
  return streams;
}
