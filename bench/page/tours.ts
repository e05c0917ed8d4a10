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
  /** Bytes of the page's JavaScript. */
  heap: number;
}

interface Seen {
  wished: string;
  /** The camera that was seen last, and those that were wished after it. */
  before: string[];
  since: number;
  hasArrived: boolean;
}

type Slot = HTMLElement & { stream: string };
type Grid = HTMLElement & {
  slots: Slot[];
  tour(plan: { streams: string[]; dwell: number }): Promise<unknown>;
};

let sight: TourSight;

/** Puts a wall into the page, and looks at each frame of its tour from now on. */
export async function startTour({ device, streams, tiles, dwell }: TourRequest): Promise<void> {
  sight = { steps: 0, frames: 0, black: 0, wrong: 0, missed: 0, delays: [], heap: 0 };
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
  await grid.tour({ streams, dwell });
  const seen = new Map<Slot, Seen>(
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
    watch(slot, (video) => judge(video, state, streams));
  }
}

export function lookAtTour(): TourSight {
  const { memory } = performance as Performance & { memory?: { usedJSHeapSize: number } };
  const told = { ...sight, heap: memory?.usedJSHeapSize ?? 0 };
  sight.delays = [];
  return told;
}

function judge(video: HTMLVideoElement, state: Seen, streams: readonly string[]): void {
  sight.frames++;
  const stream = streams[frameNumber(video) ?? -1] ?? '';
  if (stream === state.wished) {
    if (!state.hasArrived) {
      state.hasArrived = true;
      sight.delays.push(performance.now() - state.since);
    }
  } else if (isBlack(video)) {
    sight.black++;
  } else if (state.hasArrived || !state.before.includes(stream)) {
    sight.wrong++;
  }
}

/** Calls back for each frame of the video that a tile has, whichever it is. */
function watch(slot: Slot, see: (video: HTMLVideoElement) => void): void {
  const video = slot.shadowRoot?.querySelector('video');
  if (!video) {
    requestAnimationFrame(() => watch(slot, see));
    return;
  }
  const look = () => {
    see(video);
    if (video.isConnected) {
      video.requestVideoFrameCallback(look);
    } else {
      watch(slot, see);
    }
  };
  video.requestVideoFrameCallback(look);
}
