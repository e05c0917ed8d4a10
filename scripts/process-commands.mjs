import { encodeClip } from '../device/test/support/clips.ts';
import { startCameras, startDevice } from '../device/test/support/processes.ts';
import { startScriptedCamera } from '../device/test/support/scripted-camera.ts';
import { isMedia, nextParameterSet, startUdpRelay } from '../device/test/support/udp-relay.ts';

/**
 * Lets a browser test start and stop real processes; `test/support/device.ts` is its other end.
 * A process that a test file leaves running ends with the file.
 * @returns {import('@web/test-runner-core').TestRunnerPlugin}
 */
export function processCommands() {
  /** @type {Map<string, {session: string, process: {stop(): Promise<unknown>, kill?(): Promise<unknown>}}>} */
  const running = new Map();
  let started = 0;

  const keep = (session, process) => {
    started += 1;
    const id = String(started);
    running.set(id, { session, process });
    return id;
  };
  const release = (id) => {
    const process = running.get(id)?.process;
    if (process === undefined) {
      throw new Error(`no process ${id} is running`);
    }
    running.delete(id);
    return process;
  };
  let stopping = Promise.resolve();
  const stopAll = (which = () => true) => {
    const ids = [...running].filter(([, { session }]) => which(session)).map(([id]) => id);
    stopping = Promise.all([stopping, ...ids.map((id) => release(id).stop())]);
    return stopping;
  };

  const commands = {
    'device:start': async ({ config }, session) => {
      const device = await startDevice(config);
      return { id: keep(session, device), url: device.url };
    },
    'device:stop': ({ id }) => release(id).stop(),
    'device:kill': ({ id }) => release(id).kill(),
    'device:halt': ({ id }) => process.kill(running.get(id).process.pid, 'SIGSTOP'),
    'device:continue': ({ id }) => process.kill(running.get(id).process.pid, 'SIGCONT'),
    'cameras:start': async ({ cameras, port }, session) => {
      const { urls, port: chosen, stop } = await startCameras(cameras, port);
      return { id: keep(session, { stop }), urls, port: chosen };
    },
    'clip:start': async ({ from, to, startsAfter, ...clip }, session) => {
      const block = (picture) => (picture >= from && picture < to ? 60 + (picture - from) * 6 : null);
      const pictures = (await encodeClip({ ...clip, block })).map(({ data }) => data);
      const { url, close } = await startScriptedCamera({ pictures, rate: clip.rate, startsAfter });
      return { id: keep(session, { stop: async () => close() }), url };
    },
    'cameras:stop': ({ id }) => release(id).stop(),
    'relay:start': async (target, session) => {
      const relay = await startUdpRelay(target);
      return { id: keep(session, { ...relay, stop: async () => relay.close() }), port: relay.port };
    },
    'page:collect-garbage': async (_, id, browser) => {
      const inspector = await browser.getPage(id).createCDPSession();
      await inspector.send('HeapProfiler.collectGarbage');
      await inspector.detach();
    },
    'page:click': ({ x, y }, _, browser) => browser.click(x, y),
    // Each step is where the fingers are; an empty one lifts them.
    'page:touch': async ({ steps, pause }, session, browser) => {
      const inspector = await browser.getPage(session).createCDPSession();
      let before = 0;
      for (const touchPoints of steps) {
        const count = touchPoints.length;
        const type = count > before ? 'touchStart' : count < before ? 'touchEnd' : 'touchMove';
        before = count;
        await inspector.send('Input.dispatchTouchEvent', { type, touchPoints });
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
      await inspector.detach();
    },
    'page:picture': async ({ clip }, session, browser) =>
      browser.getPage(session).screenshot({ clip, encoding: 'base64', captureBeyondViewport: false }),
    'page:hide': async (_, session, browser) => {
      const other = await browser.getPage(session).browserContext().newPage();
      await other.bringToFront();
      return { id: keep(session, { stop: () => other.close() }) };
    },
    'page:show': async ({ id }, session, browser) => {
      await release(id).stop();
      await browser.getPage(session).bringToFront();
    },
    'page:emulate': async ({ features }, session, browser) => {
      const inspector = await browser.getPage(session).createCDPSession();
      await inspector.send('Emulation.setEmulatedMedia', { features });
      // Emulated as long as the inspector is there.
      return { id: keep(session, { stop: () => inspector.detach() }) };
    },
    'page:restore': ({ id }) => release(id).stop(),
    // For a time, since the page could not ask for its end.
    'page:offline': async ({ milliseconds }, session, browser) => {
      const page = browser.getPage(session);
      await page.setOfflineMode(true);
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      await page.setOfflineMode(false);
    },
    'relay:cut': ({ id }) => {
      const { up, down } = running.get(id).process;
      up.loss = down.loss = 1;
    },
    'relay:mute': ({ id }) => {
      running.get(id).process.down.loses = isMedia;
    },
    'relay:lose-parameter-set': ({ id }) => {
      running.get(id).process.down.loses = nextParameterSet();
    },
  };

  return {
    name: 'process-commands',
    async executeCommand({ command, payload, session }) {
      if (!Object.hasOwn(commands, command)) {
        return undefined;
      }
      try {
        return { done: await commands[command](payload, session.id, session.browser) };
      } catch (error) {
        // An answer, and not an exception: the test may expect it, and the runner would print it with all its payload.
        return { failed: error.message };
      }
    },
    serverStart: ({ webSockets }) => {
      webSockets.on('message', ({ data }) => {
        if (data.type === 'wtr-session-finished') {
          stopAll((session) => session === data.sessionId).catch(console.error);
        }
      });
    },
    serverStop: async () => {
      await stopAll();
    },
  };
}
