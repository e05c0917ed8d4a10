import type { ReactiveController } from 'lit';
import type { TileHost } from '../tile.ts';
import { MachineBudget, type Sharer } from './machine-budget.ts';
import { QualityLadder, type Rung } from './quality-ladder.ts';
import type { TrackStats } from './stats.ts';

/** If a larger share of packets is lost, or of frames dropped, a smaller picture is the better one. */
const bearableLoss = 0.05;
const bearableDrops = 0.2;
/**
 * Chromium decodes eight streams of WebRTC in hardware, and beyond these only such as have 320x240 pixels or more
 * (`RTCVideoDecoderAdapter`). A picture of 16:9 has as many with this many lines.
 */
const mostInHardware = 8;
const linesInHardware = 208;

const machine = new MachineBudget();

/** The stream and the quality that a tile is asked for. */
export interface AutoQualityOptions {
  variantsOf(stream: string, streamsUrl: string): Promise<Rung[]>;
  /** Whether a reader looks at this tile in particular, or hears it. */
  isAttended(): boolean;
  /** How many tiles the wall has. */
  tiles(): number;
  /** How many times larger than fitted the picture is. */
  zoom?(): number;
  /** The page's budget. */
  budget?: MachineBudget;
}

/**
 * Chooses the variant that fits the size of a tile, what comes through to it, and what the machine can decode. Call `tick` once a
 * second.
 */
export class AutoQuality implements ReactiveController, Sharer {
  readonly #host: TileHost;
  readonly #options: AutoQualityOptions;
  readonly #budget: MachineBudget;
  #stream = '';
  #ladder: QualityLadder | null = null;
  #chosen: string | undefined;
  /** A change waits one second, since a tile that is being resized has many sizes. */
  #candidate: string | undefined;
  #last: TrackStats | null = null;
  #load: Sharer['load'] = null;
  isHardware: boolean | undefined;

  constructor(host: TileHost, options: AutoQualityOptions) {
    this.#host = host;
    this.#options = options;
    this.#budget = options.budget ?? machine;
    host.addController(this);
  }

  get load(): Sharer['load'] {
    return this.#load;
  }

  hostConnected(): void {
    this.#budget.join(this);
  }

  /** Forgets measurements: they say nothing about the time after the tile comes back. */
  hostDisconnected(): void {
    this.#budget.leave(this);
    this.#candidate = undefined;
    this.#last = this.#load = null;
  }

  /** Undefined until the variants of this stream are known; then always one of them. */
  choose(stream: string, streamsUrl: string): string | undefined {
    if (stream !== this.#stream) {
      this.#stream = stream;
      this.#ladder = null;
      this.#last = this.#load = null;
      this.#chosen = undefined;
      this.#options.variantsOf(stream, streamsUrl).then((rungs) => {
        if (stream === this.#stream) {
          this.#ladder = new QualityLadder(rungs);
          this.#chosen = this.#ladder.choose(this.#lines, this.#leastLines).quality;
          this.#host.requestUpdate();
        }
      });
    }
    return this.#chosen;
  }

  /** The quality that another stream would have in this tile. */
  async qualityFor(stream: string, streamsUrl: string): Promise<string> {
    const rungs = await this.#options.variantsOf(stream, streamsUrl);
    return new QualityLadder(rungs).choose(this.#lines, this.#leastLines).quality;
  }

  /** @param stats null if nothing can be said of the last second */
  tick(stats: TrackStats | null, now = performance.now()): void {
    const ladder = this.#ladder;
    if (ladder === null || this.#lines === 0) {
      this.#load = null;
      return;
    }
    const last = this.#last;
    this.#last = stats;
    this.isHardware = stats?.powerEfficient;
    const passed = stats && last && stats.packets > last.packets ? compare(last, stats) : null;
    this.#load = passed && {
      // A way that loses packets makes frames undecodable; that is not the machine's fault.
      dropped: passed.lost <= bearableLoss ? passed.dropped : 0,
      lines: this.#lines,
      isAttended: this.#options.isAttended(),
      canStepDown: ladder.canStepDown,
      isSteppedDown: ladder.isSteppedDown,
    };
    if (passed) {
      const isOwn = passed.dropped > bearableDrops && !this.#budget.isStrained;
      ladder.report(passed.lost <= bearableLoss && !isOwn, now);
    }
    this.#budget.tick(now);
    const { quality } = ladder.choose(this.#lines, this.#leastLines);
    if (quality !== this.#chosen && quality === this.#candidate) {
      this.#chosen = quality;
      this.#host.requestUpdate();
    }
    this.#candidate = quality;
  }

  /** Called by the page's budget. */
  step(direction: 'down' | 'up'): void {
    this.#ladder?.step(direction);
  }

  /** Height in device pixels of a 16:9 picture in the tile, zoomed as it is; infinite in fullscreen, which gets the best picture. */
  get #lines(): number {
    if (this.#host.matches(':fullscreen')) {
      return Number.POSITIVE_INFINITY;
    }
    const { clientWidth, clientHeight } = this.#host;
    return Math.min(clientHeight, (clientWidth * 9) / 16) * devicePixelRatio * (this.#options.zoom?.() ?? 1);
  }

  /** The lines below which a picture costs more than a larger one. */
  get #leastLines(): number {
    return this.#options.tiles() > mostInHardware && this.#budget.hasHardware ? linesInHardware : 0;
  }
}

/** The shares of packets that were lost and of frames that were dropped between two reports. */
function compare(before: TrackStats, now: TrackStats): { lost: number; dropped: number } {
  const lost = now.lost - before.lost;
  const packets = now.packets - before.packets + lost;
  const dropped = now.dropped - before.dropped;
  const frames = now.decoded - before.decoded + dropped;
  return { lost: Math.max(0, lost) / packets, dropped: frames > 0 ? dropped / frames : 0 };
}
