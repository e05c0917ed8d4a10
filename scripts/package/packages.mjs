/** Both npm packages as `npm publish` would send them, and a project that has nothing but these. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** By folder, as `dist/` and `device/build/` are at this moment. */
export const packages = [
  { folder: root, allowed: /^(dist\/.+|custom-elements\.json|package\.json|README\.md|LICENSE)$/ },
  { folder: join(root, 'device'), allowed: /^(bin\/.+|build\/.+|package\.json|README\.md|LICENSE)$/ },
];

export function readManifest(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** The files that a package would have. */
export function listFiles(folder) {
  const [{ files }] = JSON.parse(npm(folder, 'pack', '--dry-run', '--json', '--ignore-scripts'));
  return files.map(({ path }) => path);
}

/** A new folder, in which the packed packages and `others` are installed. */
export function installInto(others) {
  const folder = mkdtempSync(join(tmpdir(), 'multistream-project-'));
  const tarballs = packages.map((package_) => {
    const [{ filename }] = JSON.parse(
      npm(package_.folder, 'pack', '--json', '--ignore-scripts', '--pack-destination', folder),
    );
    return `./${filename}`;
  });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  npm(folder, 'install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs, ...others);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function npm(cwd, ...args) {
  return execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: 'pipe' });
}
