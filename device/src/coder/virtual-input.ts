import { setTimeout as sleep } from 'node:timers/promises';
import { AV_PIX_FMT_YUV420P } from 'node-av/constants';
import { Filter, type FilterContext, FilterGraph, Frame } from 'node-av/lib';
import type { VirtualSource } from '../config/virtual-source.ts';
import { check, present } from './ffmpeg.ts';

/** A synthetic camera: one of FFmpeg's test sources, in real time. */
export class VirtualInput {
  readonly rate: number;
  readonly #graph: FilterGraph;
  readonly #sink: FilterContext;
  readonly #frame = new Frame();
  readonly #started = performance.now();
  #count = 0;

  constructor({ video, width, height, rate, color, decimals }: VirtualSource) {
    this.rate = rate;
    this.#graph = new FilterGraph();
    this.#graph.alloc();
    const options = [`size=${width}x${height}`, `rate=${rate}`];
    if (color !== undefined) {
      options.push(`color=${color}`);
    }
    if (decimals !== undefined) {
      options.push(`decimals=${decimals}`);
    }
    const source = this.#create(video, options.join(':'));
    const format = this.#create('format', 'pix_fmts=yuv420p');
    this.#sink = this.#create('buffersink');
    check(source.link(0, format, 0), video);
    check(format.link(0, this.#sink, 0), video);
    check(this.#graph.configSync(), `the test source ${video}`);
    this.#frame.alloc();
  }

  /** The next frame, when its time has come. It is the caller's until the next call. */
  async next(): Promise<Frame> {
    const due = this.#started + (this.#count * 1000) / this.rate;
    const early = due - performance.now();
    if (early > 0) {
      await sleep(early);
    }
    this.#frame.unref();
    check(await this.#sink.buffersinkGetFrame(this.#frame), 'the test source');
    this.#frame.format = AV_PIX_FMT_YUV420P;
    this.#frame.pts = BigInt(Math.round((this.#count * 1_000_000) / this.rate));
    this.#count++;
    return this.#frame;
  }

  close(): void {
    this.#frame.free();
    this.#graph.free();
  }

  #create(name: string, options: string | null = null): FilterContext {
    const filter = present(Filter.getByName(name as Parameters<typeof Filter.getByName>[0]), `filter ${name}`);
    return present(this.#graph.createFilter(filter, name, options), `filter ${name} with ${options}`);
  }
}
