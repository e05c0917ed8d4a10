import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Figure } from '../part.ts';
import { readmeTable, withTable } from '../report/pages.ts';
import { stripPlot } from '../report/svg.ts';
import { partTable, shortNumber } from '../report/table.ts';
import { type MeasuredPart, type Results, replaceParts } from '../results.ts';

const what = 'switch to live frame, 360p, GOP 2 s';
const figures: Figure[] = [
  { what, side: 'multistream', unit: 'ms', samples: Array.from({ length: 20 }, (_, index) => 30 + index) },
  { what, side: 'iframes', unit: 'ms', samples: [117, 117, 117] },
];
const part: MeasuredPart = {
  ...{
    name: 'switch',
    title: 'Another camera',
    date: '2026-11-22T21:55:00.000Z',
    seconds: 540,
    load: { busy: 40, steal: 1 },
    settings: {},
  },
  figures,
};
const results: Results = {
  machine: { cpu: 'A CPU', cores: 2, memory_gib: 8 },
  ...{ versions: { node: 'v24.21.0', browser: 'Chrome/156' }, settings: {}, parts: [part] },
};

describe('the table of a part', () => {
  it('has median, p95, worst and count of each side, and how many times longer iframes take', () => {
    assert.equal(
      partTable(part),
      [
        '| | multistream | iframes | iframes : multistream |',
        '|---|---|---|---|',
        `| ${what} | 39 / 48 / 49 ms, n 20 | 117 / 117 / 117 ms, n 3 | 3.0× |`,
      ].join('\n'),
    );
  });

  it('leaves the ratio out where one side was not measured', () => {
    const alone = { ...part, figures: figures.slice(1) };
    assert.match(partTable(alone), /n 3 \| \|$/);
  });
});

describe('results that are kept', () => {
  const again: MeasuredPart = { ...part, date: '2026-11-24T08:00:00.000Z', seconds: 60 };
  const connect: MeasuredPart = { ...part, name: 'connect' };
  const order = ['connect', 'switch'];

  it('have the parts that were measured again in their places, and the others as they were', () => {
    const kept = replaceParts({ ...results, parts: [part] }, { ...results, parts: [again, connect] }, order);
    assert.deepEqual(kept.parts, [connect, again]);
    assert.match(readmeTable(kept), /Measured from 2026-11-22 to 2026-11-24 in 10 minutes/);
  });

  it('are of one machine, one browser and one Node', () => {
    const other = { ...results, versions: { node: 'v26.0.0', browser: 'Chrome/156' } };
    assert.throws(() => replaceParts(results, other, order), /another machine, browser or Node: measure everything/);
  });
});

describe('the table of the README', () => {
  it('gives the p95 only where there are samples enough for one, and says when and on what', () => {
    const table = readmeTable(results);
    assert.match(table, /\| … to a live frame \| 39 \(p95 48\) ms \| 117 ms \| \|/);
    assert.match(table, /2026-11-22 in 9 minutes on 2 shared cores \(A CPU\), loopback, Node 24.21.0, Chrome 156\./);
  });

  it('stands between its markers, and replaces what stood there', () => {
    const readme = 'a\n<!-- performance:begin -->\nold\n<!-- performance:end -->\nb';
    const once = withTable(readme, 'new');
    assert.match(once, /^a\n<!-- .+ -->\nnew\n<!-- performance:end -->\nb$/);
    assert.equal(withTable(once, 'new'), once);
    assert.throws(() => withTable('no place', 'new'), /README.md has no lines/);
  });
});

describe('a number in a table', () => {
  it('has two digits that say something, or none behind the point', () => {
    assert.deepEqual([0.3519, 4.26, 39.7, 1234.5, 0].map(shortNumber), ['0.35', '4.3', '40', '1235', '0']);
  });
});

describe('a strip plot', () => {
  it('has a dot for every sample, further right for a larger one, and a mark for the median', () => {
    const svg = stripPlot(
      'A < B',
      'ms',
      [{ label: 's', color: '#123456' }],
      [{ label: 'w', samples: [[10, 1000, 100]] }],
    );
    const dots = [...svg.matchAll(/cx="([\d.]+)" cy="[\d.]+" r="3.5"/g)].map(([, x]) => Number(x));
    assert.equal(dots.length, 3);
    // Logarithmic: each is as far from the next.
    assert.ok(Math.abs((dots[1] as number) * 2 - (dots[0] as number) - (dots[2] as number)) < 0.3);
    assert.match(svg, new RegExp(`M${dots[1]} [\\d.]+v12`));
    assert.match(svg, /<title>A &lt; B<\/title>/);
  });

  it('can be drawn of samples that are all the same, or zero', () => {
    const svg = stripPlot('t', 'ms', [{ label: 's', color: '#123456' }], [{ label: 'w', samples: [[0, 0.1, 0.1]] }]);
    assert.doesNotMatch(svg, /NaN|Infinity/);
  });
});
