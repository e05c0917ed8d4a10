import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { AV_CODEC_ID_MJPEG, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { CodecParameters, Packet, Rational } from 'node-av/lib';
import { JpegSplitter } from '../media/jpeg-splitter.ts';
import { bytesOf } from './http-body.ts';
import type { HttpCamera } from './http-request.ts';
import { silence } from './open-source.ts';
import type { EncodedInput } from './packet-input.ts';
import { tooLarge } from './picture-size.ts';

/** Between two requests for a snapshot, in milliseconds: cameras make them slowly, and not all at no cost. */
const snapshotInterval = 200;

/**
 * JPEG pictures over HTTP: a stream of them in one answer, or a picture an answer, which is then asked for again and again.
 * A camera may call them what it likes. The time of a picture is when it came.
 */
export class JpegInput implements EncodedInput {
  readonly parameters = new CodecParameters();
  readonly timeBase = new Rational(1, 1_000_000);
  /** A guess, as where other sources do not say it. */
  readonly rate = 25;
  readonly #camera: HttpCamera;
  readonly #mostBytes: number;
  readonly #packet = new Packet();
  readonly #splitter = new JpegSplitter();
  readonly #pictures: Buffer[] = [];
  #response: IncomingMessage;
  #body: AsyncIterator<Buffer>;
  #began = performance.now();
  /** The pictures of this answer. */
  #count = 0;
  #lastAt = performance.now();
  #time = 0;

  /**
   * @param response an answer whose body holds pictures
   * @param first the bytes that were taken from it already
   * @param mostBytes of one picture
   */
  constructor(camera: HttpCamera, response: IncomingMessage, first: Buffer, mostBytes: number) {
    this.#camera = camera;
    this.#mostBytes = mostBytes;
    this.#response = response;
    this.#body = bytesOf(response);
    this.#packet.alloc();
    this.parameters.alloc();
    this.parameters.codecType = AVMEDIA_TYPE_VIDEO;
    this.parameters.codecId = AV_CODEC_ID_MJPEG;
    this.#split(first);
  }

  get time(): number {
    return this.#time;
  }

  async next(): Promise<Packet> {
    for (;;) {
      const picture = this.#pictures.shift();
      if (picture !== undefined) {
        const now = Math.round(performance.now() * 1000);
        this.#time = Math.max(this.#time + 1, now);
        this.#packet.unref();
        this.#packet.data = picture;
        this.#packet.pts = this.#packet.dts = BigInt(this.#time);
        this.#packet.isKeyframe = true;
        return this.#packet;
      }
      const { done, value } = await this.#body.next().catch((error: Error) => {
        throw new Error(`the camera stopped sending: ${error.message}`);
      });
      if (done) {
        await this.#askAgain();
      } else {
        this.#split(value);
      }
    }
  }

  async close(): Promise<void> {
    this.#response.destroy();
    this.#camera.close();
    this.#packet.free();
    this.parameters.free();
  }

  #split(chunk: Buffer): void {
    const pictures = this.#splitter.push(chunk);
    this.#pictures.push(...pictures);
    this.#count += pictures.length;
    this.#lastAt = pictures.length > 0 ? performance.now() : this.#lastAt;
    const bytes = Math.max(this.#splitter.heldBytes, ...pictures.map(({ length }) => length));
    if (bytes > this.#mostBytes) {
      throw tooLarge(bytes, this.#mostBytes);
    }
  }

  /** The answer was a snapshot, and the next one is asked for. A camera that is busy for a moment is asked again. */
  async #askAgain(): Promise<void> {
    if (this.#count === 0 && performance.now() - this.#lastAt > silence) {
      throw new Error('the camera stopped sending: its answers hold no picture');
    }
    if (this.#count > 1 && /^multipart\//i.test(this.#response.headers['content-type'] ?? '')) {
      throw new Error('the camera stopped sending: it ended its answer');
    }
    for (;;) {
      await sleep(Math.max(0, this.#began + snapshotInterval - performance.now()));
      this.#began = performance.now();
      try {
        this.#response = await this.#camera.ask();
        this.#body = bytesOf(this.#response);
        this.#count = 0;
        return;
      } catch (error) {
        if (performance.now() - this.#lastAt > silence) {
          throw new Error(`the camera stopped sending: ${(error as Error).message}`);
        }
      }
    }
  }
}
