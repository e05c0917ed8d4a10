import type { SlotConfig } from '../../../src/protocol/messages.ts';
import type { Stream, StreamReader } from '../streams/stream.ts';

export type Wish = Omit<SlotConfig, 'slot'> & { requestId?: string };

/** A stream that a slot reads, and the wish that it fulfils. */
export interface Feed {
  readonly stream: Stream;
  readonly reader: StreamReader;
  /** The name that was wished for; another than the stream's where the viewer's link is too thin for it. */
  asked: string;
  wish: Wish;
  /** Its key frame was sent, and nothing was lost since. */
  playing: boolean;
  /** Wanted for the sake of the viewer's link, and not by the viewer. */
  isStep: boolean;
  /** When a fresh key frame was asked for, instead of a replay; null for never. Milliseconds. */
  freshAskedAt: number | null;
}

/** Bytes after a key frame that a thin link had better not carry: 40 ms of 4 Mbit/s. */
const longReplay = 20_000;
/** An encoder that was asked answers within a few pictures; otherwise the replay has to do. Milliseconds. */
const freshWithin = 300;

export function openFeed(stream: Stream, asked: string, wish: Wish, reader: StreamReader): Feed {
  return { stream, asked, wish, reader, playing: false, isStep: false, freshAskedAt: null };
}

/** On a thin link a fresh key frame is there sooner than a long GOP; only an encoder of our own can be asked for one. */
export function hasLongReplay({ encodes, gop }: Stream): boolean {
  return encodes && gop.slice(1).reduce((sum, { data }) => sum + data.length, 0) > longReplay;
}

/** Asks for a fresh key frame once, and is true for as long as it is worth waiting for. */
export function awaitsFresh(feed: Feed, now: number): boolean {
  if (feed.freshAskedAt === null && hasLongReplay(feed.stream)) {
    feed.freshAskedAt = now;
    feed.stream.requestKeyframe();
  }
  return feed.freshAskedAt !== null && now - feed.freshAskedAt < freshWithin && hasLongReplay(feed.stream);
}
