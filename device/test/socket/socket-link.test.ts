import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { SocketLink } from '../../src/socket/socket-link.ts';

/** A network that carries so many bytes a millisecond, and takes all that it is given. */
class ScriptedNetwork {
  rate: number;
  /** Milliseconds. */
  delay = 10;
  now = 0;
  /** Bytes given to it, and carried so far. */
  given = 0;
  carried = 0;
  #pings: { at: number; due: number | null; arrived(): void }[] = [];

  constructor(rate: number) {
    this.rate = rate;
  }

  get underWay(): number {
    return this.given - this.carried;
  }

  send(data: readonly Uint8Array[]): void {
    this.given += data.reduce((sum, { length }) => sum + length, 0);
  }

  ping(arrived: () => void): void {
    this.#pings.push({ at: this.given, due: null, arrived });
  }

  tick(): void {
    this.now += 1;
    this.carried = Math.min(this.given, this.carried + this.rate);
    for (const ping of this.#pings) {
      ping.due ??= this.carried >= ping.at ? this.now + this.delay : null;
    }
    for (const ping of this.#pings.filter(({ due }) => due !== null && due <= this.now)) {
      this.#pings = this.#pings.filter((other) => other !== ping);
      ping.arrived();
    }
    mock.timers.tick(1);
  }
}

const picture = Buffer.alloc(10_000);

describe("a socket's link", () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  function open(network: ScriptedNetwork) {
    const seen = { drained: 0 };
    const link = new SocketLink(network, { roundTrip: () => {}, drained: () => seen.drained++ }, () => network.now);
    return { link, seen };
  }

  /** A lane whose pictures never end. */
  const endless = (link: SocketLink) => ({
    sendNext: () => {
      link.send([picture]);
      return true;
    },
  });

  it('keeps no more under way on a thin link than arrives within half a second, and uses all of it', () => {
    // 4 Mbit/s.
    const network = new ScriptedNetwork(500);
    const { link } = open(network);
    link.join(endless(link));
    let most = 0;
    for (let ms = 0; ms < 20_000; ms++) {
      network.tick();
      most = Math.max(most, ms > 5000 ? network.underWay : 0);
    }
    assert.ok(most <= 250_000, `${most} bytes were under way`);
    assert.ok(network.carried > 0.9 * 500 * 20_000, `${network.carried} bytes were carried`);
  });

  it('lets a wide link have all that it takes', () => {
    // 400 Mbit/s and 20 ms: its own product of both is 1 MB.
    const network = new ScriptedNetwork(50_000);
    network.delay = 20;
    const { link } = open(network);
    link.join(endless(link));
    for (let ms = 0; ms < 3000; ms++) {
      network.tick();
    }
    assert.ok(network.carried > 0.7 * 50_000 * 3000, `${network.carried} bytes were carried`);
  });

  it('sends nothing more to a viewer that does not read', () => {
    const network = new ScriptedNetwork(0);
    const { link } = open(network);
    link.join(endless(link));
    for (let ms = 0; ms < 10_000; ms++) {
      network.tick();
    }
    assert.ok(network.given <= 512 * 1024 + picture.length, `${network.given} bytes were sent`);
  });

  it('takes turns between lanes, a picture each', () => {
    const network = new ScriptedNetwork(0);
    const { link } = open(network);
    const order: string[] = [];
    const lane = (name: string, count: number) => {
      let left = count;
      return {
        sendNext: () => {
          order.push(name);
          link.send([picture]);
          left--;
          return left > 0;
        },
      };
    };
    link.send([Buffer.alloc(600_000)]);
    link.join(lane('a', 3));
    link.join(lane('b', 2));
    assert.deepEqual(order, []);
    network.rate = 10_000;
    for (let ms = 0; ms < 200; ms++) {
      network.tick();
    }
    assert.deepEqual(order, ['a', 'b', 'a', 'b', 'a']);
  });

  it('tells when everything has arrived', () => {
    const network = new ScriptedNetwork(1000);
    const { link, seen } = open(network);
    link.send([picture]);
    for (let ms = 0; ms < 300; ms++) {
      network.tick();
    }
    assert.equal(link.room, 512 * 1024);
    assert.ok(seen.drained > 0);
  });
});
