import type { ReactiveController } from 'lit';
import type { TileHost } from '../tile.ts';
import { QualityLadder } from './quality-ladder.ts';
import { isGood, type TrackStats } from './stats.ts';
import { variantsOf } from './variants.ts';

/** Chooses the variant that fits the size of a tile and what comes through to it. Call `tick` once a second. */
export class AutoQuality implements ReactiveController {
  readonly #host: TileHost;
  #stream = '';
  #ladder: QualityLadder | null = null;
  #chosen: string | undefined;
  /** A change waits one second, since a tile that is being resized has many sizes. */
  #candidate: string | undefined;
  #last: TrackStats | null = null;

  constructor(host: TileHost) {
    this.#host = host;
    host.addController(this);
  }

  /** Forgets measurements: they say nothing about the time after the tile comes back. */
  hostDisconnected(): void {
    this.#candidate = undefined;
    this.#last = null;
  }

  /** Undefined until the variants of this stream are known; then always one of them. */
  choose(stream: string, streamsUrl: string): string | undefined {
    if (stream !== this.#stream) {
      this.#stream = stream;
      this.#ladder = null;
      this.#last = null;
      this.#chosen = undefined;
      variantsOf(stream, streamsUrl).then((rungs) => {
        if (stream === this.#stream) {
          this.#ladder = new QualityLadder(rungs);
          this.#chosen = this.#ladder.choose(this.#lines).quality;
          this.#host.requestUpdate();
        }
      });
    }
    return this.#chosen;
  }

  tick(stats: TrackStats | null): void {
    if (this.#ladder === null || this.#lines === 0) {
      return;
    }
    if (stats && this.#last && stats.packets > this.#last.packets) {
      this.#ladder.report(isGood(this.#last, stats), performance.now());
    }
    this.#last = stats;
    const { quality } = this.#ladder.choose(this.#lines);
    if (quality !== this.#chosen && quality === this.#candidate) {
      this.#chosen = quality;
      this.#host.requestUpdate();
    }
    this.#candidate = quality;
  }

  /** Height in device pixels of a 16:9 picture in the tile; infinite in fullscreen, which gets the best picture. */
  get #lines(): number {
    if (this.#host.matches(':fullscreen')) {
      return Number.POSITIVE_INFINITY;
    }
    const { clientWidth, clientHeight } = this.#host;
    return Math.min(clientHeight, (clientWidth * 9) / 16) * devicePixelRatio;
  }
}
