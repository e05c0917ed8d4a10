import type { ReactiveController, TemplateResult } from 'lit';
import type { DeviceConnection } from '../../client/device-connection.ts';
import type { WallSettings } from '../context.ts';
import type { SlotStats } from '../slot-stats.ts';
import type { SlotView } from '../slot-view.ts';
import type { Strings } from '../strings.ts';
import type { Tile, TileHost } from '../tile.ts';
import type { TileState } from '../tile-state.ts';
import type { Arranger } from './arrange.ts';
import type { Attention } from './attention.ts';
import type { AutoQuality } from './auto-quality.ts';
import { Backdrop } from './backdrop.ts';
import { caption } from './caption.ts';
import { type ControlName, controls, readControls } from './controls.ts';
import { announce, describe, reasonOf, summaryOf } from './describe.ts';
import { Gestures, neighbour } from './gestures.ts';
import { nextKeyFrame } from './key-frame.ts';
import { Lazy } from './lazy.ts';
import { html, nothing } from './lit.ts';
import { Liveness } from './liveness.ts';
import type { pictureBox } from './picture-box.ts';
import { takeSnapshot } from './snapshot.ts';
import { TileSound } from './sound.ts';
import { sources, tour } from './start-tour.ts';
import { readStats, StatsMeter } from './stats.ts';
import { variantsOf } from './variants.ts';
import { Visibility } from './visibility.ts';

interface Observers {
  readonly attention: Attention;
  readonly auto: AutoQuality;
  readonly pictureBox: typeof pictureBox;
}

/** The states that a screen reader announces. */
const announced = ['active', 'offline', 'error', 'waiting'];

/**
 * The features of a tile beyond showing its stream.
 */
export class Extras implements ReactiveController {
  readonly #host: TileHost;
  readonly #view: SlotView;
  readonly #internals: ElementInternals;
  readonly #visibility: Visibility;
  /** Code that few tiles need. */
  readonly #observers: Lazy<Observers>;
  readonly #arranger: Lazy<Arranger>;
  readonly #panelFile: Lazy<typeof import('./stats-panel.ts')>;
  readonly #gestures: Gestures;
  readonly #backdrop: Backdrop;
  readonly #sound: TileSound;
  /** In the spotlight, or on the whole screen. */
  #isLarge = false;
  readonly #liveness: Liveness;
  /** The panel and the page each measure rates over their own intervals. */
  #panelMeter = new StatsMeter();
  readonly #pageMeter = new StatsMeter();
  /** The measured values while they are shown; null without a picture. */
  #panel: { stats: SlotStats | null; level: number | null } | null = null;
  #qualities: string[] = [];
  #listed = '';
  #announcement = '';
  #name = '';
  #ticking: ReturnType<typeof setInterval> | undefined;
  readonly #actions = {
    stats: () => this.#toggleStats(),
    sound: () => {
      this.#host.sound = !this.#host.sound;
    },
    snapshot: () => this.#save(),
    pip: () => this.#pictureInPicture(),
    // A browser refuses without a gesture of the user, or by the page's policy: then the tile stays as it is.
    fullscreen: () => {
      const { ownerDocument } = this.#host;
      (this.#host.matches(':fullscreen') ? ownerDocument.exitFullscreen() : this.#host.requestFullscreen()).catch(
        () => {},
      );
    },
  };

  constructor(host: TileHost, view: SlotView, internals: ElementInternals) {
    this.#host = host;
    this.#view = view;
    this.#internals = internals;
    view.awaitKeyFrame = nextKeyFrame;
    this.#visibility = new Visibility(host);
    this.#sound = new TileSound(host, view);
    const { fullscreen, snapshot: save, sound } = this.#actions;
    const zoom = () => this.#arranger.load().then((arranger) => arranger?.press('+'));
    this.#gestures = new Gestures(host, { fullscreen, save, sound, zoom });
    this.#observers = new Lazy(host, () => this.#loadObservers());
    this.#arranger = new Lazy(host, () => this.#loadArranger());
    this.#panelFile = new Lazy(host, () => import('./stats-panel.ts'));
    this.#liveness = new Liveness(view);
    this.#backdrop = new Backdrop(host);
    host.addController(this);
    host.addEventListener('fullscreenchange', () => host.requestUpdate());
    sources.set(host, { view, auto: () => this.#observers.value?.auto });
  }

  hostConnected(): void {
    if (!this.#host.hasAttribute('tabindex')) {
      this.#host.tabIndex = 0;
    }
    this.#ticking ??= setInterval(() => this.#tick(), 1000);
    const { defaultView } = this.#host.ownerDocument;
    if (defaultView !== window) {
      defaultView?.addEventListener('pagehide', this.#onPageHide);
    }
    requestAnimationFrame(() => {
      if (this.#host.isConnected && hasNoPlace(this.#host)) {
        import('./advice.ts').then(({ adviseOnPlace }) => adviseOnPlace(this.#host)).catch(() => {});
      }
    });
  }

  /** Before the tile renders, so that its controls show what the sound has become. */
  hostUpdate(): void {
    const host = this.#host;
    const { activeTour, frames, stream, streams, volume, wall } = host;
    const isLarge = host.matches(':fullscreen') || wall?.settings.spotlit === host;
    if (isLarge !== this.#isLarge && host.closest('[sound=follow]')) {
      host.sound = isLarge;
    }
    this.#isLarge = isLarge;
    frames && this.#observers.load();
    if (streams || activeTour) {
      tour(host);
    }
    this.#sound.update(host.sound && stream !== '', volume, wall?.settings ?? null);
  }

  hostDisconnected(): void {
    clearInterval(this.#ticking);
    this.#ticking = undefined;
    this.#liveness.end();
    this.#sound.close();
  }

  /** Whether a reader looks at this tile in particular: a calm one then shows everything. */
  get isAttended(): boolean {
    return this.#observers.value?.attention.isAttended === true;
  }

  /** Whether no reader can see the tile. A picture in picture is visible wherever its tile is. */
  get isUnseen(): boolean {
    return !this.#visibility.isVisible && !this.#host.shadowRoot?.pictureInPictureElement;
  }

  /** The quality that `auto` stands for at this moment; undefined until that is known. */
  autoQuality(stream: string, connection: DeviceConnection): string | undefined {
    const streams = connection.address('api/streams');
    const auto = this.#observers.value?.auto;
    return streams && !this.#observers.isMissing ? auto?.choose(stream, streams.href) : '';
  }

  async #loadObservers(): Promise<Observers> {
    const { Attention, AutoQuality, Frames, pictureBox } = await import('./observers.ts');
    const wall = () => this.#gestures.wall;
    new Frames(this.#host, this.#view.picture, this.#view.status);
    const attention = new Attention(this.#host, wall);
    const isAttended = () => attention.isAttended;
    const tiles = () => wall()?.slots.length ?? 1;
    const zoom = () => this.#arranger.present?.zoom.scale ?? 1;
    return { attention, auto: new AutoQuality(this.#host, { variantsOf, isAttended, tiles, zoom }), pictureBox };
  }

  async #loadArranger(): Promise<Arranger> {
    const { Arranger } = await import('./arrange.ts');
    return new Arranger(this.#host, {
      picture: this.#view.picture.element,
      pictureBox: () => this.pictureBox,
      neighbour,
    });
  }

  async getStats(): Promise<SlotStats | null> {
    return this.#pageMeter.read(await this.#view.getStats(), this.#view.lastSwitch);
  }

  get pictureBox(): DOMRect | null {
    return this.#observers.value?.pictureBox(this.#host, this.#view.picture.video) ?? null;
  }

  get state(): TileState {
    return summaryOf(this.#view).state;
  }

  /** Why the tile is in its state, in its reader's language; empty where there is nothing to explain. */
  get reason(): string {
    return reasonOf(this.#host, this.#view);
  }

  /** Renders the layers behind the picture and over it, and tells style sheets and screen readers the same. */
  render(): { behind: TemplateResult; over: TemplateResult } {
    const tile = describe(this.#host, this.#view, this.#liveness.isStill);
    announce(tile, this.#internals);
    return { behind: this.#renderBehind(tile), over: this.#renderOver(tile) };
  }

  #renderBehind({ wish, connection, state }: Tile): TemplateResult {
    this.#shape(state);
    const still = this.#liveness.isBlank && connection ? stillOf(wish.stream, connection) : '';
    return this.#backdrop.render(this.#view.picture.isVisible ? '' : wish.poster || still);
  }

  /** Shows pixels that are not square in their shape. WebRTC does not tell the browser of it, and MediaSource does. */
  #shape(state: TileState): void {
    const { video, element } = this.#view.picture;
    const { width = 0, height = 0, display_width = width } = this.#view.status ?? {};
    const aspect = video && (display_width * video.videoHeight) / (height * video.videoWidth);
    if (state === 'active' && aspect) {
      // The sides of pictures are rounded.
      element.style.setProperty('--_pixel-aspect', Math.abs(aspect - 1) < 0.02 ? null : `${aspect}`);
    }
  }

  #renderOver(tile: Tile): TemplateResult {
    const { state, reason, isExplained, strings, wish } = tile;
    this.#gestures.wall = tile.wall;
    tile.wall && takeOver(tile.wall);
    const names = readControls(tile.controls).filter((name) => this.#can(name));
    const isArranged = names.includes('zoom') || names.includes('move');
    const arranger = isArranged ? this.#arranger.value : this.#arranger.present;
    arranger?.update({ ...tile, controls: names, shown: this.#view.shown?.stream });
    this.#name = wish.label || wish.stream;
    const { activeTour } = this.#host;
    // A screen reader that read out the cameras of a tour could read nothing else.
    if (announced.includes(state) && (activeTour ?? tile.wall?.activeTour)?.state !== 'running') {
      this.#announcement = [this.#name, strings[state], reason].filter(Boolean).join(', ');
    }
    return html`${caption(tile, state === 'active' && this.#view.status?.calm === true)}${this.#renderStats(strings)}
      <div class="foot" part="foot">${activeTour?.element}${this.#renderControls(tile, names)}${
        reason && !isExplained ? html`<p class="reason" part="reason">${reason}</p>` : nothing
      }${
        this.#sound.state === 'blocked'
          ? html`<button type="button" class="reason" part="reason" @click=${this.#sound.retry}>${this.#sound.explain(strings)}</button>`
          : nothing
      }</div>
      <span class="live" role="status">${this.#announcement}</span>${arranger?.layer}`;
  }

  /** The measured values, over the picture. */
  #renderStats(strings: Partial<Strings>): TemplateResult {
    const { codec } = this.#sound;
    const rows = this.#panel && this.#panelFile.value?.statsRows(this.#panel.stats, strings, { ...this.#panel, codec });
    return html`<dl class="panel" part="stats" ?hidden=${!rows}>${rows?.map(
      (row) => row && html`<div><dt>${row[0]}</dt><dd>${row[1]}</dd></div>`,
    )}</dl>`;
  }

  #renderControls({ strings, wish, connection }: Tile, names: readonly ControlName[]): TemplateResult {
    if (names.includes('quality')) {
      this.#listQualities(wish.stream, connection);
    }
    return controls({
      names,
      strings,
      pressed: { stats: this.#panel !== null, sound: ['heard', 'waiting'].includes(this.#sound.state) },
      silence: this.#sound.explain(strings),
      qualities: this.#qualities,
      quality: wish.quality || 'native',
      actions: this.#actions,
      arranging: this.#arranger.present?.buttons,
      choose: (quality) => {
        this.#host.quality = quality;
      },
    });
  }

  #can(name: ControlName): boolean {
    const mode = this.#view.connection?.activeMode ?? 'iframe';
    const hasPlaces = (this.#gestures.wall?.slots.length ?? 0) > 1;
    const can = { sound: mode !== 'iframe', pip: document.pictureInPictureEnabled, move: hasPlaces };
    return can[name as keyof typeof can] ?? true;
  }

  async #listQualities(stream: string, connection: DeviceConnection | null): Promise<void> {
    const streams = connection?.address('api/streams');
    if (streams && stream !== this.#listed) {
      this.#listed = stream;
      const rungs = await variantsOf(stream, streams.href);
      this.#qualities = rungs.sort((a, b) => a.height - b.height).map(({ quality }) => quality);
      this.#host.requestUpdate();
    }
  }

  /** Once the window is closed; a moment before that, its page can still put the tile elsewhere. */
  readonly #onPageHide = (): void => {
    setTimeout(() => this.#checkWindow());
  };

  /** Lets go where a pop-up or a frame was closed with the tile in it: the browser does not call that a disconnection. */
  #checkWindow(): void {
    if (this.#host.ownerDocument.defaultView === null) {
      this.hostDisconnected();
      (this.#host.wall?.settings ?? this.#host).letGo();
    }
  }

  #tick(): void {
    this.#checkWindow();
    const { isThin, isNews, remedy } = this.#liveness.tick(this.#host.ownerDocument.hidden);
    if (isNews) {
      this.#host.requestUpdate();
    }
    const { connection } = this.#view;
    if (remedy === 'reconnect') {
      connection?.reconnect();
    } else if (remedy) {
      connection?.[remedy](this.#view);
    }
    this.#measure(isThin);
  }

  /** @param isThin whether what came in the last second says nothing of the way and of the browser: a calm tile gets little, and then much at once */
  async #measure(isThin = false): Promise<void> {
    const isAuto = this.#host.quality === 'auto';
    if (isAuto || this.#panel) {
      const report = await this.#view.getStats();
      if (isAuto) {
        this.#observers.value?.auto.tick(report && !isThin ? readStats(report) : null);
      }
      if (this.#panel) {
        const level = (await this.#panelFile.present?.readLevel(this.#sound.output)) ?? null;
        // It may have been closed meanwhile.
        this.#panel &&= { stats: this.#panelMeter.read(report, this.#view.lastSwitch), level };
        this.#host.requestUpdate();
      }
    }
  }

  #toggleStats(): void {
    this.#panel = this.#panel ? null : { stats: null, level: null };
    this.#panelMeter = new StatsMeter();
    this.#host.requestUpdate();
    this.#measure();
  }

  async #save(): Promise<void> {
    const name = this.#name;
    try {
      const { download } = await import('./download.ts');
      download(
        await takeSnapshot(this.#view.picture.video),
        `${name} ${new Date().toISOString().replace(/[:.]/g, '-')}.png`,
      );
    } catch {
      // Without a picture there is nothing to save.
    }
  }

  #pictureInPicture(): void {
    // The browser may have no window for it, and the page no such file.
    import('./pip.ts').then(({ toggle }) => toggle(this.#host, this.#view.picture)).catch(() => {});
  }
}

/** The tile, or an element around it, is the child of an element whose shadow root gives it no place. */
function hasNoPlace(tile: Element): boolean {
  for (let element: Element | null = tile; element !== null; element = element.parentElement) {
    if (element.parentElement?.shadowRoot && element.assignedSlot === null) {
      return true;
    }
  }
  return false;
}

/** The device's present picture of a stream, small. */
function stillOf(stream: string, connection: DeviceConnection): string {
  const address = connection.address('api/frame.jpeg');
  address?.searchParams.set('src', stream);
  address?.searchParams.set('w', '320');
  return address?.href ?? '';
}

/** Takes over a layout that the page has set before the grid was defined: it hides the grid's own property. */
function takeOver(wall: Partial<Pick<WallSettings, 'layout'>>): void {
  if (Object.hasOwn(wall, 'layout')) {
    const { layout } = wall;
    delete wall.layout;
    wall.layout = layout;
  }
}
