import { relative } from 'node:path';

/** A test may be left out only where its name says why: `plays H.265 (skipped: no decoder in Chromium)`. */
const reason = /\((skipped|todo): \S.*\)/;

/**
 * Judges what the runners did, by their JSON and not by what they print. A test that silently did not run is a failure.
 * @param {string[]} expected the test files that should have run, absolute
 * @param {{file: string, tests: {name: string, state: string, error?: string}[], errors: string[]}[]} results
 */
export function judge(expected, results) {
  const tests = results.flatMap(({ file, tests: inFile }) => inFile.map((test) => ({ file, ...test })));
  const passed = tests.filter(({ state }) => state === 'passed').length;
  const failedTests = tests.filter(({ state }) => state === 'failed');
  const leftOut = tests.filter(({ state }) => state === 'skipped' || state === 'todo');
  const ran = new Set(tests.filter(({ state }) => state === 'passed' || state === 'failed').map(({ file }) => file));
  const broken = results.filter(({ errors }) => errors.length > 0);
  const complaints = [
    ...failedTests.map(({ file, name, error }) =>
      [`${short(file)}: ${name}`, firstLine(error)].filter(Boolean).join(': '),
    ),
    ...broken.flatMap(({ file, errors }) => errors.map((error) => `${short(file)}: ${error}`)),
    ...leftOut
      .filter(({ name }) => !reason.test(name))
      .map(({ file, name, state }) => `${short(file)}: ${name}: ${state}, and its name does not say why`),
    ...expected
      .filter((file) => !ran.has(file) && !broken.some((result) => result.file === file))
      .map((file) => `${short(file)}: no test in this file ran`),
  ];
  const excused = leftOut.filter(({ name }) => reason.test(name)).map(({ file, name }) => `${short(file)}: ${name}`);
  return { passed, failed: complaints.length, complaints, excused };
}

function short(file) {
  return relative(process.cwd(), file);
}

/** @param {string | undefined} text what an assertion says; a comparison of large values goes on for pages */
function firstLine(text) {
  return text?.trim().split('\n', 1)[0]?.slice(0, 200);
}
