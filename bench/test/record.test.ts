import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Recorder } from '../part.ts';
import { formatResults, type Results } from '../results.ts';
import { alternate } from '../support/sides.ts';

describe('a recorder', () => {
  it('keeps the samples of a figure by side, and what was beside each', () => {
    const record = new Recorder();
    record.add({ what: 'switch', side: 'multistream', unit: 'ms' }, 40.12345, { steal: 0 });
    record.add({ what: 'switch', side: 'iframes', unit: 'ms' }, 150);
    record.add({ what: 'switch', side: 'multistream', unit: 'ms' }, 38, { steal: 10 });
    assert.deepEqual(record.figures, [
      { what: 'switch', side: 'multistream', unit: 'ms', samples: [40.123, 38], beside: { steal: [0, 10] } },
      { what: 'switch', side: 'iframes', unit: 'ms', samples: [150] },
    ]);
  });

  it('repeats nothing in a quick run', () => {
    assert.deepEqual([new Recorder().rounds(12), new Recorder(60, true).rounds(12)], [12, 1]);
  });
});

describe('the sides of a run', () => {
  it('take turns, and each is the first of a round in its turn', async () => {
    const order: string[] = [];
    await alternate(['a', 'b', 'c'], 3, async (side, round) => {
      order.push(`${round}${side}`);
    });
    assert.deepEqual(order, ['0a', '0b', '0c', '1b', '1c', '1a', '2c', '2a', '2b']);
  });
});

describe('a part whose time is over', () => {
  it('begins no further round, but had its first one', async () => {
    let rounds = 0;
    const count = async () => {
      rounds += 1;
    };
    await alternate(['a'], 5, count, new Recorder(0).until(1));
    assert.equal(rounds, 1);
  });
});

describe('a results file', () => {
  it('has one line for a list of samples, and reads as what it was written from', () => {
    const results = {
      machine: { cpu: 'c', cores: 2, memory_gib: 8 },
      ...{ versions: { node: 'v24', browser: 'Chrome/1' }, settings: { browserArguments: ['--a', '--b'] } },
      parts: [
        {
          ...{
            name: 'n',
            title: 't, [1, 2]',
            date: '2026-11-22T20:00:00.000Z',
            seconds: 1,
            load: { busy: 1, steal: 0 },
            settings: {},
          },
          figures: [
            { what: 'w', side: 'iframes', unit: 'ms', samples: [1.5, -2, 3e-7], beside: { received: [null, 1, 2] } },
          ],
        },
      ],
    } as unknown as Results;
    const text = formatResults(results);
    assert.deepEqual(JSON.parse(text), results);
    assert.match(text, /"samples": \[1.5,-2,3e-7\]/);
    assert.match(text, /"received": \[null,1,2\]/);
  });
});
