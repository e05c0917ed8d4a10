/** Compiled with the tests and never run: what the frameworks' types accept, and what they refuse. */

import '../../src/types/jsx.ts';
import '../../src/types/svelte.ts';
import '../../src/types/vue.ts';
import type { ReactElement } from 'react';
import type { SvelteHTMLElements } from 'svelte/elements';
import type { GlobalComponents } from 'vue';

export function React(): ReactElement {
  return (
    <ms-grid device-url="https://device.example.com" columns={3} class="wall" onms-connection={({ state }) => state}>
      <ms-slot slot="0" stream="camera1" quality="auto" eager onms-switch={({ milliseconds }) => milliseconds + 1} />
      <ms-slot
        slotIndex={1}
        stream="camera2"
        key="2"
        style={{ width: 100 }}
        ref={(element) => void element?.snapshot()}
      />
      <ms-slot
        streams={['camera1', { stream: 'camera2', label: 'Yard' }]}
        dwell={8}
        onms-tour={({ tour }) => tour.next()}
        sound
        volume={0.5}
        onms-sound={({ state, codec }) => [state, codec]}
      />
      {/* @ts-expect-error a stream is a name */}
      <ms-slot stream={1} />
      {/* @ts-expect-error there is no such attribute */}
      <ms-slot camera="camera1" />
    </ms-grid>
  );
}

type Props<Tag extends 'ms-grid' | 'ms-slot'> = InstanceType<GlobalComponents[Tag]>['$props'];

export const vue: [Props<'ms-grid'>, Props<'ms-slot'>] = [
  { deviceUrl: '', columns: 3, class: 'wall', onMsConnection: ({ state }) => state },
  {
    key: 1,
    slot: 0,
    stream: 'camera1',
    streams: 'camera1 camera2',
    onMsTour: ({ state }) => state,
    sound: true,
    onMsSound: ({ state }) => state,
    onMsSwitch: ({ milliseconds }) => milliseconds + 1,
  },
];

// @ts-expect-error a stream is a name
export const wrongInVue: Props<'ms-slot'> = { stream: 1 };

export const svelte: [SvelteHTMLElements['ms-grid'], SvelteHTMLElements['ms-slot']] = [
  { 'device-url': '', class: 'wall', 'onms-connection': ({ state }) => state },
  { slot: '0', stream: 'camera1', eager: true, sound: true, 'onms-switch': ({ milliseconds }) => milliseconds + 1 },
];

// @ts-expect-error a stream is a name
export const wrongInSvelte: SvelteHTMLElements['ms-slot'] = { stream: 1 };
