import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { cameras, type Installation, install } from '../hosts/support/installation.ts';
import { type PageServer, servePages } from '../hosts/support/page-server.ts';
import { type Visit, visit } from '../hosts/support/visit.ts';

const names = Object.keys(cameras);

describe('the iframe upgrade', () => {
  let installation: Installation;
  let server: PageServer;
  let deviceUrl: string;

  /** Served under a Content-Security-Policy that lets in what an upgraded page needs, and no more. */
  before(async () => {
    installation = await install();
    deviceUrl = installation.device.url;
    const six = names.map(
      (name) =>
        `<iframe class="camera" title="The ${name} one" ${src(`src=${name}`)} width="300" height="200"></iframe>`,
    );
    const page = (head: string, body: string) =>
      `<!doctype html><html lang="en"><head>${head}</head><body>${body}</body>`;
    const script = `src="${deviceUrl}/iframe-upgrade.js"`;
    server = await servePages({
      pages: {
        '/index.html': page('', six.join(' ')),
        '/classic.html': page(`<script ${script}></script>`, six.join(' ')),
        '/module.html': page(`<script type="module" ${script}></script>`, six.join(' ')),
        '/empty.html': page(`<script ${script}></script>`, '<div id="place"></div>'),
      },
      contentSecurityPolicy:
        `default-src 'none'; script-src ${deviceUrl}; frame-src http://localhost:*; ` +
        // On any port, since some tests start a device of their own.
        'connect-src http://localhost:* ws://localhost:*; img-src http://localhost:*',
    });
  });

  after(async () => {
    await server?.close();
    await installation?.stop();
  });

  const src = (query: string, url = deviceUrl) => `src="${url}/stream.html?${query}"`;
  const open = (path: string, use: (visit: Visit) => Promise<void>) =>
    visit(installation.browser, `${server.url}${path}`, use);
  const put = (html: string) =>
    `document.querySelector('#place').innerHTML = ${JSON.stringify(html)}; MultiStreamIframes !== undefined`;
  const untilSame = async <T>(look: () => Promise<T>, wanted: T): Promise<void> => {
    // Six cameras that start cold, with a connection each, are slow on a machine that has other things to do.
    const deadline = Date.now() + 30_000;
    let seen = await look();
    while (seen !== wanted && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      seen = await look();
    }
    assert.deepEqual(seen, wanted);
  };
  const boxes = `JSON.stringify([...document.querySelectorAll('iframe:not([data-multistream=upgraded]), ms-slot')].map(
    (element) => element.getBoundingClientRect()))`;

  /** Where the video is in its tile's box, and how large. */
  const pictures = `[...document.querySelectorAll('ms-slot')].map((slot) => {
    const [outer, inner] = [slot, slot.shadowRoot.querySelector('video')].map((one) => one.getBoundingClientRect());
    return [inner.x - outer.x, inner.y - outer.y, inner.width, inner.height].join(' ');
  })`;

  it('shows six iframes with six connections as six tiles with one, in the same boxes', () =>
    open('/index.html', async ({ page, complaints, peers, playing, shows, sockets }) => {
      await untilSame(playing, 6);
      assert.equal(await peers(), 6);
      const before = await page.evaluate(boxes);
      await page.addScriptTag({ url: `${deviceUrl}/iframe-upgrade.js` });
      await shows(...names);
      await untilSame(peers, 1);
      assert.equal(await sockets(), 1);
      assert.equal(await page.evaluate(boxes), before);
      assert.deepEqual(await page.evaluate(pictures), Array(6).fill('2 2 300 200'));
      const slots = await page.evaluate(
        `[...document.querySelectorAll('ms-slot')].map((slot) => [slot.className, slot.title, slot.getAttribute('style'),
          slot.stream, slot.deviceUrl])`,
      );
      assert.deepEqual(
        slots,
        names.map((name) => ['camera', `The ${name} one`, null, name, deviceUrl]),
      );
      assert.deepEqual(complaints, []);
    }));

  for (const kind of ['classic', 'module']) {
    it(`works as a ${kind} script, under a strict Content-Security-Policy`, () =>
      open(`/${kind}.html`, async ({ page, complaints, peers, shows }) => {
        await shows(...names);
        await untilSame(peers, 1);
        assert.deepEqual(await page.evaluate('testing.refused'), []);
        assert.deepEqual(complaints, []);
      }));
  }

  it('takes iframes that come later, follows their src, and lets go of them', () =>
    open('/empty.html', async ({ page, peers, playing, shows, sockets }) => {
      await page.evaluate(put(`<iframe ${src('src=red')}></iframe><iframe ${src('src=blue')}></iframe>`));
      await shows('red', 'blue');
      const slot = await page.evaluateHandle("document.querySelector('ms-slot')");
      await page.evaluate(
        "document.querySelector('iframe').src = document.querySelector('iframe').src.replace('red', 'green')",
      );
      await shows('green', 'blue');
      assert.equal(await page.evaluate((one) => one === document.querySelector('ms-slot'), slot), true);
      assert.equal(await peers(), 1);
      await page.evaluate("document.querySelector('iframe').remove()");
      await shows('blue');
      // As a framework does: it asks the parent to move and to remove what it has made.
      await page.evaluate(`
        const [parent, iframe] = [document.querySelector('#place'), document.querySelector('iframe')];
        parent.insertBefore(iframe, parent.insertBefore(document.createElement('p'), iframe));`);
      await shows('blue');
      assert.equal(await page.evaluate("document.querySelector('ms-slot').nextSibling.localName"), 'p');
      await page.evaluate("document.querySelector('#place').removeChild(document.querySelector('iframe'))");
      await untilSame(peers, 0);
      assert.deepEqual([await sockets(), await playing()], [0, 0]);
      assert.equal(await page.evaluate("document.querySelectorAll('ms-slot, ms-grid').length"), 0);
    }));

  it('makes a grid of an iframe with several streams, in the same box', () =>
    open('/empty.html', async ({ page, peers, shows }) => {
      await page.evaluate(put(`<iframe width="400" height="300" ${src('src=red&src=green&src=blue')}></iframe>`));
      await shows('red', 'green', 'blue');
      assert.equal(await peers(), 1);
      const inside = await page.evaluate(`(() => {
        const grid = document.querySelector('ms-grid[data-multistream-box]');
        const { width, height, bottom } = grid.getBoundingClientRect();
        return [width, height, ...grid.slots.map((slot) => slot.getBoundingClientRect().bottom <= bottom)];
      })()`);
      assert.deepEqual(inside, [404, 304, true, true, true]);
    }));

  it('leaves alone what it does not understand', () =>
    open('/empty.html', async ({ page }) => {
      const others = [
        ...['src=red&mode=mse', 'src=red&media=video,microphone', 'src=red&width=300', 'src=red&new=1', 'src=', ''],
        ...['src=rtsp://camera/stream', 'src=red&token=a&token=b'],
      ].map((query) => `<iframe ${src(query)}></iframe>`);
      others.push(`<iframe sandbox ${src('src=red')}></iframe>`, `<iframe srcdoc="x" ${src('src=red')}></iframe>`);
      others.push(`<iframe src="${deviceUrl}/index.html"></iframe>`, '<iframe></iframe>');
      others.push(`<iframe src="//user@${new URL(deviceUrl).host}/stream.html?src=red"></iframe>`);
      await page.evaluate(put(others.join('')));
      await page.evaluate('new Promise(requestAnimationFrame)');
      assert.equal(await page.evaluate("document.querySelectorAll('[data-multistream], ms-slot, ms-grid').length"), 0);
    }));

  it('understands what go2rtc takes in the address and a tile does anyway', () =>
    open('/empty.html', async ({ page, shows }) => {
      const query = 'src=red&mode=webrtc,mse&media=video&background=true';
      await page.evaluate(put(`<iframe ${src(query)}></iframe>`));
      await shows('red');
      assert.equal(await page.evaluate("document.querySelector('ms-slot').eager"), true);
    }));

  it('gives a page that asks for sound a tile that is heard, and a control for it', () =>
    open('/empty.html', async ({ page, shows }) => {
      await page.evaluate(put(`<iframe ${src('src=red&media=video,audio')}></iframe>`));
      await shows('red');
      const slot = "document.querySelector('ms-slot')";
      assert.deepEqual(await page.evaluate(`[${slot}.sound, ${slot}.controls]`), [true, 'sound']);
    }));

  it('leaves alone what opts out, by itself or by what is around it, as long as it does', () =>
    open('/empty.html', async ({ page, peers, playing, shows }) => {
      const one = `<iframe data-multistream="off" ${src('src=red')}></iframe>`;
      await page.evaluate(put(`${one}<div data-multistream="off"><iframe ${src('src=green')}></iframe></div>`));
      await untilSame(playing, 2);
      assert.equal(await page.evaluate("document.querySelectorAll('ms-slot, ms-grid').length"), 0);
      await page.evaluate("document.querySelector('div > div').removeAttribute('data-multistream')");
      await shows('green');
      await page.evaluate("document.documentElement.dataset.multistream = 'off'");
      await untilSame(playing, 2);
      assert.equal(await peers(), 2);
      assert.equal(await page.evaluate("document.querySelectorAll('ms-slot, ms-grid').length"), 0);
    }));

  it('brings back the very same iframes, leaves nothing of its own, and upgrades again', () =>
    open('/index.html', async ({ page, peers, playing, shows }) => {
      await untilSame(playing, 6);
      const markup = await page.evaluate('document.documentElement.outerHTML');
      const entries = await page.evaluate('history.length');
      const first = await page.evaluateHandle("document.querySelector('iframe')");
      await page.addScriptTag({ url: `${deviceUrl}/iframe-upgrade.js` });
      await shows(...names);
      await page.evaluate('MultiStreamIframes.downgrade()');
      await untilSame(playing, 6);
      await untilSame(peers, 6);
      await page.evaluate("document.querySelector('script').remove()");
      assert.equal(await page.evaluate('document.documentElement.outerHTML'), markup);
      assert.equal(await page.evaluate((one) => one === document.querySelector('iframe'), first), true);
      assert.equal(await page.evaluate('document.adoptedStyleSheets.length'), 0);
      await page.evaluate('MultiStreamIframes.upgrade()');
      await shows(...names);
      await untilSame(peers, 1);
      assert.equal(await page.evaluate('history.length'), entries);
    }));

  it('gives an iframe back whose page another script chooses', () =>
    open('/empty.html', async ({ page, playing, shows, until }) => {
      const link = `<a target="screen" href="${deviceUrl}/stream.html?src=green">green</a>`;
      await page.evaluate(put(`<iframe name="screen" ${src('src=red')}></iframe>${link}`));
      await shows('red');
      await page.click('a');
      await until("document.querySelector('iframe').checkVisibility()");
      await untilSame(playing, 1);
      assert.equal(await page.evaluate("document.querySelectorAll('ms-slot').length"), 0);
    }));

  it('tells the page what the page in the iframe told it: the same words, in the same order, from the same source', () =>
    open('/index.html', async ({ page, shows, until }) => {
      const listen = `globalThis.heard = []; addEventListener('message', ({ data, origin, source }) => {
        const iframe = [...document.querySelectorAll('iframe')].find(({ contentWindow }) => contentWindow === source);
        heard.push({ data, origin, from: new URL(iframe.src).searchParams.get('src') });
      });`;
      const told = async (from: string) => {
        await until(`heard.some(({ data, from }) => from === '${from}' && data.includes('"RTC"'))`);
        return page.evaluate(`heard.splice(0).filter(({ from }) => from === '${from}')`);
      };
      const words = (name: string) =>
        [`STREAM_UI_LOADED:${name}`, '{"VIDEO_MODE":"loading"}', `STARTING_VIDEO:${name}`, '{"VIDEO_MODE":"RTC"}'].map(
          (data) => ({ data, origin: deviceUrl, from: name }),
        );
      const one = JSON.stringify(`<iframe ${src('src=red')}></iframe>`);
      await page.evaluate(`document.body.innerHTML = ''; ${listen} document.body.innerHTML = ${one};`);
      assert.deepEqual(await told('red'), words('red'));
      await page.addScriptTag({ url: `${deviceUrl}/iframe-upgrade.js` });
      assert.deepEqual(await told('red'), words('red'));
      await shows('red');
      await page.evaluate(
        "heard.length = 0; const one = document.querySelector('iframe'); one.src = one.src.replace('red', 'green');",
      );
      assert.deepEqual(await told('green'), words('green'));
    }));

  it('gives an iframe back whose host asks for face tracking', () =>
    open('/empty.html', async ({ page, playing, shows, until }) => {
      await page.evaluate(put(`<iframe ${src('src=red')}></iframe><iframe ${src('src=blue')}></iframe>`));
      await shows('red', 'blue');
      const ask = `document.querySelector('iframe').contentWindow.postMessage({ action: 'start_face_tracking' }, '*')`;
      await until("document.querySelector('iframe').contentDocument?.URL === 'about:blank'");
      await page.evaluate(ask);
      await until("document.querySelector('iframe').checkVisibility()");
      await untilSame(playing, 1);
      await shows('blue');
    }));

  it('upgrades in a shadow root that is named to it', () =>
    open('/empty.html', async ({ page, shows }) => {
      await page.evaluate(`
        const root = document.querySelector('#place').attachShadow({ mode: 'open' });
        root.innerHTML = ${JSON.stringify(`<iframe ${src('src=cyan')}></iframe>`)};
        MultiStreamIframes.upgrade(root);`);
      await shows('cyan');
      await page.evaluate("MultiStreamIframes.downgrade(document.querySelector('#place').shadowRoot)");
      assert.equal(await page.evaluate("document.querySelector('#place').shadowRoot.children.length"), 1);
    }));

  it('takes the token of the address to the device', async () => {
    const device = await installation.startDevice(', origin: "*", tokens: [{ token: "secret" }]');
    await open('/empty.html', async ({ page, peers, shows }) => {
      await page.evaluate(
        put(
          `<iframe ${src('src=red&token=secret', device.url)}></iframe>` +
            `<iframe ${src('src=blue&token=secret', device.url)}></iframe>` +
            `<iframe ${src('src=green&token=other', device.url)}></iframe>`,
        ),
      );
      await shows('red', 'blue');
      assert.equal(await peers(), 1);
    });
  });

  it('plays more of them than a session of the device has slots', async () => {
    const device = await installation.startDevice(', origin: "*"', 'multistream: { max_slots: 4 }');
    await open('/empty.html', async ({ page, shows, peers }) => {
      await page.evaluate(put(names.map((name) => `<iframe ${src(`src=${name}`, device.url)}></iframe>`).join('')));
      await shows(...names);
      assert.equal(await peers(), 2);
    });
  });

  it('gives the iframes back where the device does not let the page in, and says why', async () => {
    const device = await installation.startDevice('');
    await open('/empty.html', async ({ page, complaints }) => {
      await page.evaluate(put(`<iframe ${src('src=red', device.url)}></iframe>`));
      await untilSame(
        async () => /left as it is: .* does not allow pages of http:\/\/localhost/.test(complaints.join()),
        true,
      );
      assert.equal(await page.evaluate("document.querySelectorAll('ms-slot, ms-grid').length"), 0);
      assert.equal(
        await page.evaluate("document.querySelectorAll('iframe:not([data-multistream=upgraded])').length"),
        1,
      );
      // The device does not let such a page frame it either; the browser names the directive.
      await untilSame(async () => complaints.join().includes('frame-ancestors'), true);
    });
  });

  it("gives the iframes back where the page's policy forbids the connection, and says so", async () => {
    const strict = await servePages({
      pages: {
        '/index.html': `<!doctype html><script src="${deviceUrl}/iframe-upgrade.js"></script><iframe ${src('src=red')}></iframe>`,
      },
      contentSecurityPolicy: `default-src 'none'; script-src ${deviceUrl}; frame-src ${deviceUrl}`,
    });
    try {
      await visit(installation.browser, strict.url, async ({ page, complaints, playing }) => {
        await untilSame(playing, 1);
        assert.equal(await page.evaluate("document.querySelectorAll('ms-slot, ms-grid').length"), 0);
        assert.match(complaints.join(), /left as it is: the page's Content-Security-Policy/);
      });
    } finally {
      await strict.close();
    }
  });
});
