// Compiles the device to `device/build/`, for its npm package: Node strips no types inside of `node_modules`.
// The folders lie there as they do here, so that the paths between them stay the same.

import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
rmSync('device/build', { recursive: true, force: true });
run('scripts/build.mjs', 'bundle');
run('node_modules/typescript/bin/tsc', '-p', 'device/tsconfig.build.json');
for (const path of ['dist', 'demo', 'device/pages', 'device/package.json']) {
  cpSync(path, join('device/build', path), { recursive: true, filter: (source) => !isForOthers(source) });
}

/** The compiled package of the elements, and the host pages, are not what a device serves. */
function isForOthers(source) {
  return /^(dist\/esm|dist\/.*\.json|demo\/hosts)$/.test(source);
}

function run(...args) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) {
    throw new Error(`${args.join(' ')} ended with ${status}`);
  }
}
