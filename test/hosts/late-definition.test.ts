import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Installation, install } from './support/installation.ts';
import { type PageServer, servePages } from './support/page-server.ts';
import { type Visit, visit } from './support/visit.ts';

/** Everything that a page may do to elements that are not defined yet. */
const early = `
  const [grid] = document.querySelectorAll('ms-grid');
  const [one, two] = document.querySelectorAll('ms-slot');
  Object.assign(grid, { iceServers: [], columns: 3, maxSlots: 4, authorize: async () => 'asked' });
  Object.assign(one, { stream: 'blue', label: 'Quay' });
  const added = document.createElement('ms-slot');
  Object.assign(added, { stream: 'green', index: 2 });
  grid.append(added);
`;

describe('a page that loads the bundle after it has built its wall', () => {
  let installation: Installation;
  let server: PageServer;

  before(async () => {
    installation = await install();
    const grid = (attributes: string) => `
      <ms-grid ${attributes}>
        <ms-slot slot="0" stream="red"></ms-slot>
        <ms-slot slot="1" stream="yellow"></ms-slot>
      </ms-grid>`;
    const page = (body: string) => `<!doctype html><html lang="en"><head></head><body>${body}</body></html>`;
    const { url } = installation.device;
    server = await servePages({
      pages: {
        '/named.html': page(grid(`device-url="${url}"`)),
        '/nameless.html': page(grid('ice-servers="[]"')),
      },
    });
  });

  after(async () => {
    await server?.close();
    await installation?.stop();
  });

  const open = (path: string, use: (seen: Visit) => Promise<void>) =>
    visit(installation.browser, `${server.url}${path}`, async (seen) => {
      await use(seen);
      assert.deepEqual(seen.complaints, []);
    });
  const load = ({ page }: Visit, type: 'classic' | 'module') => {
    const file = type === 'module' ? 'ms-grid.js' : 'ms-grid.iife.js';
    return page.addScriptTag({
      url: `${installation.device.url}/${file}`,
      ...(type === 'module' && { type: 'module' }),
    });
  };

  for (const type of ['module', 'classic'] as const) {
    it(`plays what was set before, by a ${type} script`, () =>
      open('/named.html', async (seen) => {
        const { page, shows, peers, sockets } = seen;
        assert.equal(await page.evaluate("customElements.get('ms-grid') === undefined"), true);
        await page.evaluate(early);
        await load(seen, type);
        await shows('blue', 'yellow', 'green');
        assert.deepEqual([await peers(), await sockets()], [1, 1]);
        const read = `[grid.columns, grid.maxSlots, one.label, one.getAttribute('stream'), added.place]`;
        assert.deepEqual(await page.evaluate(`(() => { ${find} return ${read}; })()`), [3, 4, 'Quay', 'blue', 2]);
        assert.equal(await page.evaluate("Object.keys(document.querySelector('ms-slot')).includes('stream')"), false);
        // A property that upgraded is one that still works.
        await page.evaluate(`(() => { ${find} one.stream = 'purple'; added.stream = 'cyan'; })()`);
        await shows('purple', 'yellow', 'cyan');
        assert.deepEqual([await peers(), await sockets()], [1, 1]);
      }));
  }

  it('plays where tiles are defined before their grid, and they ask no device before they have one', () =>
    open('/nameless.html', async (seen) => {
      const { page, shows, peers } = seen;
      // The test delays the grid's definition: until then its tiles are elements and it is none.
      await page.evaluate(`
        const define = customElements.define.bind(customElements);
        const held = [];
        customElements.define = (name, type) => (name === 'ms-grid' ? held.push([name, type]) : define(name, type));
        globalThis.defineGrid = () => held.forEach((one) => define(...one));`);
      await load(seen, 'module');
      await page.evaluate("customElements.whenDefined('ms-slot').then(() => {})");
      assert.equal(await page.evaluate("customElements.get('ms-grid') === undefined"), true);
      await page.evaluate(`document.querySelector('ms-grid').deviceUrl = ${JSON.stringify(installation.device.url)}`);
      await page.evaluate('defineGrid()');
      await shows('red', 'yellow');
      assert.deepEqual([await peers(), await page.evaluate('testing.sockets.length')], [1, 1]);
    }));
});

const find = `
  const grid = document.querySelector('ms-grid');
  const [one, , added] = document.querySelectorAll('ms-slot');
`;
