import { ContextProvider } from '@lit/context';
import { html, LitElement, nothing, type PropertyValues } from 'lit';
import { property, state } from 'lit/decorators.js';
import { acquireConnection, releaseConnection } from './client/connections.ts';
import type { ConnectionState, DeviceConnection } from './client/device-connection.ts';
import { type Wall, wallContext } from './context.ts';
import { MsConnectionEvent, MsErrorEvent } from './events.ts';
import { gridStyles } from './ms-grid.styles.ts';
import { MsSlot } from './ms-slot.ts';

/**
 * A wall of cameras over one connection to one device. Its `<ms-slot>`s stand at the place of their number, direct
 * children as well as those deeper in the page's own markup, which stays as the page laid it out.
 *
 * @tag ms-grid
 *
 * @slot - `<ms-slot>`s, or markup that contains them.
 *
 * @fires {MsConnectionEvent} ms-connection - The connection changed its state.
 * @fires {MsErrorEvent} ms-error - There is no session, or an attribute cannot be read.
 *
 * @csspart wall - The CSS grid.
 * @csspart error - Why there is no session.
 *
 * @cssprop [--ms-gap=8px] - Between the tiles and around them.
 * @cssprop [--ms-radius=10px] - Rounding of the tiles; the wall follows it.
 * @cssprop [--ms-background=#0b0d10] - Behind the tiles.
 * @cssprop [--ms-color=#f2f4f7] - Text.
 * @cssprop [--ms-font=system-ui, sans-serif] - Font family.
 */
export class MsGrid extends LitElement {
  static override styles = gridStyles;
  /**
   * Manual, so that a child is shown whatever its `slot` attribute says: here it is a number, not a slot's name.
   * @internal
   */
  static override shadowRootOptions: ShadowRootInit = { ...LitElement.shadowRootOptions, slotAssignment: 'manual' };

  /** The device, such as `https://device.example.com`; empty for the page's own origin. */
  @property({ attribute: 'device-url' }) deviceUrl = '';

  /** Tiles in a row; by default as many as make a square. */
  @property({ type: Number }) columns: number | undefined;

  /** STUN and TURN servers, as an array or as its JSON; by default one public STUN server, `[]` for none. */
  @property({ attribute: 'ice-servers' }) iceServers: RTCIceServer[] | string | undefined;

  /** Why there is no session, in words for the reader. */
  @state() private error = '';

  readonly #provider = new ContextProvider(this, { context: wallContext, initialValue: this.#wallOf(null) });
  readonly #children = new MutationObserver(() => this.#arrange());
  #connection: DeviceConnection | null = null;
  #unsubscribe = () => {};

  get connectionState(): ConnectionState {
    return this.#connection?.state ?? 'idle';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#children.observe(this, { childList: true, subtree: true });
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#children.disconnect();
    // A move is a removal and an insertion in one task; it keeps the connection.
    setTimeout(() => {
      if (!this.isConnected) {
        this.#leave();
      }
    });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (this.isConnected && (this.#connection === null || changed.has('deviceUrl') || changed.has('iceServers'))) {
      this.#join();
    }
  }

  protected override render(): unknown {
    const alone = this.childElementCount === 0 ? 'alone' : '';
    return html`
      <div class="wall" part="wall"><slot></slot></div>
      ${this.error ? html`<p class="error ${alone}" part="error" role="alert">${this.error}</p>` : nothing}
    `;
  }

  protected override updated(): void {
    this.#arrange();
  }

  #join(): void {
    const before = this.#connection;
    this.#unsubscribe();
    this.#connection = this.#acquire();
    this.#unsubscribe =
      this.#connection?.subscribe((state, error) => {
        this.error = error?.message ?? '';
        this.dispatchEvent(new MsConnectionEvent(state, error));
        if (error) {
          this.dispatchEvent(new MsErrorEvent(error));
        }
      }) ?? (() => {});
    this.#provider.setValue(this.#wallOf(this.#connection));
    // After the new one is taken, since it may be the same.
    if (before) {
      releaseConnection(before);
    }
  }

  #acquire(): DeviceConnection | null {
    try {
      const iceServers = readIceServers(this.iceServers);
      this.error = '';
      return acquireConnection(this.deviceUrl, iceServers === undefined ? {} : { pcConfig: { iceServers } });
    } catch (cause) {
      const error = new TypeError(`ice-servers is not a JSON list such as [{"urls": "stun:stun.example.com"}]`, {
        cause,
      });
      this.error = error.message;
      this.dispatchEvent(new MsErrorEvent(error));
      return null;
    }
  }

  #leave(): void {
    this.#unsubscribe();
    const before = this.#connection;
    this.#connection = null;
    this.#provider.setValue(this.#wallOf(null));
    if (before) {
      releaseConnection(before);
    }
  }

  #wallOf(connection: DeviceConnection | null): Wall {
    return { connection, arrange: () => this.#arrange() };
  }

  #arrange(): void {
    const cells = [...this.children].map((element, i) => ({ element, number: placeOf(element) ?? i }));
    // Stable: equal numbers stay in document order.
    cells.sort((a, b) => a.number - b.number);
    const wall = this.shadowRoot?.querySelector<HTMLElement>('.wall');
    wall?.querySelector('slot')?.assign(...cells.map(({ element }) => element));
    const columns = this.columns || Math.ceil(Math.sqrt(cells.length)) || 1;
    wall?.style.setProperty('--_columns', String(columns));
    wall?.style.setProperty('--_narrow-columns', String(this.columns || Math.min(columns, 2)));
  }
}

/** A cell stands where its first slot belongs. */
function placeOf(cell: Element): number | undefined {
  const slots = [cell, ...cell.querySelectorAll('*')].filter((element) => element instanceof MsSlot);
  const places = slots.flatMap(({ place }) => place ?? []);
  return places.length === 0 ? undefined : Math.min(...places);
}

/** @throws {SyntaxError | TypeError} */
function readIceServers(value: RTCIceServer[] | string | undefined | null): RTCIceServer[] | undefined {
  if (value === undefined || value === null || value === '') {
    return undefined;
  }
  const servers: unknown = typeof value === 'string' ? JSON.parse(value) : value;
  if (!Array.isArray(servers)) {
    throw new TypeError('not a list');
  }
  return servers;
}
