/**
 * `npm run bench` measures everything and writes `bench/results/latest.json`; `npm run bench -- NAME…` measures parts of
 * it and writes `bench/results/NAME.json`, or with `--keep` puts them in their places in `latest.json`. `--quick` takes each sample once, which shows no more than that it works.
 * `--against PATH` measures another checkout in turns with this one. `npm run bench:report` makes tables and pictures of
 * a whole run.
 */

import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Part, Recorder } from './part.ts';
import { parts } from './parts/index.ts';
import { printTable } from './report/console.ts';
import { formatResults, type MeasuredPart, type Results, replaceParts } from './results.ts';
import { browserArguments, browserVersion } from './support/browser.ts';
import { describeMachine, machineLoad, machineTime } from './support/machine.ts';

const { values, positionals: names } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    against: { type: 'string' },
  },
  allowPositionals: true,
});
const unknown = names.find((name) => !parts.some((part) => part.name === name));
if (unknown !== undefined) {
  console.error(`no part "${unknown}"; there are: ${parts.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}
if (values.keep && (values.quick || values.against !== undefined)) {
  console.error(
    'latest.json keeps what was measured in full, and of this checkout alone: leave --quick and --against out',
  );
  process.exit(1);
}
const against = values.against === undefined ? null : resolve(values.against);
const chosen = parts.filter(({ name, compares, isLong }) =>
  names.length === 0 ? !isLong && (!against || compares) : names.includes(name),
);
const alone = chosen.find(({ compares }) => !compares);
if (against !== null && alone !== undefined) {
  console.error(`the part "${alone.name}" knows no --against`);
  process.exit(1);
}
if (against !== null && !existsSync(join(against, 'device/build'))) {
  console.error(`${against} is not built: npm run build --workspace device`);
  process.exit(1);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Cameras, devices and browsers listen for this process's exit and end with it.
  process.once(signal, () => process.exit(1));
}

const start = performance.now();
const results: Results = {
  machine: describeMachine(),
  versions: { node: process.version, browser: await browserVersion() },
  settings: { network: 'loopback', browserArguments },
  parts: [],
};
for (const part of chosen) {
  results.parts.push(await measure(part));
}

const folder = new URL('results/', import.meta.url);
await mkdir(folder, { recursive: true });
const words = [...names, ...(against === null ? [] : ['against']), ...(values.quick ? ['quick'] : [])];
const file = new URL(`${words.length === 0 || values.keep ? 'latest' : words.join('-')}.json`, folder);
const before = values.keep ? JSON.parse(await readFile(file, 'utf8')) : null;
const order = parts.map(({ name }) => name);
await writeFile(file, formatResults(before === null ? results : replaceParts(before, results, order)));
console.log(`\n${secondsSince(start)} s, written to ${file.pathname}`);

async function measure({ name, title, seconds, run }: Part): Promise<MeasuredPart> {
  console.log(`\n${name}: ${title}`);
  const record = new Recorder(seconds, values.quick, against);
  const before = machineTime();
  const began = performance.now();
  const date = new Date().toISOString();
  let failure: string | undefined;
  try {
    await run(record);
  } catch (error) {
    // The other parts are measured all the same.
    failure = (error as Error).stack;
    console.error(failure);
    process.exitCode = 1;
  }
  const measured: MeasuredPart = {
    ...{ name, title, date, seconds: secondsSince(began), load: machineLoad(before) },
    ...{ settings: record.settings, figures: record.figures },
    ...(failure === undefined ? {} : { failure }),
  };
  printTable(measured);
  return measured;
}

function secondsSince(since: number): number {
  return Math.round((performance.now() - since) / 100) / 10;
}
