/**
 * Ends FFmpeg's waiting for an answer, or for the first packet of a camera that answers and sends no video. FFmpeg's own
 * limits are as long as those of the slowest camera, and the reports that come beside the pictures (RTCP, RFC 3550
 * section 6) are signs of life to it. Once pictures come, the supervisor knows when they no longer do.
 */
export class OpeningWatch {
  readonly #timer: NodeJS.Timeout;
  readonly #silenceMs: number;
  #isOver = false;

  /**
   * Begins at once.
   * @param interrupt makes FFmpeg come back
   */
  constructor(interrupt: () => void, silenceMs: number) {
    this.#silenceMs = silenceMs;
    this.#timer = setTimeout(() => {
      this.#isOver = true;
      interrupt();
    }, silenceMs);
  }

  /** FFmpeg was made to come back. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** @throws {Error} where FFmpeg came back because it had waited for too long */
  check(): void {
    if (this.#isOver) {
      throw new Error(`the camera answers, and sends no video: nothing for ${this.#silenceMs / 1000} s`);
    }
  }

  /** There is nothing more to wait for. */
  close(): void {
    clearTimeout(this.#timer);
  }
}
