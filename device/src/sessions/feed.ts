import type { Stream, StreamReader } from '../streams/stream.ts';
import type { Wish } from './slot.ts';

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
}

export function openFeed(stream: Stream, asked: string, wish: Wish, reader: StreamReader): Feed {
  return { stream, asked, wish, reader, playing: false, isStep: false };
}
