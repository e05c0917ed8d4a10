import { readdir, readFile } from 'node:fs/promises';

export async function allProcesses(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** 0 where there is no such process. From `/proc/PID/stat`: the second field behind the name, which stands in parentheses (proc(5)). */
export async function parentOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

export async function childrenOf(parent: number): Promise<number[]> {
  const children = [];
  for (const pid of await allProcesses()) {
    if ((await parentOf(pid)) === parent) {
      children.push(pid);
    }
  }
  return children;
}
