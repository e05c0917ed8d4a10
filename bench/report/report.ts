/**
 * `npm run bench:report` makes the tables and pictures of `bench/results/latest.json`: docs/performance.md, its images,
 * and the table in README.md. With `--check` it writes nothing, and fails where one of them is not what it would write.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Results } from '../results.ts';
import { performancePage, readmeTable, unmeasured, withTable } from './pages.ts';
import { plots } from './plots.ts';

const root = new URL('../../', import.meta.url);
const measured = read('bench/results/latest.json');
const files =
  measured === '' ? { 'README.md': withTable(read('README.md'), unmeasured) } : report(JSON.parse(measured));

const stale = Object.entries(files).filter(([path, text]) => read(path) !== text);
if (process.argv.includes('--check')) {
  for (const [path] of stale) {
    console.error(`${path} is not what bench/results/latest.json gives: run \`npm run bench:report\` and commit it`);
  }
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  for (const [path, text] of stale) {
    const file = fileURLToPath(new URL(path, root));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`wrote ${path}`);
  }
}

function report(results: Results): Record<string, string> {
  const images = Object.entries(plots(results)).map(([name, svg]) => [`docs/images/performance/${name}`, svg]);
  return {
    'README.md': withTable(read('README.md'), readmeTable(results)),
    'docs/performance.md': performancePage(results),
    ...Object.fromEntries(images),
  };
}

function read(path: string): string {
  try {
    return readFileSync(new URL(path, root), 'utf8');
  } catch {
    return '';
  }
}
