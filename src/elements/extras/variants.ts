import type { Rung } from './quality-ladder.ts';

type Streams = Record<string, { height?: number } | null>;

/** What each device has, asked once and then from time to time (ms): variants are configured, they do not come and go. */
const lists = new Map<string, { streams: Promise<Streams>; askedAt: number }>();
const lifetime = 60_000;

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
  return [...variants, { quality: 'native', height: streams[stream]?.height ?? Number.POSITIVE_INFINITY }];
}

function list(url: string): Promise<Streams> {
  const known = lists.get(url);
  if (known && performance.now() - known.askedAt < lifetime) {
    return known.streams;
  }
  const streams = fetch(url)
    .then((response) => (response.ok ? response.json() : {}))
    // A device of another origin that lets only its own pages read the list.
    .catch(() => ({})) as Promise<Streams>;
  lists.set(url, { streams, askedAt: performance.now() });
  return streams;
}
