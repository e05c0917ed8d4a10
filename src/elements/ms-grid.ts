import { html, nothing, type PropertyValues, type TemplateResult, unsafeCSS } from 'lit';
import { Lease } from '../client/connections.ts';
import type {
  ActiveMode,
  ConnectionState,
  DeviceConnection,
  DeviceConnectionOptions,
  Mode,
} from '../client/device-connection.ts';
import { cellsOf, slotsIn } from './cells.ts';
import { provideWall } from './context.ts';
import { MsConnectionEvent, MsErrorEvent } from './events.ts';
import type { Arrangement } from './extras/arrangement.ts';
import type { WallLayout } from './extras/layout.ts';
import type { Tour, TourPlan } from './extras/tours.ts';
import { readIceServers } from './ice-servers.ts';
import { gridStyles } from './ms-grid.styles.ts';
import type { MsSlot } from './ms-slot.ts';
import { PortableElement } from './portable-element.ts';
import type { SlotStats } from './slot-stats.ts';
import type { Strings } from './strings.ts';
import type { Why } from './tile-state.ts';

/**
 * A wall of cameras over one connection to one device. Its `<ms-slot>`s stand at the place of their number, direct
 * children as well as those deeper in the page's own markup, which stays as the page laid it out.
 *
 * @tag ms-grid
 *
 * @attr {string} sound - `follow`: the tile in the spotlight, or on the whole screen, is heard, and no longer when it leaves.
 *
 * @slot - `<ms-slot>`s, or markup that contains them.
 *
 * @fires {MsConnectionEvent} ms-connection - The connection changed its state.
 * @fires {MsLayoutEvent} ms-layout - Tiles have changed places, the spotlight, their qualities or their tours: with the control `move`, or once the page
 * has used `layout`, which the event has, too.
 * @fires {MsErrorEvent} ms-error - There is no session, or an attribute cannot be read.
 *
 * @fires {MsTourEvent} ms-tour - A tour, of the wall or of a tile, showed its next cameras or changed its `state`.
 *
 * @csspart wall - The CSS grid.
 * @csspart tour - The controls of a tour, below the wall.
 * @csspart control - A button of them.
 * @csspart large - The place of the tile in the spotlight.
 * @csspart error - Why there is no session.
 *
 * @cssstate spotlit - One tile is shown large.
 *
 * @cssprop [--ms-gap=8px] - Between the tiles and around them.
 * @cssprop [--ms-radius=10px] - Rounding of the tiles; the wall follows it.
 * @cssprop [--ms-color-scheme=light dark] - `light`, `dark`, or as the reader's system prefers it. `theme` sets it.
 * @cssprop [--ms-background=light-dark(#eef0f3, #0b0d10)] - Behind the tiles.
 * @cssprop [--ms-surface=light-dark(#ffffff, #1f242c)] - Behind a message.
 * @cssprop [--ms-color=light-dark(#14181f, #f2f4f7)] - Text.
 * @cssprop [--ms-font=system-ui, sans-serif] - Font family.
 */
export class MsGrid extends PortableElement {
  static override styles = unsafeCSS(gridStyles);
  static override properties = {
    deviceUrl: { attribute: 'device-url', reflect: true, useDefault: true },
    mode: { reflect: true, useDefault: true },
    columns: { type: Number, reflect: true },
    // Compared by value: frameworks pass a new array per render, and a new session is expensive.
    iceServers: {
      attribute: 'ice-servers',
      hasChanged: (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b),
    },
    maxSlots: { attribute: 'max-slots', type: Number, reflect: true },
    fit: { reflect: true, useDefault: true },
    theme: { reflect: true, useDefault: true },
    eager: { type: Boolean, reflect: true },
    calm: { type: Boolean, reflect: true },
    strings: { attribute: false },
    authorize: { attribute: false },
    controls: { reflect: true, useDefault: true },
    error: { state: true },
  };
  /**
   * Manual, so that a child is shown whatever its `slot` attribute says: here it is a number, not a slot's name.
   * @internal
   */
  static override shadowRootOptions: ShadowRootInit = { mode: 'open', slotAssignment: 'manual' };

  /** The device, such as `https://device.example.com`; empty for the page's own origin. */
  deviceUrl = '';

  /**
   * How the device is played: `multistream`, all tiles over one connection; `socket`, all over the WebSocket, where WebRTC
   * does not get through; `webrtc`, each over its own connection, as go2rtc does it; `iframe`, by the device's own pages; or
   * `auto`, by the first of these that works.
   */
  mode: Mode = 'auto';

  /** Tiles in a row; by default as many as make a square. */
  columns: number | undefined;

  /** STUN and TURN servers, as an array or as its JSON; by default those that the device names, or one public STUN server; `[]` for none. */
  iceServers: RTCIceServer[] | string | undefined;

  /** Slots to ask the device for, spare ones included, so that the wall can grow at once; 9 by default. */
  maxSlots: number | undefined;

  /** How the pictures fill the tiles: `contain` or `cover`. */
  fit = '';

  /** `light` or `dark`; by default as the reader's system prefers it. */
  theme = '';

  /** Keeps playing tiles that are out of sight. */
  eager = false;

  /** Shows the key frames alone of tiles in which nothing moves; see `<ms-slot>`. */
  calm = false;

  /** Which controls the tiles have; see `<ms-slot>`. */
  controls: string | null = null;

  /** Gives the token that the device wants to see; called again before the token expires, and when the device refuses it. */
  authorize: (() => string | Promise<string>) | undefined;

  /** Texts to use instead of the built-in ones: of states, controls and reasons. */
  strings: Partial<Strings> = {};

  /**
   * Tells and changes the layout, once its code is loaded.
   * @internal
   */
  arrangement: Arrangement | undefined;

  /** The tour of the wall; undefined while there is none. */
  readonly activeTour: Tour | undefined;

  /** Why there is no session. */
  private error: Why | null = null;

  /** Null until there is something to explain. */
  #extras: typeof import('./extras/extras.ts') | null = null;
  readonly #internals = this.attachInternals();
  readonly #lease = new Lease();
  #connection: DeviceConnection | null = null;
  #options: DeviceConnectionOptions = {};
  #unsubscribe: (() => void) | undefined;
  /** The page said `disconnect()`. */
  #off = false;
  #spotlit: MsSlot | null = null;
  readonly #tellSlots = provideWall(this, () => ({
    connection: this.#connection,
    options: this.#options,
    settings: this,
    arrange: () => this.#arrange(),
  }));

  /** Where the connection to the device stands; `idle` while there is no tile with a stream. */
  get connectionState(): ConnectionState {
    return this.#connection?.state ?? 'idle';
  }

  /** How the device is played at this moment; null while it is not. */
  get activeMode(): ActiveMode | null {
    return this.#connection?.activeMode ?? null;
  }

  constructor() {
    super();
    new MutationObserver(() => this.#arrange()).observe(this, { childList: true, subtree: true });
  }

  override connectedCallback(): void {
    super.connectedCallback();
    for (const slot of this.slots) {
      slot.join();
    }
    this.requestUpdate();
  }

  /** @internal */
  override letGo(): void {
    this.#leave();
    for (const slot of this.slots) {
      slot.letGo();
    }
  }

  /** Connects, where `disconnect` was called or the connection was given up; tries at once, where it waits. */
  connect(): void {
    this.#off = false;
    if (this.connectionState === 'closed') {
      this.#leave();
    }
    this.#connection?.reconnect();
    this.requestUpdate();
  }

  /** Ends the connection until `connect`. The tiles keep their last pictures. */
  disconnect(): void {
    this.#off = true;
    this.#leave();
  }

  /**
   * Warms a stream that a tile is about to show, such as the one under the pointer in a list of cameras: the switch to it is
   * then quick even if its camera was idle. At most as many at a time as a session has slots; on devices that cannot do it nothing
   * happens.
   */
  prepare(stream: string, quality = ''): void {
    this.#connection?.prepare([{ stream, quality }]);
  }

  /** Measurements of each tile, in the order of `slots`; see `<ms-slot>`. */
  getStats(): Promise<(SlotStats | null)[]> {
    return Promise.all(this.slots.map((slot) => slot.getStats()));
  }

  /** All tiles, in the order of the document. */
  get slots(): MsSlot[] {
    return slotsIn(this);
  }

  /** The tile that is shown large. */
  get spotlit(): MsSlot | null {
    return this.#spotlit;
  }

  /**
   * How the wall is arranged, as plain JSON for the page to store: the `order` of the tiles, the `spotlight`, the `qualities`, the `tour` and
   * the `tours` of single tiles. Set it, or a part of it, or its text, to arrange the wall so; `ms-error` has a `TypeError` where it cannot
   * be read, and nothing changes. The first look loads the code for it, and finds undefined.
   */
  get layout(): WallLayout | undefined {
    this.layout = null;
    return this.arrangement?.layout;
  }

  set layout(layout: Partial<WallLayout> | string | null | undefined) {
    import('./extras/extras.ts')
      .then((extras) => extras.arrange(this, layout))
      .catch((error) => this.dispatchEvent(new MsErrorEvent(error)));
  }

  /** Shows one tile large, by itself or by its number, and the others small around it; null shows all alike again. */
  spotlight(slot: MsSlot | number | null): void {
    this.#spotlit = this.#find(slot);
    this.#tellSlots();
    this.#arrange();
  }

  /**
   * Takes cameras through all tiles, page by page: each page for `dwell` seconds. The device starts the next ones before their turn.
   * A tour that runs goes on with the new plan; null ends it, and the tiles keep what they show. Tiles of other devices, and tiles with
   * `streams` of their own, take no part. Rejects where the code for it cannot be loaded.
   */
  async tour(plan: TourPlan | null): Promise<Tour | null> {
    return (await import('./extras/extras.ts')).tour(this, plan);
  }

  /** Lets one tile be heard, by itself or by its number, and the others not; null for none. */
  listen(slot: MsSlot | number | null): void {
    const heard = this.#find(slot);
    for (const tile of this.slots) {
      tile.sound = tile === heard;
    }
  }

  #find(slot: MsSlot | number | null): MsSlot | null {
    return (typeof slot === 'number' ? this.slots.find(({ place }) => place === slot) : slot) ?? null;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.isConnected || this.ownerDocument.defaultView === null || this.#off) {
      return;
    }
    const anew = changed.has('iceServers') || changed.has('maxSlots');
    if (this.#connection === null || anew || changed.has('deviceUrl') || changed.has('mode')) {
      this.#join(anew);
    } else {
      // Each of the other properties may be one that the tiles follow.
      this.#tellSlots();
    }
  }

  protected override render(): TemplateResult {
    return html`
      <div class="wall" part="wall">
        <div class="large" part="large"><slot></slot></div>
        <slot></slot>
      </div>
      ${this.activeTour?.element}${this.error && this.#extras?.notice(this, this.error, { html, nothing })}
    `;
  }

  protected override updated(): void {
    if (this.error && !this.#extras) {
      this.#loadExtras();
    }
    this.#arrange();
  }

  /** The tiles load the same file. A page that has only `ms-grid.js` of all the files explains nothing. */
  #loadExtras(): void {
    import('./extras/extras.ts').then(
      (extras) => {
        this.#extras = extras;
        this.requestUpdate();
      },
      () => {},
    );
  }

  #join(anew: boolean): void {
    const before = this.#connection;
    this.#unsubscribe?.();
    if (anew) {
      this.#lease.release();
    }
    this.#connection = this.#take();
    if (anew && this.#connection === before) {
      // Others hold it too; what they see goes on until there is a new session on the new terms.
      before?.reconnect();
    }
    this.#unsubscribe = this.#connection?.subscribe((state, error) => {
      this.error = error;
      this.dispatchEvent(new MsConnectionEvent(state, error, this.activeMode));
      if (error) {
        this.dispatchEvent(new MsErrorEvent(error));
      }
    });
    this.#tellSlots();
  }

  #take(): DeviceConnection | null {
    try {
      const { maxSlots } = this;
      const iceServers = readIceServers(this.iceServers);
      this.#options = {
        mode: this.mode,
        authorize: () => this.authorize?.() ?? '',
        ...(iceServers && { pcConfig: { iceServers } }),
        ...(maxSlots && { maxSlots }),
      };
      const connection = this.#lease.take(this.deviceUrl, this.#options);
      this.error = connection?.error ?? null;
      return connection;
    } catch (error) {
      const { message } = error as TypeError;
      this.error = { reason: 'attribute', message, detail: message };
      this.dispatchEvent(new MsErrorEvent(error as TypeError));
      return null;
    }
  }

  #leave(): void {
    this.#unsubscribe?.();
    this.#connection = null;
    this.#tellSlots();
    this.#lease.release();
  }

  /** Gives the cells their places. By hand: the grid assigns its slots itself, and a policy may forbid inline styles. */
  #arrange(): void {
    const wall = this.renderRoot?.querySelector<HTMLElement>('.wall');
    const [one, all] = wall?.querySelectorAll('slot') ?? [];
    if (!wall || !one || !all) {
      return;
    }
    const cells = cellsOf(this);
    const large = cells.find((cell) => cell.contains(this.#spotlit));
    one.assign(...(large ? [large] : []));
    all.assign(...cells.filter((cell) => cell !== large));
    const { states } = this.#internals;
    large ? states.add('spotlit') : states.delete('spotlit');
    const small = cells.length - 1;
    // The small tiles beside and below the large one fill the square.
    const span = small > 3 ? small >> 1 : Math.max(small, 2);
    const own = Math.max((this.columns ?? 0) | 0, 0);
    const columns = large ? span + 1 : own || Math.ceil(Math.sqrt(cells.length)) || 1;
    wall.style.cssText = `--_span: ${span}; --_columns: ${columns}; --_narrow-columns: ${own || Math.min(columns, 2)}`;
  }
}
