import { expect, fixture, html } from '@open-wc/testing';
import { AutoQuality } from '../../src/elements/extras/auto-quality.ts';
import {
  freshMachine,
  judgeMachine,
  MachineBudget,
  type MachineState,
  type TileLoad,
} from '../../src/elements/extras/machine-budget.ts';
import type { TrackStats } from '../../src/elements/extras/stats.ts';
import type { TileHost } from '../../src/elements/tile.ts';

type Tile = TileLoad<string>;

/** A wall whose tiles are on two rungs, and drop frames as the test says. */
class Machine {
  state: MachineState = freshMachine;
  /** Seconds, and what happened in them. */
  readonly steps: string[] = [];
  seconds = 0;
  readonly tiles: (Tile & { isSteppedDown: boolean; canStepDown: boolean; dropped: number })[];

  constructor(...tiles: [id: string, lines: number, isAttended?: boolean][]) {
    this.tiles = tiles.map(([id, lines, isAttended = false]) => ({
      ...{ id, lines, isAttended, dropped: 0, canStepDown: true, isSteppedDown: false },
    }));
  }

  /** @param dropped by each tile, as long as so many of them are on the upper rung */
  run(seconds: number, dropped: (id: string, upper: number) => number): this {
    for (let second = 0; second < seconds; second++) {
      this.seconds++;
      const upper = this.tiles.filter(({ isSteppedDown }) => !isSteppedDown).length;
      for (const tile of this.tiles) {
        tile.dropped = dropped(tile.id, upper);
      }
      const [state, steps] = judgeMachine(this.state, this.tiles);
      this.state = state;
      for (const { id, direction } of steps) {
        const tile = this.tiles.find((one) => one.id === id) as Machine['tiles'][number];
        tile.isSteppedDown = direction === 'down';
        tile.canStepDown = direction === 'up';
        this.steps.push(`${this.seconds} ${id} ${direction}`);
      }
    }
    return this;
  }
}

const four = () => new Machine(['large', 720, true], ['a', 180], ['b', 180], ['c', 90]);

describe('the budget of a machine', () => {
  it('steps the smallest tile down that no reader looks at, when several drop frames', () => {
    expect(four().run(3, () => 0.5).steps).to.deep.equal(['3 c down']);
  });

  it('goes on as long as that does not help, and takes the tile that a reader looks at last', () => {
    expect(
      four()
        .run(30, () => 0.5)
        .steps.map((step) => step.split(' ')[1]),
    ).to.deep.equal(['c', 'a', 'b', 'large']);
  });

  it('stops when the machine keeps up', () => {
    expect(four().run(25, (_, upper) => (upper > 2 ? 0.5 : 0)).steps).to.have.length(2);
  });

  it('leaves a tile alone that drops frames by itself', () => {
    expect(four().run(60, (id) => (id === 'a' ? 0.9 : 0)).steps).to.deep.equal([]);
  });

  it('waits for a burst to pass', () => {
    const machine = four();
    for (let burst = 0; burst < 10; burst++) {
      machine.run(2, () => 0.9).run(2, () => 0);
    }
    expect(machine.steps).to.deep.equal([]);
  });

  it('steps a large tile that a reader looks at up first, one at a time', () => {
    const machine = four().run(30, () => 0.5);
    machine.steps.length = 0;
    machine.run(140, () => 0);
    expect(machine.steps.map((step) => step.split(' ').slice(1).join(' '))).to.deep.equal(
      ['large', 'b', 'a', 'c'].map((id) => `${id} up`),
    );
  });

  it('does not go up and down all the time on a machine that bears three of four', () => {
    const { steps } = four().run(3600, (_, upper) => (upper > 3 ? 0.5 : 0));
    // Each attempt that fails doubles the time until the next one, up to eight minutes.
    expect(steps.filter((step) => step.endsWith('up')).length).to.be.lessThan(13);
  });

  it('does nothing where no tile has a smaller variant', () => {
    const machine = four();
    for (const tile of machine.tiles) {
      tile.canStepDown = false;
    }
    expect(machine.run(60, () => 0.9).steps).to.deep.equal([]);
  });
});

describe('tiles with automatic quality that share a machine', () => {
  const rungs = [
    { quality: '180p', height: 180 },
    { quality: '360p', height: 360 },
    { quality: 'native', height: 720 },
  ];
  let now = 1000;
  let budget: MachineBudget;
  let count = 4;

  beforeEach(() => {
    budget = new MachineBudget();
    count = 4;
  });

  async function tile(width: number, isAttended = false) {
    const element = await fixture<HTMLDivElement>(html`<div style="width: ${width}px; aspect-ratio: 16 / 9"></div>`);
    const host = Object.assign(element, { addController: () => {}, requestUpdate: () => {} }) as unknown as TileHost;
    const variantsOf = async () => rungs;
    const auto = new AutoQuality(host, { variantsOf, isAttended: () => isAttended, tiles: () => count, budget });
    auto.hostConnected();
    auto.choose('yard', '');
    await 0;
    return { auto, counters: { packets: 0, lost: 0, decoded: 0, dropped: 0 } };
  }

  type Shown = Awaited<ReturnType<typeof tile>>;

  /** A second in which each tile got 25 frames, and some of them were dropped, or packets of them lost. */
  function second(tiles: Shown[], { dropped = 0, lost = 0, powerEfficient = false }): void {
    now += 1000;
    for (const { auto, counters } of tiles) {
      counters.packets += 100 - lost;
      counters.lost += lost;
      counters.dropped += dropped;
      counters.decoded += 25 - dropped;
      auto.tick({ ...counters, powerEfficient } as unknown as TrackStats, now);
    }
  }

  const qualities = (tiles: Shown[]) => tiles.map(({ auto }) => auto.choose('yard', ''));

  it('take smaller variants together, and the tile that its reader looks at comes last', async () => {
    const tiles = [await tile(640, true), await tile(640), await tile(600)];
    expect(qualities(tiles)).to.deep.equal(['360p', '360p', '360p']);
    for (let at = 0; at < 7; at++) {
      second(tiles, { dropped: 15 });
    }
    expect(qualities(tiles)).to.deep.equal(['360p', '360p', '180p']);
    for (let at = 0; at < 7; at++) {
      second(tiles, { dropped: 15 });
    }
    expect(qualities(tiles)).to.deep.equal(['360p', '180p', '180p']);
  });

  it('each follow their own way where packets are lost, as before', async () => {
    const tiles = [await tile(640), await tile(640)];
    for (let at = 0; at < 6; at++) {
      second(tiles.slice(0, 1), { lost: 30, dropped: 15 });
      second(tiles.slice(1), {});
    }
    expect(qualities(tiles)).to.deep.equal(['180p', '360p']);
  });

  it('take variants that Chromium decodes in hardware on a wall of more than eight', async () => {
    const tiles = [await tile(240), await tile(240)];
    expect(qualities(tiles)).to.deep.equal(['180p', '180p']);
    count = 9;
    second(tiles, {});
    second(tiles, {});
    second(tiles, {});
    expect(qualities(tiles)).to.deep.equal(['180p', '180p']);
    second(tiles, { powerEfficient: true });
    second(tiles, { powerEfficient: true });
    second(tiles, { powerEfficient: true });
    expect(qualities(tiles)).to.deep.equal(['360p', '360p']);
    count = 8;
    second(tiles, { powerEfficient: true });
    second(tiles, { powerEfficient: true });
    expect(qualities(tiles)).to.deep.equal(['180p', '180p']);
  });
});
