import type { AccessUnit, StreamFormat } from '../media/access-unit.ts';
import type { AudioCodec, AudioFormat, AudioUnit } from '../media/audio-unit.ts';

/** Where a stream gets its access units. `cameras/` implements it; `streams/` knows no more of cameras than this. */
export interface StreamSource {
  /** The source makes its pictures itself, and so a key frame as soon as it is asked for one. */
  readonly encodes?: boolean;
  /**
   * Starts delivering to the sink, and goes on trying through every failure, until the handle is closed. A source may be
   * opened again while it is open: each opening has a sink and a handle of its own.
   */
  open(sink: StreamSink): SourceHandle;
}

export interface StreamSink {
  /** Comes before the first unit of a run, and whenever the format changes. The next unit is a key frame. */
  format(format: StreamFormat): void;
  unit(unit: AccessUnit): void;
  /** The source sends, and has sent no key frame yet. */
  sends(): void;
  /** The source is gone for now; the next `format` says that it is back. */
  offline(reason: string): void;
  /** The source is there, and no browser takes what it sends: it has to be encoded anew, or is not shown at all. */
  unplayable(reason: string): void;
  /** Asks to open the source again and to close this opening once the new one has a key frame: a fresh process is there. */
  renew(): void;
}

/** An open source. */
export interface SourceHandle {
  /** Asks for a key frame soon. A source that cannot be asked sends its next one in its own time. */
  requestKeyframe(): void;
  /**
   * The present picture as JPEG.
   * @param width pixels; undefined: the source's own
   */
  still(width: number | undefined): Promise<Buffer>;
  close(): void;
}

/** Where a stream gets its sound, while its pictures run. */
export interface AudioSource {
  open(sink: AudioSink): AudioHandle;
}

export interface AudioSink {
  takes(codec: AudioCodec): boolean;
  /** The format of the next units, which `takes` has allowed. */
  format(format: AudioFormat): void;
  /** @param pickedUp when the source had picked up the last of the frame: milliseconds of `performance.now()` */
  unit(unit: AudioUnit, pickedUp: number): void;
  /** There is no sound, and why; a later `format` says that there is again. */
  silent(code: 'no-audio' | 'audio-codec', reason: string): void;
}

export interface AudioHandle {
  close(): void;
}
