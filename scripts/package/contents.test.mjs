import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { listFiles, packages, readManifest, root } from './packages.mjs';

for (const { folder, allowed } of packages) {
  const manifest = readManifest(folder);

  describe(`the package ${manifest.name}`, () => {
    const files = listFiles(folder);

    it('holds what its package.json promises', () => {
      const { exports: entries, sideEffects = [], bin, customElements = [], 'web-types': webTypes = [] } = manifest;
      const promised = [entries ?? [], sideEffects, bin ?? [], customElements, webTypes].flatMap(targets);
      const missing = promised.map((path) => path.replace('./', '')).filter((path) => !files.includes(path));
      assert.deepEqual(missing, []);
    });

    it('holds nothing else: no source, no test', () => {
      const strange = files.filter((path) => !allowed.test(path) || /\.test\.|(?<!\.d)\.tsx?$/.test(path));
      assert.deepEqual(strange, []);
    });

    it('has a source map beside every script, with the source in it', () => {
      const maps = files.filter((path) => path.endsWith('.js.map'));
      assert.ok(maps.length > 0);
      for (const path of maps) {
        const { sources, sourcesContent } = JSON.parse(readFileSync(join(folder, path), 'utf8'));
        assert.equal(sourcesContent?.length, sources.length, path);
      }
    });
  });
}

describe('dist/sri.json', () => {
  it('has the hash of every single file', () => {
    const hashes = JSON.parse(readFileSync(join(root, 'dist/sri.json'), 'utf8'));
    assert.ok('ms-grid.js' in hashes && 'iframe-upgrade.js' in hashes);
    for (const [file, hash] of Object.entries(hashes)) {
      const digest = createHash('sha384').update(readFileSync(join(root, 'dist', file)));
      assert.equal(hash, `sha384-${digest.digest('base64')}`, file);
    }
  });
});

/** The paths at the leaves of an exports map or a list. */
function targets(value) {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(targets);
}
