// `node scripts/build.mjs` writes all of dist/; `node scripts/build.mjs bundle` only what a device serves.
// Plain JavaScript, since it also runs on the host's own Node.

import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const onlyBundle = process.argv[2] === 'bundle';

if (!onlyBundle) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
}
await build({ root, configFile: join(root, 'vite.config.ts') });
if (!onlyBundle) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
