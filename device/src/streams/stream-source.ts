import type { AccessUnit, StreamFormat } from '../media/access-unit.ts';

/** Where a stream gets its access units; `cameras/` implements it, and this folder knows no more of cameras than this. */
export interface StreamSource {
  /** It makes its pictures itself, and so a key frame as soon as it is asked for one. */
  readonly encodes?: boolean;
  /** Starts delivering to the sink, and goes on trying through every failure, until the feed is closed. */
  open(sink: StreamSink): StreamFeed;
}

export interface StreamSink {
  /** Before the first unit of a run, and whenever it changes. The next unit is a key frame. */
  format(format: StreamFormat): void;
  unit(unit: AccessUnit): void;
  /** The source is gone for now; the next `format` says that it is back. */
  offline(reason: string): void;
  /** The source is there, and what it sends can go to no browser: to be encoded anew, or not shown at all. */
  unplayable(reason: string): void;
}

export interface StreamFeed {
  /** Asks for a key frame soon. A source that cannot be asked sends its next one in its own time. */
  requestKeyframe(): void;
  /**
   * The present picture as JPEG.
   * @param width pixels; undefined: the source's own
   */
  still(width: number | undefined): Promise<Buffer>;
  close(): void;
}
