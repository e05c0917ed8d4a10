import { expect, fixture, html } from '@open-wc/testing';
import type { MsGrid } from '../../src/elements/ms-grid.ts';
import type { MsSlot } from '../../src/elements/ms-slot.ts';
import { interceptNetwork, type Network } from './network.ts';
import {
  blue,
  cameraIn,
  describeEachWay,
  frameOf,
  green,
  type Installation,
  install,
  red,
  slotsOf,
  until,
} from './wall.ts';

describeEachWay('a wall that grows beyond its spare slots', (way) => {
  let installation: Installation;
  let network: Network;

  before(async () => {
    installation = await install('max_slots: 24');
    network = interceptNetwork();
  });

  after(async () => {
    network.restore();
    await installation.stop();
  });

  it('replaces its session by a larger one, and no tile blinks', async () => {
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} mode=${way} ice-servers="[]" max-slots="2" columns="2">
        <ms-slot slot="0" stream="red"></ms-slot>
        <ms-slot slot="1" stream="blue"></ms-slot>
      </ms-grid>
    `);
    const [one, two] = slotsOf(grid) as [MsSlot, MsSlot];
    await frameOf(one, red);
    await frameOf(two, blue);
    await until(() => one.state === 'active' && two.state === 'active');
    const states: string[] = [];
    grid.addEventListener('ms-connection', ({ state }) => states.push(state));
    const watched = [lookAt(one), lookAt(two)];
    const [first, second] = [one, two].map(shownIn);
    const added = document.createElement('ms-slot');
    Object.assign(added, { slot: '2', stream: 'green' });
    grid.append(added);
    await frameOf(added, green);
    await until(() => shownIn(one) !== first && shownIn(two) !== second && added.state === 'active');
    await until(() => network.sockets === 1);
    await frameOf(one, red);
    await frameOf(two, blue);
    const [red_, blue_] = watched.map((end) => end()) as [Seen, Seen];
    expect([...red_.cameras]).to.deep.equal(['red']);
    expect([...blue_.cameras]).to.deep.equal(['blue']);
    expect([...red_.states, ...blue_.states].filter((state) => state !== 'active')).to.deep.equal([]);
    expect(states).to.deep.equal([]);
    expect(network.opened, 'sessions').to.equal(2);
  });

  it('holds as many tiles as the device allows, all over one connection', async () => {
    const numbers = Array.from({ length: 24 }, (_, number) => number);
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} mode=${way} ice-servers="[]">
        ${numbers.map((number) => html`<ms-slot slot=${number} stream="red" quality="180p" eager></ms-slot>`)}
      </ms-grid>
    `);
    await until(() => slotsOf(grid).every(({ state }) => state === 'active'));
    // The socket of the test before may still be closing.
    await until(() => network.sockets === 1);
    expect(slotsOf(grid).filter(({ state }) => state !== 'active')).to.deep.equal([]);
  });
});

describeEachWay('a wall of more tiles than a session has', (way) => {
  let installation: Installation;
  let network: Network;

  before(async () => {
    installation = await install('max_slots: 3');
    network = interceptNetwork();
  });

  after(async () => {
    network.restore();
    await installation.stop();
  });

  it('opens as many sessions as it needs, and no tile blinks when it grows and shrinks', async () => {
    const tile = (number: number) =>
      html`<ms-slot slot=${number} stream=${number % 2 ? 'blue' : 'red'} eager></ms-slot>`;
    const grid = await fixture<MsGrid>(html`
      <ms-grid device-url=${installation.device.url} mode=${way} ice-servers="[]">${[0, 1, 2].map(tile)}</ms-grid>
    `);
    const errors: unknown[] = [];
    grid.addEventListener('ms-error', ({ error }) => errors.push(error));
    await until(() => slotsOf(grid).every(({ state }) => state === 'active'));
    const watched = slotsOf(grid).map(lookAt);
    const added = [3, 4, 5, 6].map((number) =>
      Object.assign(document.createElement('ms-slot'), { slot: String(number), stream: 'green', eager: true }),
    );
    grid.append(...added);
    await Promise.all(added.map((slot) => frameOf(slot, green)));
    await until(() => added.every(({ state }) => state === 'active'));
    expect(network.sockets).to.equal(3);
    added.forEach((slot) => {
      slot.remove();
    });
    await until(() => network.sockets === 1);
    for (const end of watched) {
      const { states, cameras } = end();
      expect([...states]).to.deep.equal(['active']);
      expect(cameras.size).to.equal(1);
    }
    expect(errors).to.deep.equal([]);
  });
});

interface Seen {
  /** The state of the screen at each of its pictures. */
  readonly cameras: ReadonlySet<string>;
  readonly states: ReadonlySet<string>;
}

/** Looks at a tile at each picture of the screen; returns the way to stop, which tells what there was to be seen. */
function lookAt(slot: MsSlot): () => Seen {
  const seen = { cameras: new Set<string>(), states: new Set<string>() };
  let request = 0;
  const look = () => {
    const video = shownIn(slot);
    seen.cameras.add(video ? cameraIn(video) : 'nothing');
    seen.states.add(slot.state);
    request = requestAnimationFrame(look);
  };
  look();
  return () => {
    cancelAnimationFrame(request);
    return seen;
  };
}

/** The video on top: the next picture loads behind it. */
function shownIn(slot: MsSlot): HTMLVideoElement | undefined {
  return [...slot.renderRoot.querySelectorAll('video')].at(-1);
}
