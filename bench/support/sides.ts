import type { SideName } from '../part.ts';
import { type Device, type DeviceOptions, openDevice } from './device.ts';

export interface Side {
  name: SideName;
  /** How the page is made. */
  wall: 'grid' | 'frames';
  gopCache: boolean;
}

export const sides: readonly Side[] = [
  { name: 'multistream', wall: 'grid', gopCache: true },
  { name: 'iframes', wall: 'frames', gopCache: true },
  { name: 'iframes without GOP cache', wall: 'frames', gopCache: false },
];

/** Without the GOP cache each switch waits for a key frame: to see how long, every third round is enough. */
const waitingRounds = 3;

/** Whether a side is measured in this round. */
export function takesPart({ gopCache }: Side, round: number): boolean {
  return gopCache || round % waitingRounds === 0;
}

/** One device with the GOP cache, for two sides, and one without, for the third. */
export interface Devices {
  of(side: Side): Device;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openDevices(options: Omit<DeviceOptions, 'gopCache'>): Promise<Devices> {
  const [cached, uncached] = await Promise.all([openDevice(options), openDevice({ ...options, gopCache: false })]);
  return {
    of: ({ gopCache }) => (gopCache ? cached : uncached),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([cached[Symbol.asyncDispose](), uncached[Symbol.asyncDispose]()]);
    },
  };
}

/**
 * Takes the sides in turns, so that what changes on the machine meanwhile meets all of them; each round begins with
 * another one, so that none is always the first.
 * @param goesOn asked before each round but the first
 */
export async function alternate<T>(
  all: readonly T[],
  rounds: number,
  measure: (one: T, round: number) => Promise<void>,
  goesOn: () => boolean = () => true,
): Promise<void> {
  for (let round = 0; round < rounds && (round === 0 || goesOn()); round++) {
    for (let turn = 0; turn < all.length; turn++) {
      await measure(all[(round + turn) % all.length] as T, round);
    }
  }
}
