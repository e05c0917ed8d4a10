import type { Packet } from 'node-av/lib';
import { usualGop } from '../media/gop.ts';
import type { Decoder } from './decoder.ts';
import type { FrameHub } from './frame-hub.ts';

/** Packets that may wait without the stage being behind: a network delivers some of them in twos and threes. */
const usualQueue = 2;
/** While behind, a picture is encoded at least this often, in milliseconds. */
const slowestPicture = 500;

/**
 * Packets in, frames to the hub, beside the reading and not in its way. While packets wait, pictures are decoded but not
 * handed on: so a stage that is primed with a GOP races to the present picture, and one that fell behind catches up.
 */
export class DecodeStage {
  readonly #decoder: Decoder;
  readonly #hub: FrameHub;
  readonly #queue: Packet[] = [];
  #queuedBytes = 0;
  #handedOn = performance.now();
  #needsKeyframe = true;
  #running: Promise<void> | null = null;
  #closed = false;

  /** @param decoder is its own from now on */
  constructor(decoder: Decoder, hub: FrameHub) {
    this.#decoder = decoder;
    this.#hub = hub;
  }

  /** Keeps a reference of its own to the packet. */
  push(packet: Packet): void {
    // A machine that falls further behind than a whole GOP starts again at a key frame.
    if (this.#queue.length >= usualGop.units || this.#queuedBytes + packet.size > usualGop.bytes) {
      this.#drop();
    }
    if (this.#needsKeyframe && !packet.isKeyframe) {
      return;
    }
    const own = packet.clone();
    if (own !== null) {
      this.#needsKeyframe = false;
      this.#queue.push(own);
      this.#queuedBytes += own.size;
      this.#running ??= this.#run().finally(() => {
        this.#running = null;
      });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#drop();
    await this.#running;
    this.#decoder.close();
  }

  async #run(): Promise<void> {
    // A turn of the event loop first: a whole GOP that is pushed at once is then seen as such.
    await null;
    for (let packet = this.#queue.shift(); packet !== undefined; packet = this.#queue.shift()) {
      this.#queuedBytes -= packet.size;
      try {
        await this.#decoder.decode(packet, async (frame) => {
          const behind = this.#queue.length > usualQueue && performance.now() - this.#handedOn < slowestPicture;
          if (!behind && !this.#closed) {
            this.#handedOn = performance.now();
            await this.#hub.push(frame);
          }
        });
      } finally {
        packet.free();
      }
    }
  }

  #drop(): void {
    for (const packet of this.#queue.splice(0)) {
      packet.free();
    }
    this.#queuedBytes = 0;
    this.#needsKeyframe = true;
  }
}
