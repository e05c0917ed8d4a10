import assert from 'node:assert/strict';
import { it } from 'node:test';
import { settled } from '../../src/config/watch-file.ts';

it('acts once on changes in quick succession, and every two seconds on changes that do not end', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  let acts = 0;
  const { ask, cancel } = settled(
    () => acts++,
    () => now,
  );
  const pass = (milliseconds: number) => {
    now += milliseconds;
    context.mock.timers.tick(milliseconds);
  };
  for (const milliseconds of [10, 10, 199]) {
    ask();
    pass(milliseconds);
  }
  assert.equal(acts, 0);
  pass(1);
  assert.equal(acts, 1);
  for (let asked = 0; asked < 1000; asked++) {
    ask();
    pass(10);
  }
  assert.equal(acts, 1 + 5);
  ask();
  cancel();
  pass(1000);
  assert.equal(acts, 1 + 5);
});
