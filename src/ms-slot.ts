import { ContextConsumer } from '@lit/context';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { property } from 'lit/decorators.js';
import { type Wall, wallContext } from './context.ts';
import { slotStyles } from './ms-slot.styles.ts';
import { SlotView } from './slot-view.ts';
import { stateLabels, type TileState } from './tile-state.ts';

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
 * @slot - What a page lays over the picture.
 *
 * @fires {MsStatusEvent} ms-status - The device said where the slot stands.
 * @fires {MsSwitchEvent} ms-switch - The first frame of another stream is on the screen; `milliseconds` since the wish.
 * @fires {MsErrorEvent} ms-error - The wish failed; the old picture goes on.
 *
 * @csspart video - The video.
 * @csspart bar - The strip with label, quality and reason.
 * @csspart label - What the picture shows.
 * @csspart quality - The quality that the picture is in.
 * @csspart reason - Why something failed.
 * @csspart badge - The state: a light and a word.
 *
 * @cssprop [--ms-aspect-ratio=16 / 9] - Of the tile.
 * @cssprop [--ms-radius=10px] - Rounding of the tile.
 * @cssprop [--ms-fit=contain] - `contain` or `cover`: how the picture fills the tile.
 * @cssprop [--ms-tile-background=#171b21] - Behind the picture.
 * @cssprop [--ms-color=#f2f4f7] - Text.
 * @cssprop [--ms-font=system-ui, sans-serif] - Font family.
 * @cssprop [--ms-accent=#5b9dff] - Focus ring.
 * @cssprop [--ms-ok=#3ddc84] - Light of a live tile.
 * @cssprop [--ms-warning=#ffb84d] - Light of a tile that loads or reconnects.
 * @cssprop [--ms-danger=#ff5d52] - Light of a tile that failed.
 * @cssprop [--ms-danger-text=#ffb4ab] - The reason.
 *
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
export class MsSlot extends LitElement {
  static override styles = slotStyles;

  /** The tile's place in the grid, from 0; without one it follows in document order. */
  @property({ attribute: 'slot', converter: slotNumber }) index: number | undefined;

  /** The same as `slot`, for frameworks that take the `slot` attribute for themselves. Wins over it. */
  @property({ attribute: 'slot-index', converter: slotNumber }) slotIndex: number | undefined;

  /** The camera: a stream that the device knows. Empty for none. */
  @property() stream = '';

  /** A variant of the stream, such as `360p`; empty or `native` for the stream itself. */
  @property() quality = '';

  /** The camera's name for people; by default the stream's. */
  @property() label = '';

  readonly #internals = this.attachInternals();
  readonly #view = new SlotView(this);
  #wall: Wall | null = null;

  constructor() {
    super();
    const callback = (wall: Wall) => {
      this.#wall = wall;
    };
    new ContextConsumer(this, { context: wallContext, subscribe: true, callback });
  }

  override connectedCallback(): void {
    // Asked anew at every place in the document: this one may be in another grid, or in none.
    this.#wall = null;
    this.#internals.role = 'group';
    super.connectedCallback();
    this.requestUpdate();
    requestAnimationFrame(() => {
      if (this.isConnected && this.parentElement?.shadowRoot && this.assignedSlot === null) {
        console.warn(
          'This <ms-slot> streams unseen: its parent has no place for its slot attribute, use slot-index',
          this,
        );
      }
    });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    // A move is a removal and an insertion in one task; it keeps the picture.
    setTimeout(() => {
      if (!this.isConnected) {
        this.#view.release();
      }
    });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.isConnected) {
      return;
    }
    this.#view.want(this.#wall?.connection ?? null, { stream: this.stream, quality: this.quality });
    if (changed.has('index') || changed.has('slotIndex')) {
      this.#wall?.arrange();
    }
  }

  /** The tile's effective number; undefined where the author gave none. */
  get place(): number | undefined {
    return this.slotIndex ?? this.index;
  }

  /** What the badge says. `active` means: the device says so and a frame is on the screen. */
  get state(): TileState {
    return this.#view.summary.state;
  }

  /** Why the tile is in its state, in words for its reader; empty where there is nothing to explain. */
  get reason(): string {
    return this.#view.summary.reason;
  }

  protected override render(): unknown {
    const { state, reason, shared } = this.#view.summary;
    const shown = this.#view.shown ?? this;
    const label = this.label || shown.stream;
    this.#internals.states.clear();
    this.#internals.states.add(state);
    this.#internals.ariaLabel = [label, stateLabels[state], reason].filter(Boolean).join(', ');
    const own = shared ? '' : reason;
    return html`
      <div class="tile">
        <div class="empty">${cameraIcon}</div>
        ${this.#view.picture.element}
        <slot></slot>
        <div class="bar" part="bar">
          <span class="label" part="label">${label}</span>
          ${shown.quality ? html`<span class="quality" part="quality">${shown.quality}</span>` : nothing}
          ${own ? html`<p class="reason" part="reason" role="status">${own}</p>` : nothing}
        </div>
        <span class="badge" part="badge" title=${reason || nothing}>${stateLabels[state]}</span>
      </div>
    `;
  }
}

const cameraIcon = html`
  <svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
    <path d="M3 6.5h11A1.5 1.5 0 0 1 15.5 8v2.2l4.3-2.6A.8.8 0 0 1 21 8.3v7.4a.8.8 0 0 1-1.2.7l-4.3-2.6V16a1.5 1.5 0 0 1-1.5 1.5H3A1.5 1.5 0 0 1 1.5 16V8A1.5 1.5 0 0 1 3 6.5Z" />
  </svg>
`;
