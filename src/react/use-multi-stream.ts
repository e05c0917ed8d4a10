'use client';

import { useEffect, useState, useSyncExternalStore } from 'react';
import type { DeviceConnectionOptions } from '../client/device-connection.ts';
import { HeadlessWall, type MultiStreamSlot, type MultiStreamWall, type SlotWish } from './headless-wall.ts';

export type { MultiStreamSlot, MultiStreamWall, SlotWish };

/**
 * Many cameras in React's own `<video>` elements, over one connection that heals by itself. Render other wishes, and
 * the pictures change.
 *
 * ```tsx
 * const { slots } = useMultiStream('https://device.example.com', [{ stream: 'camera1', quality: '360p' }]);
 * return slots.map(({ ref, status }, slot) => <video key={slot} ref={ref} muted playsInline title={status?.status} />);
 * ```
 *
 * @param deviceUrl the device; empty for the page's own origin
 * @param wishes what each slot shows, slot 0 first; the first render has no slots yet
 * @param options taken when the connection is opened; later ones count for the next device
 */
export function useMultiStream(
  deviceUrl: string,
  wishes: readonly SlotWish[],
  options: DeviceConnectionOptions = {},
): MultiStreamWall {
  const [wall] = useState(() => new HeadlessWall());
  // biome-ignore lint/correctness/useExhaustiveDependencies: a device has one connection, with the options it began with
  useEffect(() => wall.open(deviceUrl, options), [wall, deviceUrl]);
  // After every render: wishes are compared one by one, so the page need not keep its array the same.
  useEffect(() => wall.show(wishes));
  return useSyncExternalStore(wall.subscribe, wall.snapshot, wall.snapshot);
}
