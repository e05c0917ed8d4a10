import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { anchors, documentFiles, links, read } from './documents.mjs';

describe('the links of the documents', () => {
  const inside = links().filter(({ target }) => !/^[a-z]+:/.test(target));

  it('lead to files that are there, and to headings that are in them', () => {
    const broken = inside.filter(({ file, target }) => {
      const [path, anchor] = target.split('#');
      const found = path === '' ? file : join(dirname(file), path);
      return !existsSync(found) || (anchor && !anchors(found).includes(anchor));
    });
    assert.ok(inside.length > 20);
    assert.deepEqual(broken, []);
  });

  it('lead from docs/README.md or README.md to every document', () => {
    const index = inside
      .filter(({ file }) => file === 'docs/README.md' || file === 'README.md')
      .map(({ file, target }) => join(dirname(file), target.split('#')[0] ?? ''));
    const lost = documentFiles.filter((file) => !index.includes(file) && file !== 'README.md');
    assert.deepEqual(lost, []);
  });

  it('name tests that are there', () => {
    const named = links().filter(({ file }) => file === 'docs/conformance.md');
    const tests = named.filter(({ target }) => target.startsWith('../'));
    assert.ok(tests.length > 30);
    const missing = tests.filter(({ text, target }) => {
      const source = read(join('docs', target));
      return !source.includes(text) && !source.includes(text.replaceAll("'", "\\'"));
    });
    assert.deepEqual(missing, []);
  });
});
