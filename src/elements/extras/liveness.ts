import type { SlotView } from '../slot-view.ts';
import { FrameCounter } from './frame-counter.ts';
import { type Remedy, Watchdog } from './watchdog.ts';

/** Seconds without a new frame after which a picture is marked as an earlier one. */
const stillAfter = 3;

/** The result of a look at the picture. */
export interface Look {
  /** The tile has to render again. */
  isNews: boolean;
  /** The last second says nothing of the way and of the browser: a calm tile gets little, and then much at once. */
  isThin: boolean;
  remedy: Remedy | undefined;
}

/** Looks every second whether a tile has a picture, and whether it moves. */
export class Liveness {
  readonly #view: SlotView;
  readonly #watchdog = new Watchdog();
  readonly #counter: FrameCounter;
  #frames: number | null = null;
  /** Whole seconds without a new frame, and whether they are too many. */
  #still = 0;
  #isStill = false;
  /** Whole seconds with a wish and without a picture. */
  #blank = 0;
  #wasPresented = false;
  /** Whether the device sent key frames alone at the last look. */
  #wasCalm = false;

  constructor(view: SlotView) {
    this.#view = view;
    this.#counter = new FrameCounter(view.picture);
  }

  /** Whether the tile has been without a picture for a whole second. */
  get isBlank(): boolean {
    return this.#blank > 0;
  }

  /** Whether the picture is an earlier one. A wish that was just presented is not: the next look may be a second away. */
  get isStill(): boolean {
    const { presented } = this.#view;
    if (presented && !this.#wasPresented) {
      this.#still = 0;
      this.#isStill = false;
    }
    this.#wasPresented = presented;
    return this.#isStill;
  }

  /** The tile is in no document. */
  end(): void {
    this.#blank = 0;
  }

  /** @param isHidden whether the page is, so that no frames are expected */
  tick(isHidden: boolean): Look {
    const { picture, status, wish } = this.#view;
    const isEmpty = wish.stream === '';
    this.#blank = picture.isVisible || isEmpty ? 0 : this.#blank + 1;
    const isCalm = status?.calm === true;
    const calmed = isCalm !== this.#wasCalm;
    this.#wasCalm = isCalm;
    const frames = wish.paused || calmed || isHidden ? null : this.#counter.count();
    // A slow camera, or a calm one, may take three times as long as the device knows it to.
    const slack = Math.ceil((3 * (status?.interval ?? 0)) / 1000);
    const turned = this.#markStill(picture.isVisible && !isEmpty ? frames : null, slack);
    return {
      isNews: turned || this.#blank === 1,
      isThin: isCalm || calmed,
      remedy: this.#watchdog.check(status?.status === 'active' ? frames : null, slack),
    };
  }

  /**
   * @param frames presented so far; null where none are expected
   * @param slack seconds that a slow camera is given beyond the usual
   * @returns whether the picture has become an earlier one, or is none any more
   */
  #markStill(frames: number | null, slack: number): boolean {
    this.#still = frames !== null && frames === this.#frames ? this.#still + 1 : 0;
    this.#frames = frames;
    const isStill = this.#still >= stillAfter + slack;
    const turned = isStill !== this.#isStill;
    this.#isStill = isStill;
    return turned;
  }
}
