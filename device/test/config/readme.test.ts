import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { parseConfig } from '../../src/config/config.ts';
import { configSchema } from '../../src/config/schema.ts';

describe("the device's README", () => {
  it('shows a configuration that is accepted, with every key of the sections', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
    const example = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    // The certificate's files are not here.
    const config = parseConfig(example.replaceAll(/^ {2}tls_.*\n/gm, ''), 'README.md');
    assert.ok(config.streams.length > 0);
    for (const [name, section] of Object.entries(entriesOf(configSchema))) {
      const keys = entriesOf((section as { wrapped?: unknown }).wrapped);
      for (const key of [name, ...Object.keys(keys)]) {
        assert.match(example, new RegExp(`^ *${key}:`, 'm'), `${name}: ${key}`);
      }
    }
  });
});

/** The keys of a section, which is the first object in a pipe of steps. */
function entriesOf(schema: unknown): object {
  const { entries, pipe = [] } = (schema ?? {}) as { entries?: object; pipe?: unknown[] };
  return (
    entries ??
    pipe
      .filter((step) => step !== schema)
      .map(entriesOf)
      .find((found) => Object.keys(found).length > 0) ??
    {}
  );
}
