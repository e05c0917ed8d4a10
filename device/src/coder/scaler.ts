import type { AVBufferSrcFlag, AVPixelFormat } from 'node-av/constants';
import { avGetPixFmtName, Filter, type FilterContext, FilterGraph, type Frame } from 'node-av/lib';
import { check, pixelAspect, present } from './ffmpeg.ts';

/** Pixels; a missing side follows from the aspect ratio, the source's size where both are missing. */
export interface Size {
  width?: number;
  height?: number;
}

/** Brings frames of one size and pixel format to the size and format that an output wants, with square pixels. */
export class Scaler {
  readonly width: number;
  readonly height: number;
  readonly #takes: { width: number; height: number; format: number; aspect: number };
  readonly #graph = new FilterGraph();
  readonly #source: FilterContext;
  readonly #sink: FilterContext;

  /** @param pixels FFmpeg's name of the pixel format that comes out */
  constructor(frame: Frame, wanted: Size, pixels = 'yuv420p') {
    const { width, height, format } = frame;
    this.#takes = { width, height, format, aspect: pixelAspect(frame) };
    [this.width, this.height] = outputSize(frame, wanted);
    this.#graph.alloc();
    const from = avGetPixFmtName(format as AVPixelFormat);
    this.#source = this.#create('buffer', `video_size=${width}x${height}:pix_fmt=${from}:time_base=1/1000000`);
    const scale = this.#create('scale', `${this.width}:${this.height}:flags=bilinear`);
    const toFormat = this.#create('format', `pix_fmts=${pixels}`);
    this.#sink = this.#create('buffersink');
    check(this.#source.link(0, scale, 0), 'scaler');
    check(scale.link(0, toFormat, 0), 'scaler');
    check(toFormat.link(0, this.#sink, 0), 'scaler');
    check(this.#graph.configSync(), 'scaler');
  }

  takes(frame: Frame): boolean {
    const { width, height, format, aspect } = this.#takes;
    return frame.width === width && frame.height === height && frame.format === format && pixelAspect(frame) === aspect;
  }

  async scale(frame: Frame, into: Frame, flags: AVBufferSrcFlag): Promise<void> {
    check(await this.#source.buffersrcAddFrame(frame, flags), 'scaler');
    check(await this.#sink.buffersinkGetFrame(into), 'scaler');
  }

  close(): void {
    this.#graph.free();
  }

  #create(name: string, options: string | null = null): FilterContext {
    const filter = present(Filter.getByName(name as Parameters<typeof Filter.getByName>[0]), `filter ${name}`);
    return present(this.#graph.createFilter(filter, name, options), `filter ${name}`);
  }
}

/** A missing side follows from the aspect ratio; H.264 in 4:2:0 wants even ones. */
export function outputSize(frame: Shape, wanted: Size): [width: number, height: number] {
  const { height } = frame;
  const width = frame.width * pixelAspect(frame);
  const even = (side: number) => Math.max(16, Math.round(side / 2) * 2);
  const ratio = width / height;
  return [
    even(wanted.width ?? (wanted.height === undefined ? width : wanted.height * ratio)),
    even(wanted.height ?? (wanted.width === undefined ? height : wanted.width / ratio)),
  ];
}

/** Size in the picture's own pixels, and how wide one of them is against its height. */
export type Shape = Pick<Frame, 'width' | 'height' | 'sampleAspectRatio'>;
