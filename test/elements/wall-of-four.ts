/** Four tiles in the page, over a device that follows a script. */

import { fixture, html, waitUntil } from '@open-wc/testing';
import { sendMouse } from '@web/test-runner-commands';
import '../../src/define.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { ScriptedDevice } from '../client/scripted-device.ts';
import { removeFixtures } from '../support/removed.ts';
import { connectTo } from './network.ts';

export interface Wall {
  grid: MsGrid;
  slots: MsSlot[];
}

export interface Stage {
  device: ScriptedDevice;
  /** All four play, with what is loaded beside the elements. */
  wall(controls?: string | null): Promise<Wall>;
  tearDown(): Promise<void>;
}

export function setUp(): Stage {
  const device = new ScriptedDevice();
  const disconnect = connectTo(device);
  return {
    device,
    wall: async (controls = '') => {
      const grid = await fixture<MsGrid>(html`
        <ms-grid device-url="http://device.test" ice-servers="[]" .controls=${controls}>
          <ms-slot slot="0" stream="red" label="Door"></ms-slot>
          <ms-slot slot="1" stream="green"></ms-slot>
          <ms-slot slot="2" stream="blue"></ms-slot>
          <ms-slot slot="3" stream="yellow"></ms-slot>
        </ms-grid>
      `);
      const { slots } = grid;
      await waitUntil(() => slots.every(({ state }) => state === 'active'), 'all active', { timeout: 5000 });
      await Promise.all(slots.map(({ updateComplete }) => updateComplete));
      return { grid, slots };
    },
    tearDown: async () => {
      await removeFixtures();
      disconnect();
    },
  };
}

export function button(slot: MsSlot, name: string): HTMLElement | null {
  return slot.renderRoot.querySelector<HTMLElement>(`.controls .${name}`);
}

/** As a hand would: fullscreen and the like are refused without one. */
export async function clickOn(element: Element): Promise<void> {
  const { x, y, width, height } = element.getBoundingClientRect();
  await sendMouse({ type: 'click', position: [Math.round(x + width / 2), Math.round(y + height / 2)] });
}
