import type { MjpegMessage } from '../../../src/protocol/messages.ts';
import type { Stream } from '../streams/stream.ts';
import type { SingleStreamOptions } from './single-stream-session.ts';

/** From one picture to the next, in milliseconds. */
const interval = 1000;

export interface JpegOptions extends SingleStreamOptions {
  /** The present picture as JPEG. @throws {Error} saying why there is none */
  takeStill(stream: Stream): Promise<Buffer>;
  /** Resolves when the client has the picture. */
  sendPicture(jpeg: Buffer): Promise<void>;
}

/** One stream as a JPEG picture a second, each in a binary message, as the players of go2rtc show it that can do nothing else. */
export class JpegSession {
  readonly #options: JpegOptions;
  /** Replaced by the next request, and at the end: its pictures are no longer wanted. */
  #request: MjpegMessage | null = null;

  constructor(options: JpegOptions) {
    this.#options = options;
  }

  receive(request: MjpegMessage): void {
    this.#request = request;
    void this.#play(request);
  }

  close(): void {
    this.#request = null;
  }

  async #play(request: MjpegMessage): Promise<void> {
    const { source, streams, takeStill, sendPicture, send } = this.#options;
    const stream = source === null ? undefined : streams.get(source);
    try {
      if (stream === undefined) {
        send({ type: 'error', value: 'mjpeg: stream not found', code: 'stream-not-found' });
        return;
      }
      for (let isFirst = true; this.#request === request; isFirst = false) {
        const pause = new Promise((resolve) => setTimeout(resolve, interval));
        const jpeg = await takeStill(stream);
        if (this.#request !== request) {
          return;
        }
        if (isFirst) {
          send({ type: 'mjpeg' });
        }
        await Promise.all([sendPicture(jpeg), pause]);
      }
    } catch (error) {
      if (this.#request === request) {
        send({ type: 'error', value: `mjpeg: ${(error as Error).message}` });
      }
    }
  }
}
