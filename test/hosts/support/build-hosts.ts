import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
/** Two cores: while one host is being installed another one is built. */
const atATime = 2;

export interface BuiltHosts {
  /** By the host's name: what a web server would serve. */
  folder(host: string): string;
  remove(): Promise<void>;
}

/**
 * Builds the hosts as their authors would: `npm ci`, `npm run build`, in a folder of its own, where the package is what
 * `npm pack` makes of this repository, and nothing of the repository's own packages is in reach.
 */
export async function buildHosts(hosts: readonly string[]): Promise<BuiltHosts> {
  const root = await mkdtemp(join(tmpdir(), 'multistream-hosts-'));
  const remove = () => rm(root, { recursive: true, force: true });
  const packed = join(root, 'package');
  const folder = (host: string) => join(packed, 'demo/hosts', host, host === 'cms' ? '' : 'dist');
  const todo = [...hosts];
  const build = async () => {
    for (let host = todo.shift(); host !== undefined; host = todo.shift()) {
      const place = join(packed, 'demo/hosts', host);
      const source = join(repository, 'demo/hosts', host);
      await mkdir(place, { recursive: true });
      // Files that were installed or built beside the sources stay there.
      const files = (await readdir(source)).filter((name) => !/^(node_modules|dist)$/.test(name));
      await Promise.all(files.map((name) => cp(join(source, name), join(place, name), { recursive: true })));
      await run('npm', ['ci', '--no-progress'], place);
      if (host !== 'cms') {
        await run('npm', ['run', 'build'], place);
      }
    }
  };
  try {
    await run(process.execPath, ['scripts/build.mjs'], repository);
    await run('npm', ['pack', '--silent', '--pack-destination', root], repository);
    const [tarball] = (await readdir(root)).filter((name) => name.endsWith('.tgz'));
    await run('tar', ['-xzf', tarball as string], root);
    await Promise.all(Array.from({ length: atATime }, build));
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, remove };
}

/** Runs a command to its end, on the Node of these tests. */
async function run(command: string, args: string[], cwd: string): Promise<void> {
  const path = [join(repository, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const env = { ...process.env, PATH: path, CI: 'true', NG_CLI_ANALYTICS: 'false' };
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')} in ${cwd} ended with ${code}:\n${output}`);
  }
}
