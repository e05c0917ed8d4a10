/** Checks what `npm publish` would send: all that package.json promises, and nothing else. */

import { execSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const [{ files }] = JSON.parse(execSync('npm pack --dry-run --json --ignore-scripts', { encoding: 'utf8' }));
const packed = files.map(({ path }) => path);

const promised = [...targets(manifest.exports), ...targets(manifest.sideEffects), manifest.customElements];
const missing = [...new Set(promised.map((path) => path.replace('./', '')))].filter((path) => !packed.includes(path));
const strange = packed.filter(
  (path) => !/^(dist\/.+|custom-elements\.json|package\.json|README\.md|LICENSE)$/.test(path) || /\.test\./.test(path),
);

for (const path of missing) {
  console.error(`package.json promises ${path}, which the package does not hold`);
}
for (const path of strange) {
  console.error(`the package holds ${path}, which does not belong in it`);
}
console.log(`${packed.length} files in the package`);
process.exitCode = missing.length + strange.length === 0 ? 0 : 1;

/** The paths at the leaves of an exports map or a list. */
function targets(value) {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(targets);
}
