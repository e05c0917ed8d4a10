import type { MsGrid } from '../elements/ms-grid.ts';
import type { MsSlot } from '../elements/ms-slot.ts';
import type { CameraPage } from './camera-page.ts';

/** Milliseconds from the start after which the host is told that nothing plays. */
const startTime = 15_000;
/** Milliseconds between two checks whether a picture moves. */
const lookInterval = 10_000;

/**
 * Tells the page what the page in its iframe would have told it (`device/pages/stream.js`): the same `message` events, in the
 * same order, from the same source. Hosts of the multistream fork of go2rtc hide their spinners by them.
 *
 * @param signal ends it
 */
export function tellHost(
  iframe: HTMLIFrameElement,
  { device, streams }: CameraPage,
  standIn: MsSlot | MsGrid,
  signal: AbortSignal,
): void {
  const { origin } = new URL(device);
  const tell = (what: string | object) => {
    const data = typeof what === 'string' ? `${what}:${streams}` : JSON.stringify(what);
    signal.aborted || dispatchEvent(new MessageEvent('message', { data, origin, source: iframe.contentWindow }));
  };

  const follow = (tile: MsSlot) => {
    let mode = 'loading';
    let frames = 0;
    const hostUpdated = () => {
      if (signal.aborted) {
        tile.removeController(controller);
        return;
      }
      const before = mode;
      mode = tile.state === 'active' ? 'RTC' : tile.state === 'connecting' ? 'loading' : mode;
      if (mode !== before) {
        mode === 'RTC' && tell('STARTING_VIDEO');
        tell({ VIDEO_MODE: mode });
      }
    };
    const controller = { hostUpdated };
    tell({ VIDEO_MODE: mode });
    hostUpdated();
    tile.addController(controller);
    // A tile that is out of sight plays once it is seen.
    const isSeen = () => tile.state !== 'paused';
    setTimeout(() => frames || !isSeen() || mode === 'RTC' || tell('PLAYBACK_NOT_STARTED'), startTime);
    const timer = setInterval(() => {
      const before = frames;
      frames = tile.shadowRoot?.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0;
      if (frames && frames === before && isSeen()) {
        tell('PLAYBACK_HUNG');
      }
    }, lookInterval);
    signal.addEventListener('abort', () => clearInterval(timer));
  };

  // Later, as a page has to load first: the host may listen only after it has put the iframe in.
  setTimeout(() => {
    if (signal.aborted) {
      return;
    }
    tell('STREAM_UI_LOADED');
    for (const tile of streams.length > 1 ? standIn.children : [standIn]) {
      follow(tile as MsSlot);
    }
    standIn.addEventListener(
      'ms-status',
      ({ status: { status, error } }) => {
        status === 'error' && tell({ VIDEO_ERROR: `webrtc/offer: ${error}` });
      },
      { signal },
    );
  });
}
