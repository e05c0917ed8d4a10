// `node scripts/build.mjs` writes all of dist/; `node scripts/build.mjs bundle` only what a device serves.
// Plain JavaScript, since it also runs on the host's own Node.

import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const onlyBundles = process.argv[2] === 'bundle';

/** What a page can load with one script tag. */
const bundles = [
  { entry: 'src/define.ts', global: 'MultiStream', files: { es: 'ms-grid.js', iife: 'ms-grid.iife.js' } },
  // Starts itself, and exports what `src/iframe-upgrade.ts` does.
  { entry: 'src/iframe-upgrade-start.ts', global: 'MultiStreamIframes', files: { iife: 'iframe-upgrade.js' } },
].filter(({ entry }) => existsSync(join(root, entry)));

if (!onlyBundles) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
}
for (const { entry, global, files } of bundles) {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: {
      target: 'es2022',
      sourcemap: true,
      emptyOutDir: false,
      copyPublicDir: false,
      lib: { entry, name: global, formats: Object.keys(files), fileName: (format) => files[format] },
      // In library mode vite leaves the whitespace of ES modules alone, for bundlers to come; none comes after this one.
      rolldownOptions: { output: { minify: true, chunkFileNames: 'ms-grid.[name].js' } },
    },
  });
}
if (!onlyBundles) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
