import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type BuiltHosts, buildHosts } from './support/build-hosts.ts';
import { cameras, type Installation, install } from './support/installation.ts';
import { type PageServer, servePages } from './support/page-server.ts';
import { type Visit, visit } from './support/visit.ts';

/** Where the host's page is, and how it writes the place of a tile. */
const hosts = {
  cms: { path: '/index.html', place: 'slot' },
  react: { path: '/index.html', place: 'slot' },
  'react with the wrappers': { path: '/index.html?wrappers', place: null },
  vue: { path: '/index.html', place: 'slot' },
  angular: { path: '/index.html', place: 'slot' },
  svelte: { path: '/index.html', place: 'slot-index' },
};
const names = Object.keys(cameras);

/** An element that is taken out lets go of its device after five seconds, which `documents.test.ts` holds; here a part of that will do. */
const letGoSoon = `{
  const wait = globalThis.setTimeout;
  globalThis.setTimeout = (run, ms, ...rest) => wait(run, ms === 5000 ? 250 : ms, ...rest);
}`;

describe('a host page', () => {
  let installation: Installation;
  let built: BuiltHosts;
  const servers = new Map<string, PageServer>();

  before(async () => {
    const folders = [...new Set(Object.keys(hosts).map(folderOf))];
    built = await buildHosts(folders);
    installation = await install();
    for (const host of folders) {
      servers.set(host, await serve(host));
    }
  });

  after(async () => {
    await Promise.all(Array.from(servers.values(), (server) => server.close()));
    await installation?.stop();
    await built?.remove();
  });

  /** Under a Content-Security-Policy without `unsafe-inline` and `unsafe-eval`. */
  async function serve(host: string): Promise<PageServer> {
    const { url } = installation.device;
    const contentSecurityPolicy =
      `default-src 'none'; script-src 'self' ${url}; style-src 'self'; img-src ${url}; ` +
      `connect-src ${url} ${url.replace('http', 'ws')}`;
    const folder = built.folder(host);
    if (host !== 'cms') {
      return servePages({ folder, contentSecurityPolicy });
    }
    // These pages name their device; everything else about them is as it is in the repository.
    const named = await Promise.all(
      ['index.html', 'lock.html', 'cameras.js', 'lock.js'].map(async (name) => {
        const text = await readFile(join(folder, name), 'utf8');
        const streams = names.map((camera, index) => [`camera${index + 1}`, camera] as const);
        const own = streams.reduce((all, [from, to]) => all.replaceAll(from, to), text);
        return [`/${name}`, own.replaceAll('http://localhost:1984', url)] as const;
      }),
    );
    return servePages({ folder, pages: Object.fromEntries(named), contentSecurityPolicy });
  }

  function open(host: keyof typeof hosts, use: (visit: Visit) => Promise<void>): Promise<void> {
    const address = new URL(hosts[host].path, servers.get(folderOf(host))?.url);
    address.searchParams.set('device', installation.device.url);
    address.searchParams.set('cameras', names.join());
    return visit(installation.browser, address.href, async (seen) => {
      await use(seen);
      assert.deepEqual(seen.complaints, []);
      assert.deepEqual(await seen.page.evaluate('testing.refused'), []);
    });
  }

  const press = ({ page }: Visit, ...buttons: string[]) =>
    page.evaluate(`for (const id of ${JSON.stringify(buttons)}) document.getElementById(id).click()`);
  const text = (id: string) => `document.getElementById('${id}').textContent`;

  for (const [name, { place }] of Object.entries(hosts)) {
    const host = name as keyof typeof hosts;

    describe(`in ${host}`, () => {
      it('plays the cameras of its list over one connection, and hears of it', () =>
        open(host, async ({ shows, peers, until }) => {
          await shows('red', 'green', 'blue');
          await until(`${text('connection')} === 'open'`);
          assert.equal(await peers(), 1);
        }));

      it('switches a tile with its state, on the same connection, and hears of that', () =>
        open(host, async (seen) => {
          await seen.shows('red', 'green', 'blue');
          await press(seen, 'next');
          await seen.shows('green', 'green', 'blue');
          await seen.until(`${text('switched')} === 'green'`);
          assert.equal(await seen.page.evaluate('testing.peers.length'), 1);
        }));

      it('lengthens and shortens the wall with its list', () =>
        open(host, async (seen) => {
          await seen.shows('red', 'green', 'blue');
          await press(seen, 'add');
          await seen.shows('red', 'green', 'blue', 'yellow');
          await press(seen, 'remove');
          await seen.shows('green', 'blue', 'yellow');
          await press(seen, 'remove', 'add', 'add');
          await seen.shows('blue', 'yellow', 'purple', 'cyan');
          const places = await seen.page.evaluate(
            "[...document.querySelectorAll('ms-slot')].map(({ place }) => place)",
          );
          assert.deepEqual(places, [0, 1, 2, 3]);
          if (place !== null) {
            const attribute = `[...document.querySelectorAll('ms-slot')].map((slot) => slot.getAttribute('${place}'))`;
            assert.deepEqual(await seen.page.evaluate(attribute), ['0', '1', '2', '3']);
          }
          assert.equal(await seen.page.evaluate('testing.peers.length'), 1);
        }));

      it('binds numbers, booleans and objects as properties', () =>
        open(host, async (seen) => {
          await seen.shows('red', 'green', 'blue');
          const values = `(() => {
            const [grid, slot] = [document.querySelector('ms-grid'), document.querySelector('ms-slot')];
            return [grid.columns, grid.strings.active, slot.eager];
          })()`;
          assert.deepEqual(await seen.page.evaluate(values), [3, 'On air', false]);
          await press(seen, 'columns', 'eager');
          await seen.until(`${values}.join() === '2,On air,true'`);
          await seen.until(`document.querySelector('ms-slot').shadowRoot.textContent.includes('On air')`);
        }));

      it('leaves nothing running behind a condition that turned false, and plays when it is true again', () =>
        open(host, async (seen) => {
          await seen.shows('red', 'green', 'blue');
          await seen.page.evaluate(letGoSoon);
          await press(seen, 'show');
          await seen.until("document.querySelector('ms-grid') === null");
          await seen.until("testing.peers.every((peer) => peer.connectionState === 'closed')");
          assert.equal(await seen.sockets(), 0);
          await press(seen, 'show');
          await seen.shows('red', 'green', 'blue');
          assert.equal(await seen.peers(), 1);
        }));

      it('leaves nothing running when it is unmounted', () =>
        open(host, async (seen) => {
          await seen.shows('red', 'green', 'blue');
          await seen.page.evaluate(letGoSoon);
          await press(seen, 'leave');
          await seen.until("document.querySelector('ms-grid') === null");
          await seen.until("testing.peers.every((peer) => peer.connectionState === 'closed')");
          assert.equal(await seen.sockets(), 0);
        }));
    });
  }

  describe('of a content management system', () => {
    const openLock = (use: (visit: Visit) => Promise<void>) =>
      visit(installation.browser, `${servers.get('cms')?.url}/lock.html`, async (seen) => {
        await use(seen);
        assert.deepEqual(seen.complaints, []);
        assert.deepEqual(await seen.page.evaluate('testing.refused'), []);
      });
    const tab = ({ page }: Visit, id: string) => page.evaluate(`document.querySelector('[href="#${id}"]').click()`);

    it('plays in the cells of a table in a tab that is opened, and in a shadow root, over one connection', () =>
      openLock(async (seen) => {
        await tab(seen, 'lock');
        await seen.shows('red', 'green');
        await tab(seen, 'widget');
        await seen.shows('blue');
        assert.equal(await seen.peers(), 1);
      }));

    it('keeps its old style sheets out of the tiles', () =>
      openLock(async (seen) => {
        await tab(seen, 'lock');
        await seen.shows('red', 'green');
        const sizes = await seen.page.evaluate(`(() => {
          const slot = document.querySelector('ms-slot');
          const [tile, video] = [slot, slot.shadowRoot.querySelector('video')].map((one) => one.getBoundingClientRect());
          return { ratio: tile.width / tile.height, fills: tile.width === video.width && tile.height === video.height };
        })()`);
        assert.deepEqual(sizes, { ratio: 16 / 9, fills: true });
      }));

    it('gets along with a second copy of the elements', () =>
      openLock(async (seen) => {
        await tab(seen, 'lock');
        await seen.shows('red', 'green');
        const copies = await seen.page.evaluate(
          "[typeof MultiStream.MsGrid, customElements.get('ms-slot') === MultiStream.MsSlot]",
        );
        assert.deepEqual(copies, ['function', true]);
      }));
  });
});

/** A host may have several pages. */
function folderOf(host: string): string {
  return host.replace(/ .*/, '');
}
