import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { toNativeServers } from '../../src/webrtc/ice.ts';
import { openBrowser } from '../support/browser.ts';
import type { Child } from '../support/child-process.ts';
import { addresses, createNetworks, type Networks, networksFault } from '../support/networks.ts';
import { type RunningDevice, startDevice } from '../support/processes.ts';
import { startTurnServer } from '../support/turn-server.ts';

const fault = networksFault();
const skipped = fault === null ? '' : ` (skipped: ${fault})`;
const account = { username: 'wall', credential: 'turn-secret' };

describe('the servers that the device itself asks', () => {
  const urls = (...given: string[]) => toNativeServers({ urls: given, ...account });

  it('are those that its library can speak to: STUN, and TURN over UDP', () => {
    assert.deepEqual(urls('stun:a.example', 'turn:b.example:3479?transport=udp', 'turn:[2001:db8::1]'), [
      { hostname: 'a.example', port: 3478 },
      { hostname: 'b.example', port: 3479, username: 'wall', password: 'turn-secret', relayType: 'TurnUdp' },
      { hostname: '2001:db8::1', port: 3478, username: 'wall', password: 'turn-secret', relayType: 'TurnUdp' },
    ]);
    assert.deepEqual(urls('turn:a.example?transport=tcp', 'turns:a.example', 'stuns:a.example'), []);
  });
});

const server = addresses.routerToViewer;
for (const [name, url, viewersUdp] of [
  ['UDP', `turn:${server}:3478?transport=udp`, 'to the router'],
  ['TCP, where the viewer can send no UDP at all', `turn:${server}:3478?transport=tcp`, 'nowhere'],
  ['TLS, where the viewer can send no UDP at all', `turns:${server}:5349?transport=tcp`, 'nowhere'],
] as const) {
  describe(`a TURN server that is the only way for media, over ${name}`, { skip: fault !== null }, () => {
    let networks: Networks;
    let turn: Child;
    let device: RunningDevice;
    let browser: Browser;

    before(async () => {
      networks = createNetworks({ viewersUdp });
      turn = await startTurnServer({
        within: networks.within('router'),
        listen: [addresses.routerToViewer, addresses.routerToDevice],
        relay: addresses.routerToDevice,
        ...account,
      });
      device = await startDevice(
        `
api: { listen: "${addresses.device}:0", origin: "*", tokens: [{ token: for-the-wall }] }
webrtc:
  listen: ":8555/udp"
  ice_servers: [{ urls: "${url}", username: wall, credential: turn-secret }]
log: { level: trace }
streams:
  red: ffmpeg:virtual?video=color&color=red&size=360#video=h264
`,
        networks.within('device'),
      );
      // The relay's certificate is signed by no authority that a browser trusts.
      browser = await openBrowser(networks.within('viewer'), ['--ignore-certificate-errors']);
    });

    after(async () => {
      await browser?.close();
      await device?.stop();
      await turn?.end('SIGTERM');
      networks?.close();
      assert.ok(!device?.stderr().includes('turn-secret'), 'no secret in the log');
    });

    async function withPage(address: string, use: (page: Page) => Promise<void>) {
      const page = await browser.newPage();
      try {
        await page.goto(address);
        await use(page);
      } finally {
        await page.close();
      }
    }

    it(`shows the page for one camera${skipped}`, () =>
      withPage(`${device.url}/stream.html?src=red&token=for-the-wall`, async (page) => {
        await page.waitForFunction(isRed("document.querySelector('video')"), { timeout: 20_000 });
      }));

    it(`shows a wall, to which the device names the server${skipped}`, () =>
      withPage(`${device.url}/stream.html?token=for-the-wall`, async (page) => {
        // A page of the device's own network: one from elsewhere may not reach into it without asking the user.
        await page.setContent(
          `<ms-grid device-url="${device.url}"><ms-slot slot="0" stream="red"></ms-slot></ms-grid>
           <script>document.querySelector('ms-grid').authorize = () => 'for-the-wall'</script>
           <script type="module" src="${device.url}/ms-grid.js"></script>`,
        );
        await page.waitForFunction(isRed("document.querySelector('ms-slot').shadowRoot?.querySelector('video')"), {
          timeout: 20_000,
        });
      }));
  });
}

/** Whether a video shows red in its middle. */
function isRed(video: string): string {
  return `(() => {
    const video = ${video};
    if (!video?.videoWidth || !(video.currentTime > 0)) return false;
    const canvas = new OffscreenCanvas(1, 1).getContext('2d');
    canvas.drawImage(video, 0, 0, 1, 1);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return red > 200 && green < 60 && blue < 60;
  })()`;
}
