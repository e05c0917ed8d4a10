import { frameNumber, isBlack } from '../../test/support/picture.ts';

export interface TourRequest {
  device: string;
  /** In the order of the tour. Each camera's pictures carry its number, from 0. */
  streams: string[];
  tiles: number;
  /** Seconds. */
  dwell: number;
}

/** The frames that were seen so far; times are in milliseconds. */
export interface TourSight {
  steps: number;
  /** Frames that were looked at. */
  frames: number;
  black: number;
  /** Frames of a camera that is neither the wished one nor, before its first frame, one that was wished before it. */
  wrong: number;
  /** Tiles whose next camera was due before the present one had been seen. */
  missed: number;
  /** From the step to the first frame of each tile, since the last call. */
  delays: number[];
  /** Tiles whose picture was black when all of them were looked at. */
  dark: number;
  /** How often the device, or a session behind it, told a tile of an error. */
  errors: number;
  /** Bytes of the page's JavaScript. */
  heap: number;
  /** The first of the black and wrong frames. */
  odd: OddFrame[];
}

/** A frame that should not be there, and everything that may explain it. */
export interface OddFrame {
  what: 'black' | 'wrong' | 'dark';
  step: number;
  tile: number;
  wished: string;
  before: string[];
  /** The camera whose number the frame carries. */
  number: number | null;
  /** Milliseconds since the tile was given its camera, and whether that had been seen. */
  since: number;
  hasArrived: boolean;
  state: string;
  video: Record<string, unknown>;
  /** A PNG of the frame, as a data URL. */
  picture: string;
}

/** Frames that are kept with their pictures. */
const mostOdd = 30;

interface Seen {
  wished: string;
  /** The camera that was seen last, and those that were wished after it. */
  before: string[];
  since: number;
  hasArrived: boolean;
}

type Slot = HTMLElement & { stream: string; state: string };
type Grid = HTMLElement & {
  slots: Slot[];
  tour(plan: { streams: string[]; dwell: number }): Promise<unknown>;
};

let sight: TourSight;
let seen = new Map<Slot, Seen>();

/** Puts a wall into the page, and looks at each frame of its tour from now on. */
export async function startTour({ device, streams, tiles, dwell }: TourRequest): Promise<void> {
  sight = { steps: 0, frames: 0, black: 0, wrong: 0, missed: 0, delays: [], dark: 0, errors: 0, heap: 0, odd: [] };
  const script = document.createElement('script');
  script.type = 'module';
  script.src = `${device}/ms-grid.js`;
  document.head.append(script);
  await customElements.whenDefined('ms-slot');
  const grid = document.createElement('ms-grid') as Grid;
  grid.setAttribute('device-url', device);
  grid.setAttribute('ice-servers', '[]');
  for (let index = 0; index < tiles; index++) {
    const slot = document.createElement('ms-slot');
    slot.setAttribute('slot', String(index));
    grid.append(slot);
  }
  document.querySelector('#wall')?.append(grid);
  grid.addEventListener('ms-status', (event) => {
    const { status } = event as Event & { status: { status: string } };
    sight.errors += status.status === 'error' ? 1 : 0;
  });
  await grid.tour({ streams, dwell });
  seen = new Map<Slot, Seen>(
    grid.slots.map((slot) => [slot, { wished: slot.stream, before: [], since: performance.now(), hasArrived: false }]),
  );
  grid.addEventListener('ms-tour', () => {
    const isStep = grid.slots.some((slot) => slot.stream !== seen.get(slot)?.wished);
    sight.steps += isStep ? 1 : 0;
    for (const [slot, state] of seen) {
      if (slot.stream !== state.wished) {
        sight.missed += state.hasArrived ? 0 : 1;
        state.before = [...(state.hasArrived ? [] : state.before), state.wished];
        Object.assign(state, { wished: slot.stream, since: performance.now(), hasArrived: false });
      }
    }
  });
  for (const [slot, state] of seen) {
    watch(slot, (video) => judge(slot, video, state, streams));
  }
}

export function lookAtTour(): TourSight {
  for (const [slot, state] of seen) {
    // The video on top: the next one loads behind it.
    const video = [...(slot.shadowRoot?.querySelectorAll('video') ?? [])].at(-1);
    // Before its first camera's first frame a tile says that it loads; the video's size is known a little sooner than there is a frame.
    const hasShown = state.hasArrived || state.before.length > 0;
    if (video && hasShown && isBlack(video)) {
      sight.dark++;
      keep('dark', null, slot, video, state);
    }
  }
  const { memory } = performance as Performance & { memory?: { usedJSHeapSize: number } };
  const told = { ...sight, heap: memory?.usedJSHeapSize ?? 0 };
  sight.delays = [];
  sight.odd = [];
  return told;
}

function judge(slot: Slot, video: HTMLVideoElement, state: Seen, streams: readonly string[]): void {
  sight.frames++;
  const number = frameNumber(video);
  const stream = streams[number ?? -1] ?? '';
  if (stream === state.wished) {
    if (!state.hasArrived) {
      state.hasArrived = true;
      sight.delays.push(performance.now() - state.since);
    }
  } else if (isBlack(video)) {
    sight.black++;
    keep('black', number, slot, video, state);
  } else if (state.hasArrived || !state.before.includes(stream)) {
    sight.wrong++;
    keep('wrong', number, slot, video, state);
  }
}

function keep(
  what: OddFrame['what'],
  number: number | null,
  slot: Slot,
  video: HTMLVideoElement,
  { wished, before, since, hasArrived }: Seen,
): void {
  if (sight.black + sight.wrong + sight.dark > mostOdd) {
    return;
  }
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: video.videoWidth || 1, height: video.videoHeight || 1 });
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  const { videoWidth, videoHeight, readyState, paused, isConnected, currentTime } = video;
  const [track] = (video.srcObject as MediaStream | null)?.getTracks() ?? [];
  sight.odd.push({
    ...{ what, wished, before: [...before], number, hasArrived, state: slot.state, step: sight.steps },
    since: performance.now() - since,
    tile: (slot.parentElement as Grid).slots.indexOf(slot),
    video: {
      ...{ videoWidth, videoHeight, readyState, paused, isConnected, currentTime },
      ...{ track: track?.readyState, muted: track?.muted },
      ...{ videos: slot.shadowRoot?.querySelectorAll('video').length },
      ...{ isSeen: video.checkVisibility({ opacityProperty: true, visibilityProperty: true }) },
      ...{ frames: video.getVideoPlaybackQuality().totalVideoFrames },
    },
    picture: canvas.toDataURL(),
  });
}

/** Calls back for each frame of each video that a tile has. */
function watch(slot: Slot, see: (video: HTMLVideoElement) => void): void {
  const watched = new WeakSet<HTMLVideoElement>();
  const watchNew = () => {
    for (const video of slot.shadowRoot?.querySelectorAll('video') ?? []) {
      if (!watched.has(video)) {
        watched.add(video);
        const look = () => {
          see(video);
          video.requestVideoFrameCallback(look);
        };
        video.requestVideoFrameCallback(look);
      }
    }
    requestAnimationFrame(watchNew);
  };
  watchNew();
}
