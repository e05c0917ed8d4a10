import type { IncomingMessage } from 'node:http';
import { constants } from 'node:os';
import { AVERROR_EOF } from 'node-av/constants';
import { IOContext } from 'node-av/lib';
import type { HttpCamera } from './http-request.ts';

/** Bytes that FFmpeg asks for at a time. */
const part = 32 * 1024;

/** The body of a camera's answer, which FFmpeg reads as it comes: from the beginning, and without seeking. */
export class HttpBody {
  readonly context = new IOContext();
  readonly #camera: HttpCamera;
  readonly #response: IncomingMessage;
  readonly #bytes: AsyncIterator<Buffer>;
  /** Bytes that came and were not read. */
  #rest: Buffer;

  /** @param first the bytes that were taken from the response already */
  constructor(camera: HttpCamera, response: IncomingMessage, first: Buffer) {
    this.#camera = camera;
    this.#response = response;
    this.#bytes = bytesOf(response);
    this.#rest = first;
    this.context.allocContextWithCallbacks(part, 0, (size) => this.#read(size));
  }

  /** Ends FFmpeg's waiting for more. */
  end(): void {
    this.#response.destroy();
    this.#camera.close();
  }

  /** Must not be called before FFmpeg has closed its input. */
  close(): void {
    this.end();
    this.context.freeContext();
  }

  /** @returns FFmpeg's code for an error in the place of bytes */
  async #read(size: number): Promise<Buffer | number> {
    try {
      while (this.#rest.length === 0) {
        const { done, value } = await this.#bytes.next();
        if (done) {
          return AVERROR_EOF;
        }
        this.#rest = value;
      }
    } catch {
      return -constants.errno.EIO;
    }
    const bytes = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }
}

export function bytesOf(response: IncomingMessage): AsyncIterator<Buffer> {
  return response.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
}
