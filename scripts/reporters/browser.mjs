import { writeFileSync } from 'node:fs';

/**
 * Writes what the browser tests did as JSON: a list of {file, tests: [{name, state, error}], errors}.
 * @param {string} path
 * @returns {import('@web/test-runner-core').Reporter}
 */
export function browserReporter(path) {
  return {
    onTestRunFinished({ sessions }) {
      const files = sessions.map(({ testFile, testResults, errors }) => ({
        file: testFile,
        tests: testResults === undefined ? [] : leaves(testResults),
        errors: errors.map(({ message }) => message),
      }));
      writeFileSync(path, JSON.stringify(files));
    },
  };
}

/** @param {import('@web/test-runner-core').TestSuiteResult} suite */
function leaves(suite, path = '') {
  const prefix = [path, suite.name].filter(Boolean).join(' › ');
  const tests = suite.tests.map(({ name, passed, skipped, error }) => ({
    name: [prefix, name].filter(Boolean).join(' › '),
    state: skipped ? 'skipped' : passed ? 'passed' : 'failed',
    error: error?.message,
  }));
  return [...tests, ...suite.suites.flatMap((inner) => leaves(inner, prefix))];
}
