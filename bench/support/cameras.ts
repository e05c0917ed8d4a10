import { type CameraSettings, startCameras } from '../../device/test/support/processes.ts';

/** Colours that are far apart, so that a picture tells which camera it is of. */
const colors = [
  [200, 40, 40],
  [40, 170, 40],
  [40, 40, 200],
  [200, 180, 40],
  [180, 40, 180],
  [40, 170, 170],
  [210, 210, 210],
  [70, 70, 70],
  [230, 115, 30],
] as const;

export type CameraKind = Required<Omit<CameraSettings, 'name' | 'color' | 'sound' | 'tone' | 'beeps'>>;

/** The camera of a wall where a part does not say otherwise. */
export const smallCamera: CameraKind = {
  width: 640,
  height: 360,
  rate: 25,
  gop: 50,
  bitrate: 400,
  detail: true,
  codec: 'H264',
};

/** The tone of a camera by its number, in hertz: far apart, and none of them a multiple of another one. */
export const toneOf = (index: number) => 700 + 400 * index;

export interface Cameras {
  names: string[];
  /** `rtsp://…` by name. */
  urls: Record<string, string>;
  /** Whether they stand still. Their clients are told nothing of it, and take them for dead after five seconds. */
  freeze(isFrozen: boolean): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Real RTSP cameras of one kind, at most nine: `camera1`, `camera2`, … */
export async function openCameras(
  count: number,
  kind: Partial<CameraKind & Pick<CameraSettings, 'sound' | 'beeps'>> = {},
): Promise<Cameras> {
  const settings = colors
    .slice(0, count)
    .map((color, index) => ({ name: `camera${index + 1}`, color, tone: toneOf(index), ...smallCamera, ...kind }));
  const { urls, pid, stop } = await startCameras(settings);
  return {
    names: settings.map(({ name }) => name),
    urls,
    freeze: (isFrozen) => process.kill(pid, isFrozen ? 'SIGSTOP' : 'SIGCONT'),
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}
