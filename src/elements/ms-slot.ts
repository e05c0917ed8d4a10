import { html, nothing, type PropertyValues, type TemplateResult, unsafeCSS } from 'lit';
import { Lease } from '../client/connections.ts';
import type { ActiveMode, DeviceConnection, Mode } from '../client/device-connection.ts';
import { askForWall, type Wall } from './context.ts';
import { MsErrorEvent } from './events.ts';
import type { Extras } from './extras/extras.ts';
import type { Tour, TourPlan } from './extras/tours.ts';
import { slotStyles } from './ms-slot.styles.ts';
import { PortableElement } from './portable-element.ts';
import type { SlotStats } from './slot-stats.ts';
import { SlotView } from './slot-view.ts';
import type { TileState } from './tile-state.ts';

/** `slot` may also hold a host component's slot name; only a number is ours. */
const slotNumber = {
  fromAttribute: (value: string | null) => (value !== null && /^\d+$/.test(value) ? Number(value) : undefined),
};

/**
 * One tile of an `<ms-grid>`: shows a stream, and another one as soon as its attributes say so. The old picture stays
 * until the new one is there.
 *
 * @tag ms-slot
 *
 * @attr {number} slot - The tile's place in the grid, from 0. Property: `index`.
 *
 * @slot - Content that a page lays over the picture.
 *
 * @fires {MsStatusEvent} ms-status - The device said where the slot stands.
 * @fires {MsSwitchEvent} ms-switch - Another stream is on the screen, live; `milliseconds` from the wish to its first frame,
 * `liveMilliseconds` to its first live one.
 * @fires {MsErrorEvent} ms-error - The wish failed; the old picture goes on.
 *
 * @fires {MsSoundEvent} ms-sound - The sound of the tile changed its state: `off`, `waiting`, `heard`, `blocked` until the reader
 * clicks or presses a key, or `silent`, with the reason in `code`.
 *
 * @fires {MsFrameEvent} ms-frame - With `frames`: a frame is on the screen, of this `stream`, which the camera took at `wallClock`.
 *
 * @fires {MsTourEvent} ms-tour - With `streams`: the tile goes on to the next camera, or the tour changed its `state`.
 *
 * @csspart video - The video.
 * @csspart poster - The picture until the first frame.
 * @csspart bar - The row with label, quality and badge.
 * @csspart label - What the picture shows.
 * @csspart quality - The quality that the picture is in.
 * @csspart reason - Why something failed.
 * @csspart badge - The state: a light and a word.
 * @csspart foot - The column with controls and reason.
 * @csspart controls - The row of controls.
 * @csspart control - A button, or the menu of qualities.
 * @csspart tour - The controls of a tour.
 * @csspart stats - The measured values.
 *
 * @cssprop [--ms-aspect-ratio=16 / 9] - Of the tile.
 * @cssprop [--ms-radius=10px] - Rounding of the tile.
 * @cssprop [--ms-fit=contain] - `contain` or `cover`: how the picture fills the tile.
 * @cssprop [--ms-color-scheme=light dark] - `light`, `dark`, or as the reader's system prefers it. `theme` sets it.
 * @cssprop [--ms-tile-background=light-dark(#d3d8e0, #1a1f26)] - Behind the picture.
 * @cssprop [--ms-placeholder=light-dark(#14181f38, #ffffff2b)] - The outline of a camera where there is no picture.
 * @cssprop [--ms-surface=light-dark(#ffffff, #12161c)] - Behind text and controls over the picture.
 * @cssprop [--ms-color=light-dark(#14181f, #f2f4f7)] - Text.
 * @cssprop [--ms-muted=light-dark(#4a5361, #b3bcc9)] - Text beside the important one.
 * @cssprop [--ms-font=system-ui, sans-serif] - Font family.
 * @cssprop [--ms-accent=light-dark(#0b57d0, #5b9dff)] - Focus ring.
 * @cssprop [--ms-ok=light-dark(#0a7d3c, #3ddc84)] - Light of a live tile.
 * @cssprop [--ms-warning=light-dark(#b25e00, #ffb84d)] - Light of a tile that loads or reconnects.
 * @cssprop [--ms-danger=light-dark(#c9251a, #ff5d52)] - Light of a tile that failed.
 * @cssprop [--ms-danger-text=light-dark(#a1160a, #ffb4ab)] - The reason.
 *
 * @cssstate stale - The picture is of an earlier time: it is kept until there is a new one.
 * @cssstate active - The picture is live.
 * @cssstate buffering - Another picture was asked for.
 * @cssstate connecting - The session is being opened.
 * @cssstate waiting - The session is lost, and will be tried again.
 * @cssstate offline - The camera does not answer.
 * @cssstate error - The wish failed.
 * @cssstate pending - Nothing is known yet.
 * @cssstate paused - The device was told to stop sending.
 * @cssstate inactive - No stream is wished for.
 */
export class MsSlot extends PortableElement {
  static override styles = unsafeCSS(slotStyles);
  static override properties = {
    index: { attribute: 'slot', converter: slotNumber },
    slotIndex: { attribute: 'slot-index', converter: slotNumber, reflect: true },
    stream: { reflect: true, useDefault: true },
    streams: {},
    dwell: { type: Number },
    quality: { reflect: true, useDefault: true },
    label: { reflect: true, useDefault: true },
    deviceUrl: { attribute: 'device-url', reflect: true },
    mode: { reflect: true },
    poster: { reflect: true, useDefault: true },
    fit: { reflect: true, useDefault: true },
    theme: { reflect: true, useDefault: true },
    eager: { type: Boolean, reflect: true },
    calm: { type: Boolean, reflect: true },
    controls: { reflect: true, useDefault: true },
    sound: { type: Boolean, reflect: true },
    frames: { type: Boolean },
    volume: { type: Number },
  };

  /** The tile's place in the grid, from 0; without one it follows in document order. */
  index: number | undefined;

  /** The same as `slot`, for frameworks that take the `slot` attribute for themselves. Wins over it. */
  slotIndex: number | undefined;

  /** The camera: a stream that the device knows. Empty for none. */
  stream = '';

  /**
   * Cameras that the tile goes through, one after another, each for `dwell` seconds: names separated by spaces, or an array of names and
   * of `{stream, label}`. `stream` follows.
   */
  streams: string | TourPlan['streams'] | undefined;

  /** Seconds that each of `streams` is shown; 10 by default. */
  dwell: number | undefined;

  /** The tour through `streams`, once its code is loaded; undefined while there is none. */
  readonly activeTour: Tour | undefined;

  /** A variant of the stream, such as `360p`; empty or `native` for the stream itself. */
  quality = '';

  /** The camera's name for people; by default the stream's. */
  label = '';

  /** The device, for a tile outside a grid or of another device than its grid; empty for the page's own origin. */
  deviceUrl: string | undefined;

  /** How this tile is played, other than its grid says: `auto`, `multistream`, `socket`, `webrtc` or `iframe`. */
  mode: Mode | undefined;

  /** A picture until the first frame is there; by default one from the device. */
  poster = '';

  /** How the picture fills the tile: `contain` or `cover`. */
  fit = '';

  /** `light` or `dark`; by default as the grid, and there as the reader's system prefers it. */
  theme = '';

  /**
   * Buttons over the picture: `fullscreen`, `pip`, `snapshot`, `sound`, `quality`, `stats`, `zoom`, which lets the wheel and two
   * fingers zoom, too, and `move`, with which tiles change places; separated by spaces. All but `move` when empty. By default as the
   * grid says, and there none.
   */
  controls: string | null = null;

  /** Keeps playing while the tile is out of sight. */
  eager = false;

  /**
   * Shows the key frames alone while nothing moves in the picture, and every picture from the first movement on: a wall then costs
   * its browser and its network much less. It only thins, and never alarms: a movement that the device does not notice is seen at
   * the next key frame. A tile that has the pointer, the focus, the spotlight, the whole screen or the sound shows everything.
   */
  calm = false;

  /** Lets the camera be heard. Of a wall, and of a device, the tile that asked last is heard: the others' `sound` goes off. */
  sound = false;

  /** Fires `ms-frame` for each frame that is presented. */
  frames = false;

  /** How loud the sound is, from 0 to 1. */
  volume = 1;

  readonly #internals = this.attachInternals();
  readonly #view = new SlotView(this);
  /** Undefined until they are loaded; null where they cannot be. */
  #extras: Extras | null | undefined;
  #dressed: Promise<void> | undefined;
  readonly #lease = new Lease();
  #wall: Wall | null = null;
  #leaveWall: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.join();
    this.#dressed ??= this.#dress();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#leaveWall?.();
  }

  /** @internal */
  override letGo(): void {
    this.#view.release();
    this.#lease.release();
  }

  /**
   * Asks for the wall anew: another place may be in another grid, or in none, and a grid may come after its slots.
   * @internal
   */
  join(): void {
    this.#leaveWall?.();
    this.#wall = null;
    this.#leaveWall = askForWall(this, (wall) => {
      this.#wall = wall;
      this.requestUpdate();
    });
    this.requestUpdate();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.isConnected || this.ownerDocument.defaultView === null) {
      return;
    }
    const own = this.#own();
    const calm = (this.calm || this.#wall?.settings.calm) && this.#extras?.isAttended !== true;
    const paused = !this.eager && !this.#wall?.settings.eager && this.#extras?.isUnseen === true;
    const connection = own ?? this.#wall?.connection ?? null;
    let { quality } = this;
    if (quality === 'auto') {
      quality =
        (connection && this.#extras?.autoQuality(this.stream, connection)) ?? (this.#extras === null ? '' : 'auto');
    }
    // Until it is known what automatic means, what is shown goes on.
    if (quality !== 'auto' || connection === null) {
      this.#view.want(connection, { stream: this.stream, quality, paused, calm });
    }
    if (changed.has('index') || changed.has('slotIndex')) {
      this.#wall?.arrange();
    }
  }

  /** The connection of a tile that names a device or a mode of its own. */
  #own(): DeviceConnection | null {
    const { deviceUrl = this.mode ? this.#wall?.connection?.url : undefined, mode } = this;
    try {
      return this.#lease.take(deviceUrl ?? null, { ...this.#wall?.options, ...(mode && { mode }) });
    } catch (error) {
      this.dispatchEvent(new MsErrorEvent(error as TypeError));
      return null;
    }
  }

  /** Waits for the extras, too: they are a part of the tile, though they are loaded a moment later. */
  protected override async getUpdateComplete(): Promise<boolean> {
    await this.#dressed;
    return super.getUpdateComplete();
  }

  /** The tile's effective number; undefined where the author gave none. */
  get place(): number | undefined {
    return this.slotIndex ?? this.index;
  }

  /**
   * The state that the badge shows; `pending` until the extras are there. `active` means that the device says so and a frame is on
   * the screen.
   */
  get state(): TileState {
    return this.#extras?.state ?? 'pending';
  }

  /** Why the tile is in its state, in its reader's language; empty where there is nothing to explain. */
  get reason(): string {
    return this.#extras?.reason ?? '';
  }

  /** How the tile is played at this moment; null while it is not. */
  get activeMode(): ActiveMode | null {
    return this.#view.connection?.activeMode ?? null;
  }

  /**
   * Where in the tile the picture is, without the empty edges: in CSS pixels from the tile's corner. With `fit="cover"`, or zoomed, a
   * part of it lies outside the tile. Null while there is no picture, and for an embedded page. The first look loads the code for it,
   * and finds null, too.
   */
  get pictureBox(): DOMRect | null {
    return this.#extras?.pictureBox ?? null;
  }

  /** A PNG of the frame that is shown. Rejects with an `InvalidStateError` while there is none. */
  async snapshot(): Promise<Blob> {
    const { takeSnapshot } = await import('./extras/extras.ts');
    return takeSnapshot(this.#view.picture.video);
  }

  /** @internal */
  get wall(): Wall | null {
    return this.#wall;
  }

  /** Measurements of the picture; null while nothing plays. Rates cover the time since the last call. */
  async getStats(): Promise<SlotStats | null> {
    await this.#dressed;
    return this.#extras?.getStats() ?? null;
  }

  async #dress(): Promise<void> {
    try {
      const { dress } = await import('./extras/extras.ts');
      this.#extras = await dress(this, this.#view, this.#internals, { html, nothing });
    } catch {
      // A page that has only `ms-grid.js` of all the files does without: the tile plays.
      this.#extras = null;
      this.#dressed = undefined;
    }
    this.requestUpdate();
  }

  protected override render(): TemplateResult {
    const layers = this.#extras?.render();
    return html`<div class="tile">
      ${layers?.behind}${this.#view.picture.element}<slot></slot>${layers?.over}
    </div>`;
  }
}
