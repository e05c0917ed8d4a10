import { AV_BUFFERSRC_FLAG_KEEP_REF, type AVPixelFormat } from 'node-av/constants';
import { avGetPixFmtName, Filter, type FilterContext, FilterGraph, Frame } from 'node-av/lib';
import { check, present } from './ffmpeg.ts';

/** Clockwise, in degrees. */
export type Turn = 0 | 90 | 180 | 270;

const filters: Record<Exclude<Turn, 0>, [name: 'transpose' | 'hflip' | 'vflip', options: string | null][]> = {
  90: [['transpose', 'clock']],
  180: [
    ['hflip', null],
    ['vflip', null],
  ],
  270: [['transpose', 'cclock']],
};

/** Reads the rotation of a display matrix (libavutil/display.h: nine 32-bit numbers, the first two cosine and sine). */
export function turnOf(matrix: Buffer | null): Turn {
  if (matrix === null || matrix.length < 36) {
    return 0;
  }
  const [cosine, sine] = [matrix.readInt32LE(0), matrix.readInt32LE(4)];
  const degrees = Math.round((Math.atan2(sine, cosine) * 180) / Math.PI / 90) * 90;
  return (((degrees % 360) + 360) % 360) as Turn;
}

/** Turns decoded pictures upright: recordings of telephones lie on their side, and say so. */
export class Turner {
  readonly #turn: Exclude<Turn, 0>;
  readonly #turned = new Frame();
  #graph: FilterGraph | null = null;
  #source: FilterContext | null = null;
  #sink: FilterContext | null = null;
  #takes = '';

  constructor(turn: Exclude<Turn, 0>) {
    this.#turn = turn;
    this.#turned.alloc();
  }

  /** The frame, upright, with its time. It is the caller's until the next call. */
  async turn(frame: Frame): Promise<Frame> {
    const { width, height, format, sampleAspectRatio, pts } = frame;
    const pixels = avGetPixFmtName(format as AVPixelFormat);
    const { num, den } = sampleAspectRatio;
    const takes = `video_size=${width}x${height}:pix_fmt=${pixels}:time_base=1/1000000:pixel_aspect=${num}/${Math.max(1, den)}`;
    if (takes !== this.#takes) {
      this.#open(takes);
    }
    this.#turned.unref();
    check(await (this.#source as FilterContext).buffersrcAddFrame(frame, AV_BUFFERSRC_FLAG_KEEP_REF), 'turning');
    check(await (this.#sink as FilterContext).buffersinkGetFrame(this.#turned), 'turning');
    this.#turned.pts = pts;
    return this.#turned;
  }

  close(): void {
    this.#graph?.free();
    this.#turned.free();
  }

  #open(takes: string): void {
    this.#graph?.free();
    const graph = new FilterGraph();
    graph.alloc();
    const create = (name: string, options: string | null = null) => {
      const filter = present(Filter.getByName(name as Parameters<typeof Filter.getByName>[0]), `filter ${name}`);
      return present(graph.createFilter(filter, name, options), `filter ${name}`);
    };
    this.#source = create('buffer', takes);
    let last = this.#source;
    for (const [name, options] of filters[this.#turn]) {
      const next = create(name, options);
      check(last.link(0, next, 0), 'turning');
      last = next;
    }
    this.#sink = create('buffersink');
    check(last.link(0, this.#sink, 0), 'turning');
    check(graph.configSync(), 'turning');
    this.#graph = graph;
    this.#takes = takes;
  }
}
