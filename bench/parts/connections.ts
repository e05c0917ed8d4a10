import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { openCameras } from '../support/cameras.ts';
import { openDevice, warm } from '../support/device.ts';
import { descendants, sum } from '../support/processes.ts';
import { alternate, sides } from '../support/sides.ts';
import { WallPage } from '../support/wall.ts';

/** Counts what is negotiated and held open; once, since it does not vary. */
export const connections: Part = {
  name: 'connections',
  title: 'Connections of six tiles',
  seconds: 12,
  async run(record) {
    await using cameras = await openCameras(6);
    await using device = await openDevice({ streams: warm(cameras.urls) });
    const tiles = cameras.names.map((stream) => ({ stream }));
    const compared = sides.filter(({ gopCache }) => gopCache);
    await alternate(compared, 1, async (side) => {
      await using browser = await openBrowser();
      const count = () => sum([browser.pid, ...descendants(browser.pid)], openSockets);
      const { pid, url } = device;
      const before = { browser: count(), device: openSockets(pid) };
      await using wall = await WallPage.open(browser, side, [{ device: url, tiles }]);
      await sleep(500);
      const { open, ice, dtls } = await wall.page.evaluate(() => globalThis.measure.connections());
      const add = (what: string, sample: number) => record.add({ what, side: side.name, unit: '' }, sample);
      add('RTCPeerConnections', open);
      add('ICE negotiations', ice);
      add('DTLS handshakes', dtls);
      add('sockets of the browser', count() - before.browser);
      add('sockets of the device', openSockets(pid) - before.device);
      for (let nth = 0; nth < 5; nth++) {
        const reference = nth + 1;
        await wall.switch({ index: 0, tile: { stream: cameras.names[reference] ?? '' }, reference }, 100);
      }
      const { created } = await wall.page.evaluate(() => globalThis.measure.connections());
      add('RTCPeerConnections, five switches later', created);
    });
  },
};

/** Counts sockets of UDP and TCP; those between the browser's own processes are of other kinds. */
function openSockets(pid: number): number {
  const network = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((kind) => inodes(`/proc/${pid}/net/${kind}`));
  const targets = new Set(network.map((inode) => `socket:[${inode}]`));
  return descriptors(pid).filter((target) => targets.has(target)).length;
}

/** The tenth column of each line but the first (proc(5)). */
function inodes(table: string): string[] {
  const lines = readFileSync(table, 'utf8').trim().split('\n').slice(1);
  return lines.map((line) => line.trim().split(/\s+/)[9] ?? '');
}

function descriptors(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}
