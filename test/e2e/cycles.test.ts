import { expect } from '@open-wc/testing';
import { collectGarbage } from '../support/device.ts';
import { letGo } from '../support/removed.ts';
import { describeEachWay, type Installation, install, until } from './wall.ts';

const cycles = 200;

describeEachWay('a wall that comes and goes', (way) => {
  let installation: Installation;
  const real = {
    RTCPeerConnection: window.RTCPeerConnection,
    WebSocket: window.WebSocket,
    setInterval: window.setInterval,
    clearInterval: window.clearInterval,
    setTimeout: window.setTimeout,
    clearTimeout: window.clearTimeout,
    add: EventTarget.prototype.addEventListener,
    remove: EventTarget.prototype.removeEventListener,
  };

  before(async () => {
    installation = await install();
  });

  after(async () => {
    const { add, remove, ...globals } = real;
    Object.assign(window, globals);
    Object.assign(EventTarget.prototype, { addEventListener: add, removeEventListener: remove });
    await installation.stop();
  });

  it(`leaves no connection, socket, timer, listener or element after ${cycles} times`, async function () {
    this.timeout(60_000);
    const peers = new Set<RTCPeerConnection>();
    const sockets = new Set<WebSocket>();
    const timers = new Set<unknown>();
    const listeners = new Map<string, number>();
    const elements: WeakRef<Element>[] = [];

    window.RTCPeerConnection = class extends real.RTCPeerConnection {
      constructor(config?: RTCConfiguration) {
        super(config);
        peers.add(this);
      }
      override close(): void {
        peers.delete(this);
        super.close();
      }
    };
    window.WebSocket = class extends real.WebSocket {
      constructor(url: string | URL) {
        super(url);
        sockets.add(this);
        real.add.call(this, 'close', () => sockets.delete(this));
      }
    } as typeof WebSocket;
    for (const kind of ['Timeout', 'Interval'] as const) {
      Object.assign(window, {
        [`set${kind}`]: (callback: () => void, delay?: number) => {
          const id: unknown = real[`set${kind}`].call(
            window,
            () => {
              if (kind === 'Timeout') {
                timers.delete(id);
              }
              callback();
            },
            delay,
          );
          timers.add(id);
          return id;
        },
        [`clear${kind}`]: (id: number) => {
          timers.delete(id);
          real[`clear${kind}`].call(window, id);
        },
      });
    }
    // A listener on the page outlives an element; one on an element goes with it.
    const count = (type: string, change: number) => listeners.set(type, (listeners.get(type) ?? 0) + change);
    const isPage = (target: EventTarget) => target === window || target === document;
    EventTarget.prototype.addEventListener = function (type, listener, options) {
      if (isPage(this ?? window)) {
        count(type, 1);
        const signal = typeof options === 'object' ? options?.signal : undefined;
        if (signal) {
          real.add.call(signal, 'abort', () => count(type, -1));
        }
      }
      real.add.call(this ?? window, type, listener, options);
    };
    EventTarget.prototype.removeEventListener = function (type, listener, options) {
      if (isPage(this ?? window)) {
        count(type, -1);
      }
      real.remove.call(this ?? window, type, listener, options);
    };

    for (let cycle = 0; cycle < cycles; cycle += 1) {
      const grid = document.createElement('ms-grid');
      grid.deviceUrl = installation.device.url;
      grid.mode = way;
      grid.iceServers = [];
      const slot = document.createElement('ms-slot');
      slot.stream = 'red-180p';
      grid.append(slot);
      document.body.append(grid);
      elements.push(new WeakRef(grid), new WeakRef(slot));
      // Each way of ending: as soon as it connects, as soon as it is connected, and while it plays.
      const ends = [() => grid.connectionState !== 'idle', () => grid.connectionState === 'open'];
      await until(cycle % 10 === 0 ? () => slot.state === 'active' : (ends[cycle % 2] as () => boolean));
      grid.remove();
      await letGo((resolve) => real.setTimeout.call(window, resolve));
    }
    await until(() => peers.size === 0 && sockets.size === 0);
    await until(() => timers.size === 0);
    expect([...listeners].filter(([, left]) => left !== 0)).to.deep.equal([]);
    await collectGarbage();
    const left = elements.filter((element) => element.deref() !== undefined);
    // The browser may hold a few a while longer: frames in flight, sockets that still close. A leak would hold all.
    expect(left.length).to.be.at.most(cycles / 10);
  });
});
