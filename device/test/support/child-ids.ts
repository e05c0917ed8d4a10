import { readdir, readFile } from 'node:fs/promises';

export async function allProcesses(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** From `/proc/PID/stat`: the parent is the second field behind the name, which stands in parentheses (proc(5)). */
export async function childrenOf(parent: number): Promise<number[]> {
  const children = [];
  for (const pid of await allProcesses()) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent) {
      children.push(pid);
    }
  }
  return children;
}
