import type { FormatContext } from 'node-av/lib';
import { silence } from './open-source.ts';

/**
 * Ends FFmpeg's waiting for a camera that answers and sends no video: FFmpeg itself would wait for ever, since the reports
 * that come beside the pictures (RTCP, RFC 3550 section 6) are signs of life to it.
 */
export class SilenceWatch {
  readonly #timer: NodeJS.Timeout;
  #isOver = false;

  /** Begins at once. */
  constructor(context: FormatContext) {
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      context.interrupt();
    }, silence);
  }

  /** A packet came. */
  heard(): void {
    this.#timer.refresh();
  }

  /** @throws {Error} where nothing came for too long */
  check(): void {
    if (this.#isOver) {
      throw new Error(`the camera answers, and sends no video: nothing for ${silence / 1000} s`);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
