import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const entries = {
  'multistream-elements': 'index.ts',
  'multistream-elements/define': 'define.ts',
  'multistream-elements/client': 'client/index.ts',
  'multistream-elements/protocol': 'protocol/index.ts',
  'multistream-elements/react': 'react/index.ts',
  'multistream-elements/jsx': 'types/jsx.ts',
  'multistream-elements/iframe-upgrade': 'iframe-upgrade.ts',
};

/** Angular is not among the dependencies: its names are taken for what they are used as. */
const angular = `
  export function Component(options: object): ClassDecorator;
  export const CUSTOM_ELEMENTS_SCHEMA: object;
  export function signal<T>(value: T): { (): T; set(value: T): void };
`;

/**
 * Compiles code blocks, each as a module of its own, against the sources of the package.
 * @throws with what the compiler says; the names of its files are those of the documents, with the line of the block
 */
export function typeCheck(blocks) {
  const folder = mkdtempSync(resolve('node_modules/.documents-'));
  const write = (file, text) => writeFileSync(join(folder, file), text);
  try {
    const files = blocks.map(({ file, line, language, code }) => {
      const name = `${file.replaceAll('/', '.')}.${line}.${language}`;
      write(name, `${code}\nexport {};\n`);
      return name;
    });
    write('angular.d.ts', angular);
    const paths = Object.entries(entries).map(([name, path]) => [name, [resolve('src', path)]]);
    paths.push(['@angular/core', ['./angular.d.ts']]);
    const compilerOptions = { noEmit: true, types: ['react'], paths: Object.fromEntries(paths) };
    write('tsconfig.json', JSON.stringify({ extends: resolve('tsconfig.json'), compilerOptions, include: [], files }));
    const tsc = resolve('node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    throw new Error(error.stdout || error.message);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
