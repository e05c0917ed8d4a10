import type { Recorder, SideName } from '../part.ts';
import { type Device, type DeviceOptions, openDevice } from './device.ts';

export interface Side {
  name: SideName;
  /** How the page is made. */
  wall: 'grid' | 'frames';
  gopCache: boolean;
  /** The checkout whose device and elements these are; undefined for this one. */
  checkout?: string;
}

export const sides: readonly Side[] = [
  { name: 'multistream', wall: 'grid', gopCache: true },
  { name: 'iframes', wall: 'frames', gopCache: true },
  { name: 'iframes without GOP cache', wall: 'frames', gopCache: false },
];

/** The sides of a run: those above, or this checkout and another one, which is built. */
export function sidesOf({ against }: Recorder): readonly Side[] {
  const multistream = { wall: 'grid', gopCache: true } as const;
  return against === null
    ? sides
    : [
        { name: 'multistream', ...multistream },
        { name: 'before', ...multistream, checkout: against },
      ];
}

/** Without the GOP cache each switch waits for a key frame: to see how long, every third round is enough. */
const waitingRounds = 3;

/** Whether a side is measured in this round. */
export function takesPart({ gopCache }: Side, round: number): boolean {
  return gopCache || round % waitingRounds === 0;
}

/** One device for all sides that have the same. */
export interface Devices {
  of(side: Side): Device;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openDevices(
  options: Omit<DeviceOptions, 'gopCache' | 'checkout'>,
  all: readonly Side[] = sides,
): Promise<Devices> {
  const keyOf = ({ gopCache, checkout }: Side) => `${gopCache} ${checkout}`;
  const kinds = new Map(all.map((side) => [keyOf(side), side]));
  const opened = await Promise.all(
    [...kinds].map(async ([key, { gopCache, checkout }]) => {
      return [key, await openDevice({ ...options, gopCache, checkout })] as const;
    }),
  );
  const devices = new Map(opened);
  return {
    of: (side) => devices.get(keyOf(side)) as Device,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map(([, device]) => device[Symbol.asyncDispose]()));
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
