import type { CoderLimits, CoderReport } from '../coder/messages.ts';
import type { OutputConfig } from '../config/output.ts';
import type { SourceConfig } from '../config/source.ts';
import type { StartCoder } from './coder-process.ts';

/** A report of a source about itself or one of its outputs. */
export type SourceReport = Exclude<CoderReport, { type: 'failed' | 'still' }>;

/** A report of a source about its sound. */
export type AudioReport = Extract<SourceReport, { type: 'audio' | 'audio-format' }>;

export interface SourceEvents {
  report(report: SourceReport): void;
  /** The source cannot be read, or no longer. Told once; nothing follows. */
  failed(reason: string): void;
}

/** A source that is open, or about to be, with outputs by the ids that its owner gives them. */
export interface OpenSource {
  start(output: string, config: OutputConfig): void;
  stop(output: string): void;
  requestKeyframe(output: string): void;
  /** Whether the sound is wanted from now on; at first it is not. */
  listen(isHeard: boolean): void;
  /**
   * The present picture as JPEG.
   * @param width pixels; undefined: the camera's own
   * @throws {Error} that says why there is none
   */
  still(width: number | undefined): Promise<Buffer>;
  /** Ends it, and tells no more events. Resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** Begins to open a source, and returns at once; its events come later. */
export type OpensSource = (source: SourceConfig, tools: SourceTools, events: SourceEvents) => OpenSource;

export interface SourceTools {
  limits: CoderLimits;
  /** How long a source that is open may send nothing at all before its first picture, in milliseconds. */
  silenceMs: number;
  startCoder: StartCoder;
}
