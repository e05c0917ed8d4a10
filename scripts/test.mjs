/**
 * `npm test`: everything that can be tested, from a fresh machine on. `npm test -- device`, `npm test -- browser` and
 * `npm test -- codec` run a part: one runner, or the files with that in their path.
 *
 * `device` runs in Node, one file at a time or several, `browser` in a page that has the elements' sources, and `pages` in Node
 * with a browser that visits finished pages. `webkit` and `firefox` run `test/engines` in other browser engines;
 * `TEST_BROWSER=firefox npm test -- healing` runs any browser test there.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { findFirefox } from './firefox.mjs';
import { prepareSystem } from './system.mjs';
import { judge } from './verdict.mjs';
import { findWebKit } from './webkit.mjs';

const oldestNode = 24;
/** @param atOnce how many files run at a time */
const inNode = (atOnce) => (files, results) => [
  '--test',
  `--test-concurrency=${atOnce}`,
  '--test-timeout=300000',
  '--test-reporter=spec',
  '--test-reporter-destination=stdout',
  '--test-reporter=./scripts/reporters/device.mjs',
  `--test-reporter-destination=${results}`,
  ...files,
];
const inPage = (files) => [
  join(dirname(createRequire(import.meta.url).resolve('@web/test-runner')), 'bin.js'),
  '--files',
  ...files,
];
const inDevice = (paths) => paths.map((path) => `device/test/${path}`);
/** These mostly wait: for processes, and for time to pass. */
const waiting = inDevice(['http', 'pages', 'cameras/orphans', 'cameras/promises', 'cameras/stalled', 'main', 'stop']);
/** These only compute, and half of their time is the start of their process. */
const computing = inDevice([
  'config',
  'media',
  'protocol',
  'rtsp',
  'sessions',
  'streams',
  'support',
  'log',
  'token-bucket',
]);
const visiting = ['test/hosts', 'test/upgrade'];
const engines = 'test/engines';
const runners = {
  bench: { files: () => testFiles('bench/test'), command: inNode(1) },
  computing: {
    files: () => testFiles('device/test').filter((file) => isIn(computing, file)),
    command: inNode(2),
    part: 'device',
  },
  // Other viewers or other cameras are watched meanwhile, and a machine of two cores has none to spare.
  device: {
    files: () => testFiles('device/test').filter((file) => !isIn([...waiting, ...computing], file)),
    command: inNode(1),
  },
  waiting: {
    files: () => testFiles('device/test').filter((file) => isIn(waiting, file)),
    command: inNode(4),
    part: 'device',
  },
  browser: {
    files: () => testFiles('test').filter((file) => !isIn([...visiting, engines], file)),
    command: inPage,
  },
  webkit: { files: () => testFiles(engines), command: inPage, env: { TEST_BROWSER: 'webkit' }, needs: findWebKit },
  firefox: { files: () => testFiles(engines), command: inPage, env: { TEST_BROWSER: 'firefox' }, needs: findFirefox },
  pages: { files: () => visiting.flatMap(testFiles), command: inNode(1) },
};

process.chdir(resolve(import.meta.dirname ?? '.', '..'));
// A device and each of its cameras are processes, and stripping types from their sources is most of what one costs.
process.env.NODE_COMPILE_CACHE ??= resolve('node_modules/.cache/node');
const verdict = { passed: 0, failed: 0, complaints: [], excused: [] };
try {
  await test(process.argv.slice(2));
} catch (error) {
  complain(error.message);
}
report();

async function test(filters) {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    throw new Error(
      `this is Node ${process.versions.node}; the tests need Node ${oldestNode}, which is among the dependencies: ` +
        'run them with `npm test`, after `npm ci`',
    );
  }
  say('what the system has to have: browsers, and GStreamer as an RTSP camera');
  prepareSystem();
  say(`the bundle that the device serves, on Node ${process.versions.node}`);
  const { code } = await run(['scripts/build.mjs', 'bundle']);
  if (code !== 0) {
    throw new Error(`the bundle was not built: scripts/build.mjs ended with ${code}`);
  }
  let chosen = 0;
  for (const [name, { files: all, command, env, needs, part = name }] of Object.entries(runners)) {
    const files = all().filter((file) => isChosen(part, file, filters));
    chosen += files.length;
    if (needs?.() === null) {
      verdict.excused.push(...files.map((file) => `${file}: ${name} is not installed`));
    } else if (files.length > 0) {
      say(`${name} tests, ${files.length} files`);
      await runTests(name, files, command, env);
    }
  }
  if (chosen === 0) {
    throw new Error(`no test file matches ${filters.join(' ')}`);
  }
}

async function runTests(name, files, command, env) {
  const folder = mkdtempSync(join(tmpdir(), 'multistream-tests-'));
  const results = join(folder, 'results.json');
  try {
    const runnable = files.filter((file) => file.endsWith('.ts'));
    const { code } = await run(command(runnable, results), { ...env, TEST_RESULTS: results });
    const { passed, failed, complaints, excused } = judge(files, readResults(results));
    verdict.passed += passed;
    verdict.failed += failed;
    verdict.complaints.push(...complaints);
    verdict.excused.push(...excused);
    if (code !== 0 && failed === 0) {
      complain(`the runner of the ${name} tests ended with ${code}, though no test failed`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Nothing where the runner did not get as far as writing it; then each file counts as not run. */
function readResults(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return [];
  }
}

function testFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((path) => /\.test\.\w+$/.test(path))
    .map((path) => resolve(folder, path))
    .sort();
}

/** @param paths the beginnings of paths: folders, or files without their ends */
function isIn(paths, file) {
  return paths.some((path) => file.startsWith(resolve(path)));
}

function isChosen(runner, file, filters) {
  const parts = filters.filter((filter) => Object.hasOwn(runners, filter));
  const paths = filters.filter((filter) => !parts.includes(filter));
  return (
    (parts.length === 0 || parts.includes(runner)) && (paths.length === 0 || paths.some((path) => file.includes(path)))
  );
}

/** Runs Node on these arguments. A signal that would end this script ends the child, and then the script. */
function run(args, env = {}) {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  let interruption;
  const stop = (signal) => {
    interruption = signal;
    child.kill(signal);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      if (interruption === undefined) {
        resolve({ code: code ?? signal });
      } else {
        reject(new Error(`interrupted by ${interruption}`));
      }
    });
  });
}

function say(what) {
  console.log(`\n> ${what}`);
}

function complain(what) {
  verdict.failed += 1;
  verdict.complaints.push(what);
}

function report() {
  const list = (title, lines) => {
    if (lines.length > 0) {
      console.log(`\n${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`);
    }
  };
  list('left out, for a reason', verdict.excused);
  list('failed', verdict.complaints);
  console.log(`\n${verdict.passed} passed, ${verdict.failed} failed`);
  process.exitCode = verdict.failed === 0 ? 0 : 1;
}
