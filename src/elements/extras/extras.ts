import type { DeviceConnection } from '../../client/device-connection.ts';
import type { MsSlot } from '../ms-slot.ts';
import type { SlotStats } from '../slot-stats.ts';
import type { SlotView } from '../slot-view.ts';
import type { Strings } from '../strings.ts';
import type { Why } from '../tile-state.ts';
import { AutoQuality } from './auto-quality.ts';
import { Backdrop } from './backdrop.ts';
import { Caption, type CaptionText } from './caption.ts';
import { Controls, readControls } from './controls.ts';
import { explain } from './explain.ts';
import { obeyGestures } from './gestures.ts';
import { stringsFor } from './languages.ts';
import { download, takeSnapshot } from './snapshot.ts';
import { readStats } from './stats.ts';
import { StatsMeter } from './stats-meter.ts';
import { StatsPanel } from './stats-panel.ts';
import { styles } from './styles.ts';
import { variantsOf } from './variants.ts';
import { Visibility } from './visibility.ts';
import { Watchdog } from './watchdog.ts';

export { explain, stringsFor, takeSnapshot };

/** States that somebody who does not see the tile is told of. */
const worthTelling = ['active', 'offline', 'error', 'waiting'];

/**
 * What a tile can do beyond showing its stream. A file of its own, loaded with the first tile, so that the elements
 * themselves stay small; it imports only types from them, and nothing that they hold as well.
 */
export class Extras {
  readonly #slot: MsSlot;
  readonly #view: SlotView;
  readonly #visibility: Visibility;
  readonly #auto: AutoQuality;
  readonly #backdrop = new Backdrop();
  readonly #caption = new Caption();
  readonly #watchdog = new Watchdog();
  readonly #panel = new StatsPanel();
  /** Of the panel, and of the page: each one's rates are over its own time. */
  #ours = new StatsMeter();
  readonly #theirs = new StatsMeter();
  readonly #live = document.createElement('span');
  readonly #controls = new Controls({
    stats: () => this.toggleStats(),
    mute: () => this.#mute(),
    quality: (quality) => {
      this.#slot.quality = quality;
    },
    snapshot: () => this.#save(),
    pip: () => this.#pictureInPicture(),
    fullscreen: () => this.fullscreen(),
  });
  #qualities: string[] = [];
  #listed = '';
  #strings: Partial<Strings> = {};
  #ticking: ReturnType<typeof setInterval> | undefined;
  /** Whole seconds with a wish and without a picture. */
  #blank = 0;

  constructor(slot: MsSlot, view: SlotView) {
    this.#slot = slot;
    this.#view = view;
    const update = () => slot.requestUpdate();
    this.#visibility = new Visibility(slot, update);
    this.#auto = new AutoQuality(slot, update);
    this.#live.className = 'live';
    this.#live.role = 'status';
    (slot.renderRoot as ShadowRoot).adoptedStyleSheets.push(sheet());
    const { element } = view.picture;
    element.before(this.#backdrop.element);
    const { head, foot } = this.#caption;
    foot.append(this.#controls.element);
    element.parentElement?.append(head, this.#panel.element, foot, this.#live);
    obeyGestures(slot, { fullscreen: () => this.fullscreen(), save: () => this.#save() });
  }

  start(): void {
    if (!this.#slot.hasAttribute('tabindex')) {
      this.#slot.tabIndex = 0;
    }
    this.#visibility.start();
    this.#ticking ??= setInterval(() => this.#tick(), 1000);
    requestAnimationFrame(() => {
      if (this.#slot.isConnected && isShownNowhere(this.#slot)) {
        console.warn(
          'This <ms-slot> streams unseen: it is in an element that has no place for its slot attribute, use slot-index',
          this.#slot,
        );
      }
    });
  }

  stop(): void {
    this.#visibility.stop();
    clearInterval(this.#ticking);
    this.#ticking = undefined;
    this.#blank = 0;
  }

  /** Nobody can see the tile: a picture in picture is seen wherever its tile is. */
  get isUnseen(): boolean {
    return !this.#visibility.isVisible && (this.#slot.renderRoot as ShadowRoot).pictureInPictureElement === null;
  }

  /** The texts in the page's language. */
  get strings(): Partial<Strings> {
    return stringsFor(this.#slot);
  }

  /** Why the tile is as it is, in its reader's words. */
  explain(why: Why, strings: Partial<Strings>): string {
    const { connection, wishedName } = this.#view;
    return explain(why, strings, { device: connection?.url ?? '', stream: wishedName });
  }

  /** What `quality="auto"` means at this moment; undefined until that is known. */
  autoQuality(connection: DeviceConnection): string | undefined {
    const streams = connection.address('api/streams');
    return streams ? this.#auto.choose(this.#slot.stream, streams.href) : '';
  }

  async getStats(): Promise<SlotStats | null> {
    return this.#theirs.read(await this.#view.getStats(), this.#view.lastSwitch);
  }

  fullscreen(): void {
    // Refused without a gesture of the user, or by the page's policy: the tile stays as it is.
    (this.#slot.matches(':fullscreen') ? document.exitFullscreen() : this.#slot.requestFullscreen()).catch(() => {});
  }

  toggleStats(): void {
    this.#panel.toggle();
    this.#ours = new StatsMeter();
    this.#controls.press('stats', this.#panel.isShown);
    this.#measure();
  }

  /** Brings what lies behind the picture and what lies over it up to date. */
  render(caption: CaptionText, controls: string | null, strings: Partial<Strings>): void {
    this.#strings = strings;
    this.#renderBehind();
    this.#renderOver(caption, controls, strings);
  }

  #renderBehind(): void {
    const { connection, picture } = this.#view;
    const still = this.#blank > 0 && connection ? stillOf(this.#slot.stream, connection) : '';
    this.#backdrop.show(picture.isVisible ? '' : this.#slot.poster || still);
  }

  #renderOver(caption: CaptionText, controls: string | null, strings: Partial<Strings>): void {
    this.#caption.show(caption);
    const { state, reason } = this.#slot;
    if (worthTelling.includes(state)) {
      const text = [this.#slot.label || this.#slot.stream, strings[state], reason].filter(Boolean).join(', ');
      if (text !== this.#live.textContent) {
        this.#live.textContent = text;
      }
    }
    const names = readControls(controls).filter((name) => this.#can(name));
    if (names.includes('quality')) {
      this.#list();
    }
    this.#controls.show(names, strings, this.#qualities, this.#slot.quality || 'native');
  }

  #can(name: string): boolean {
    // A multistream track has no sound; what has none needs no switch for it.
    const hasSound = (this.#view.picture.video?.srcObject as MediaStream | null)?.getAudioTracks().length;
    return { mute: Boolean(hasSound), pip: document.pictureInPictureEnabled }[name] ?? true;
  }

  async #list(): Promise<void> {
    const { stream } = this.#slot;
    const streams = this.#view.connection?.address('api/streams');
    if (streams && stream !== this.#listed) {
      this.#listed = stream;
      const rungs = await variantsOf(stream, streams.href);
      this.#qualities = rungs.sort((a, b) => a.height - b.height).map(({ quality }) => quality);
      this.#slot.requestUpdate();
    }
  }

  #tick(): void {
    const { connection, picture, status, wish } = this.#view;
    this.#blank = picture.isVisible || wish.stream === '' ? 0 : this.#blank + 1;
    if (this.#blank === 1) {
      this.#slot.requestUpdate();
    }
    const expected = status?.status === 'active' && !wish.paused && !document.hidden;
    const remedy = this.#watchdog.check(expected ? picture.countFrames() : null);
    if (remedy === 'reconnect') {
      connection?.reconnect();
    } else if (remedy) {
      connection?.[remedy](this.#view);
    }
    this.#measure();
  }

  async #measure(): Promise<void> {
    const isAuto = this.#slot.quality === 'auto';
    if (isAuto || this.#panel.isShown) {
      const report = await this.#view.getStats();
      if (isAuto) {
        this.#auto.tick(report && readStats(report));
      }
      if (this.#panel.isShown) {
        this.#panel.show(this.#ours.read(report, this.#view.lastSwitch), this.#strings);
      }
    }
  }

  #mute(): void {
    const { video } = this.#view.picture;
    if (video) {
      video.muted = !video.muted;
      this.#controls.press('mute', video.muted);
    }
  }

  async #save(): Promise<void> {
    const name = this.#slot.label || this.#slot.stream;
    try {
      download(
        await takeSnapshot(this.#view.picture.video),
        `${name} ${new Date().toISOString().replace(/[:.]/g, '-')}.png`,
      );
    } catch {
      // Without a picture there is nothing to save.
    }
  }

  #pictureInPicture(): void {
    const { video } = this.#view.picture;
    const isShown = (this.#slot.renderRoot as ShadowRoot).pictureInPictureElement === video;
    (isShown ? document.exitPictureInPicture() : video?.requestPictureInPicture())?.catch(() => {});
  }
}

/** It, or something around it, is the child of an element whose shadow root gives it no place. */
function isShownNowhere(tile: Element): boolean {
  for (let element: Element | null = tile; element !== null; element = element.parentElement) {
    if (element.parentElement?.shadowRoot && element.assignedSlot === null) {
      return true;
    }
  }
  return false;
}

let shared: CSSStyleSheet | undefined;

/** One for all tiles, and none before there is a document. */
function sheet(): CSSStyleSheet {
  if (shared === undefined) {
    shared = new CSSStyleSheet();
    shared.replaceSync(styles);
  }
  return shared;
}

/** The device's present picture of a stream, small. */
function stillOf(stream: string, connection: DeviceConnection): string {
  const address = connection.address('api/frame.jpeg');
  address?.searchParams.set('src', stream);
  address?.searchParams.set('w', '320');
  return address?.href ?? '';
}
