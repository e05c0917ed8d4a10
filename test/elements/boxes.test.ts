import { expect, fixture, fixtureCleanup, html, waitUntil } from '@open-wc/testing';
import '../../src/define.ts';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { ScriptedDevice } from '../client/scripted-device.ts';
import { connectTo } from './network.ts';

describe('a tile that has no box', () => {
  let device: ScriptedDevice;
  let disconnect: () => void;
  const { warn } = console;
  let warned: string[] = [];

  beforeEach(() => {
    device = new ScriptedDevice();
    disconnect = connectTo(device);
    warned = [];
    console.warn = (text: string) => warned.push(text);
  });

  afterEach(async () => {
    console.warn = warn;
    fixtureCleanup();
    await new Promise((resolve) => setTimeout(resolve));
    disconnect();
  });

  const heard = (type: string) => device.heardTypes().filter((one) => one === `multistream/${type}`).length;

  for (const [name, { hide, show, word }] of Object.entries({
    'because of `display: contents`': {
      hide: (slot: MsSlot) => slot.style.setProperty('display', 'contents'),
      show: (slot: MsSlot) => slot.style.removeProperty('display'),
      word: ['display: contents'],
    },
    'because its size is 0': {
      hide: (slot: MsSlot) => slot.style.setProperty('width', '0'),
      show: (slot: MsSlot) => slot.style.removeProperty('width'),
      word: ['0 × 0 pixels'],
    },
    'because the <details> around it is closed': {
      hide: (slot: MsSlot) => slot.closest('details')?.removeAttribute('open'),
      show: (slot: MsSlot) => slot.closest('details')?.setAttribute('open', ''),
      word: ['the <details> around it is closed'],
    },
    'because it is hidden, of which the page knows': {
      hide: (slot: MsSlot) => slot.setAttribute('hidden', ''),
      show: (slot: MsSlot) => slot.removeAttribute('hidden'),
      word: [],
    },
  })) {
    it(`is paused with a word on the console, and plays when it gets one: ${name}`, async () => {
      const grid = await fixture<MsGrid>(html`
        <ms-grid device-url="http://device.test" ice-servers="[]">
          <details open><summary>Cameras</summary><ms-slot stream="red"></ms-slot></details>
        </ms-grid>
      `);
      const [slot] = grid.slots as [MsSlot];
      await waitUntil(() => slot.state === 'active', 'active', { timeout: 5000 });
      hide(slot);
      await waitUntil(() => heard('pause') === 1, 'paused', { timeout: 5000 });
      // The advice is loaded when there is something to say.
      await waitUntil(() => warned.length === word.length, 'advised', { timeout: 5000 });
      expect(warned.join()).to.contain(word.join());
      show(slot);
      await waitUntil(() => heard('resume') === 1, 'plays', { timeout: 5000 });
      hide(slot);
      await waitUntil(() => heard('pause') === 2, 'paused again', { timeout: 5000 });
      expect(warned).to.have.length(word.length);
    });
  }
});
