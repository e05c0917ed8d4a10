import { resolve } from 'node:path';

/**
 * A reporter for node:test that writes what the device tests did as JSON: a list of {file, tests: [{name, state, error}], errors}.
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 */
export default async function* deviceReporter(events) {
  /** @type {Map<string, {file: string, tests: {name: string, state: string, error?: string}[], errors: string[]}>} */
  const files = new Map();
  for await (const { type, data } of events) {
    if ((type !== 'test:pass' && type !== 'test:fail') || data.file === undefined) {
      continue;
    }
    const result = files.get(data.file) ?? { file: data.file, tests: [], errors: [] };
    files.set(data.file, result);
    const failure = type === 'test:fail' ? data.details.error : undefined;
    if (resolve(data.name) === data.file) {
      // Not a test but the process that ran the file.
      if (failure !== undefined && failure.failureType !== 'subtestsFailed') {
        result.errors.push(`${failure.message} (in the file itself, outside of its tests)`);
      }
    } else if (data.details.type === 'suite') {
      // A suite fails with its tests, which are counted; a failed hook is counted here.
      if (failure !== undefined && failure.failureType !== 'subtestsFailed') {
        result.errors.push(`${data.name}: ${failure.message}`);
      }
    } else {
      result.tests.push({
        name: data.name,
        state: state(type, data),
        error: failure?.cause?.message ?? failure?.message,
      });
    }
  }
  yield JSON.stringify([...files.values()]);
}

function state(type, { skip, todo }) {
  if (skip !== undefined && skip !== false) {
    return 'skipped';
  }
  if (todo !== undefined && todo !== false) {
    return 'todo';
  }
  return type === 'test:pass' ? 'passed' : 'failed';
}
