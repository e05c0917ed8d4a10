import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { judge } from '../../../scripts/verdict.mjs';

const file = resolve('test/a.test.ts');
const ran = (...tests: [name: string, state: string, error?: string][]) => ({
  file,
  tests: tests.map(([name, state, error]) => ({ name, state, error })),
  errors: [] as string[],
});

describe('the verdict of npm test', () => {
  it('counts what passed and what failed', () => {
    const { passed, failed, complaints } = judge([file], [ran(['one', 'passed'], ['two', 'failed'])]);
    assert.deepEqual({ passed, failed, complaints }, { passed: 1, failed: 1, complaints: ['test/a.test.ts: two'] });
  });

  it('says with each failed test the first line of what its assertion said', () => {
    const { complaints } = judge([file], [ran(['two', 'failed', 'six tiles, not five\n+ 6\n- 5'])]);
    assert.deepEqual(complaints, ['test/a.test.ts: two: six tiles, not five']);
  });

  it('counts a file that no runner saw as a failure', () => {
    assert.deepEqual(judge([file], []).complaints, ['test/a.test.ts: no test in this file ran']);
  });

  it('counts a file in which every test was skipped as a failure', () => {
    assert.equal(judge([file], [ran(['one (skipped: no camera)', 'skipped'])]).failed, 1);
  });

  it('counts a file that broke before its tests once, and not as a file that did not run too', () => {
    const { failed, complaints } = judge([file], [{ ...ran(), errors: ['cannot import'] }]);
    assert.deepEqual({ failed, complaints }, { failed: 1, complaints: ['test/a.test.ts: cannot import'] });
  });

  it('lets a test be left out only where its name says why', () => {
    const { failed, excused } = judge(
      [file],
      [ran(['one', 'passed'], ['two', 'skipped'], ['three (todo: issue 7)', 'todo'], ['four ()', 'todo'])],
    );
    assert.equal(failed, 2);
    assert.deepEqual(excused, ['test/a.test.ts: three (todo: issue 7)']);
  });
});
