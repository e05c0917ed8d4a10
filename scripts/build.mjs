// `node scripts/build.mjs` writes all of dist/; `node scripts/build.mjs bundle` only what a device serves.
// Plain JavaScript, since it also runs on the host's own Node.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { transformSync } from 'esbuild';
import { build } from 'vite';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const onlyBundles = process.argv[2] === 'bundle';

/** The files that a page can load with one script tag. */
const bundles = [
  { entry: 'src/define.ts', global: 'MultiStream', format: 'es', file: 'ms-grid.js' },
  { entry: 'src/define.ts', global: 'MultiStream', format: 'iife', file: 'ms-grid.iife.js' },
  // Starts itself; the global has what `src/iframe-upgrade.ts` exports.
  { entry: 'src/iframe-upgrade-start.ts', global: 'MultiStreamIframes', format: 'iife', file: 'iframe-upgrade.js' },
].filter(({ entry }) => existsSync(join(root, entry)));

/** The side effects in package.json name the files in dist/, not the sources. */
const keepRegistration = {
  name: 'keep-registration',
  transform: { filter: { id: /src[/\\]define\.ts$/ }, handler: () => ({ moduleSideEffects: true }) },
};

/** The minifier leaves templates as they are: HTML loses its indentation here, and style sheets are minified. */
const compactTemplates = {
  name: 'compact-templates',
  transform: {
    filter: { id: /src[/\\]elements[/\\].*\.ts$/ },
    handler: (code, id) => ({
      code: id.endsWith('styles.ts') ? code.replace(/`[^`]+`(?=;)/g, minifySheet) : code.replace(/\n[ \t]+/g, '\n'),
      map: null,
    }),
  },
};

/** Every template of a file of styles is a whole style sheet. */
function minifySheet(template) {
  const { code } = transformSync(template.slice(1, -1), { loader: 'css', minify: true });
  return `\`${code.trim()}\``;
}

/** Code that few pages need stays in a file of its own, which a classic script loads from beside itself, too. */
const besideClassic = {
  './socket-media.ts': './ms-grid.socket-media.js',
  './single-stream.ts': './ms-grid.single-stream.js',
  './forks.ts': './ms-grid.forks.js',
  './advice.ts': './ms-grid.advice.js',
  './download.ts': './ms-grid.download.js',
  './observers.ts': './ms-grid.observers.js',
  './pip.ts': './ms-grid.pip.js',
  './stats-panel.ts': './ms-grid.stats-panel.js',
  './arrange.ts': './ms-grid.arrange.js',
  './layout.ts': './ms-grid.layout.js',
  './languages.ts': './ms-grid.languages.js',
  './tours.ts': './ms-grid.tours.js',
};

/** A classic script has its other lazy parts in it anyway: as static imports they need no wrapping. */
const importAtOnce = {
  name: 'import-at-once',
  resolveId: (id) => (Object.values(besideClassic).includes(id) ? { id, external: true } : null),
  transform: {
    filter: { id: /src[/\\].*\.ts$/, code: /import\(/ },
    handler(code) {
      for (const [source, script] of Object.entries(besideClassic)) {
        code = code.replaceAll(`"${source}"`, `"${script}"`).replaceAll(`'${source}'`, `'${script}'`);
      }
      const files = [...new Set([...code.matchAll(/\bimport\((["'][^"']+\.ts["'])\)/g)].map(([, file]) => file))];
      const imports = files.map((file, index) => `import * as lazy${index} from ${file};`);
      const inlined = files.reduce(
        (text, file, index) => text.replaceAll(`import(${file})`, `Promise.resolve(lazy${index})`),
        code,
      );
      return { code: `${inlined}\n${imports.join('')}`, map: null };
    },
  },
};

if (!onlyBundles) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
}
for (const { entry, global, format, file } of bundles) {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [keepRegistration, compactTemplates, ...(format === 'iife' ? [importAtOnce] : [])],
    build: {
      target: 'es2022',
      sourcemap: true,
      emptyOutDir: false,
      copyPublicDir: false,
      lib: { entry, name: global, formats: [format], fileName: () => file },
      // In library mode vite leaves the whitespace of ES modules alone, for bundlers to come; none comes after this one.
      rolldownOptions: { output: { minify: true, comments: false, chunkFileNames: 'ms-grid.[name].js' } },
    },
  });
}
compress(join(root, 'dist'));
if (!onlyBundles) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  process.exitCode = status ?? 1;
  const { writeEditorData } = await import('./editor-data.mjs');
  writeEditorData('dist');
  writeHashes(join(root, 'dist'));
}

/** Beside each script, as a device serves it: brotli, and gzip for pages on plain http, where browsers take no brotli. */
function compress(folder) {
  for (const file of scriptsIn(folder)) {
    const script = readFileSync(join(folder, file));
    writeFileSync(join(folder, `${file}.br`), brotliCompressSync(script));
    writeFileSync(join(folder, `${file}.gz`), gzipSync(script, { level: 9 }));
  }
}

/** For `integrity` of script tags and import maps (Subresource Integrity): by file, in `dist/sri.json`. */
function writeHashes(folder) {
  const hashes = scriptsIn(folder).map((file) => {
    const hash = createHash('sha384').update(readFileSync(join(folder, file)));
    return [file, `sha384-${hash.digest('base64')}`];
  });
  writeFileSync(join(folder, 'sri.json'), `${JSON.stringify(Object.fromEntries(hashes), null, 2)}\n`);
}

function scriptsIn(folder) {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .sort();
}
