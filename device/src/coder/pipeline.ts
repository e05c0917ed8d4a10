import type { OutputConfig } from '../config/output.ts';

/** A camera at work: one input, any number of outputs. */
export interface Pipeline {
  start(output: string, config: OutputConfig): void;
  stop(output: string): void;
  requestKeyframe(output: string): void;
  /** Whether the source's sound is wanted from now on; at first it is not. */
  listen(isHeard: boolean): void;
  /** The present picture as JPEG. */
  still(width: number | undefined): Promise<Buffer>;
  /** Reads the source until the signal; throws where it can no longer be read. */
  run(signal: AbortSignal): Promise<void>;
}
