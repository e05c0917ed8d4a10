import type { FormatContext } from 'node-av/lib';
import { silence } from './open-source.ts';

/**
 * Ends FFmpeg's waiting for the first packet of a camera that answers and sends no video: FFmpeg itself would wait for
 * ever, since the reports that come beside the pictures (RTCP, RFC 3550 section 6) are signs of life to it. Once pictures
 * come, the supervisor knows when they no longer do.
 */
export class OpeningWatch {
  readonly #timer: NodeJS.Timeout;
  #isOver = false;

  /** Begins at once. */
  constructor(context: FormatContext) {
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      context.interrupt();
    }, silence);
  }

  /** @throws {Error} where FFmpeg came back because it had waited for too long */
  check(): void {
    if (this.#isOver) {
      throw new Error(`the camera answers, and sends no video: nothing for ${silence / 1000} s`);
    }
  }

  /** There is nothing more to wait for. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
