import { networksFault } from '../../device/test/support/networks.ts';
import { type HttpOnly, openHttpOnly } from '../../test/hosts/support/http-only.ts';
import type { Part } from '../part.ts';
import { machineTime } from '../support/machine.ts';

const rounds = 20;

/** Runs in the page: milliseconds from its start until each tile has shown a picture, and the way that they take. */
const allFirstFrames = `(async () => {
  await customElements.whenDefined('ms-slot');
  const slots = [...document.querySelectorAll('ms-slot')];
  const next = () => new Promise(requestAnimationFrame);
  await Promise.all(slots.map(async (slot) => {
    let video = null;
    while (!(video?.getVideoPlaybackQuality().totalVideoFrames > 0)) {
      await next();
      video = slot.shadowRoot?.querySelector('video');
    }
  }));
  return { milliseconds: performance.now(), mode: document.querySelector('ms-grid').activeMode };
})()`;

/** How soon a wall plays that has to find out that WebRTC gets nowhere. */
export const fallback: Part = {
  name: 'fallback',
  title: 'Where only HTTP gets through',
  seconds: 180,
  async run(record) {
    const fault = networksFault();
    if (fault !== null) {
      record.settings.skipped = fault;
      return;
    }
    await using host = await openHttpOnly();
    const isDue = record.until(1);
    for (let round = 0; round < record.rounds(rounds) && isDue(); round++) {
      const { milliseconds, steal } = await measure(host);
      record.add({ what: '6 cameras, page to all first frames', side: 'multistream', unit: 'ms' }, milliseconds, {
        steal,
      });
    }
  },
};

/** In a profile of its own: nothing is in its cache, and nothing is known of the device. */
async function measure({ browser, url }: HttpOnly): Promise<{ milliseconds: number; steal: number }> {
  const before = machineTime();
  const profile = await browser.createBrowserContext();
  try {
    const page = await profile.newPage();
    await page.goto(url);
    const { milliseconds, mode } = (await page.evaluate(allFirstFrames)) as { milliseconds: number; mode: string };
    if (mode !== 'socket') {
      throw new Error(`the wall plays in mode ${mode}, and not over the WebSocket`);
    }
    return { milliseconds, steal: machineTime().steal - before.steal };
  } finally {
    await profile.close();
  }
}
