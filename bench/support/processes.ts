import { readdirSync, readFileSync } from 'node:fs';

/** A tick of `/proc/PID/stat` (proc(5)) in milliseconds: USER_HZ = 100. */
const tick = 10;

/** Milliseconds of a core that the process has used, threads that have ended included; in steps of 10. */
export function cpuTime(pid: number): number {
  const { user, kernel } = cpuTimes(pid);
  return user + kernel;
}

/** The same, of its own code and of the kernel's for it. */
export function cpuTimes(pid: number): { user: number; kernel: number } {
  const [, utime, stime] = /\) (?:\S+ ){11}(\d+) (\d+)/.exec(read(`/proc/${pid}/stat`)) ?? [];
  return { user: Number(utime ?? 0) * tick, kernel: Number(stime ?? 0) * tick };
}

/** The same to the nanosecond, of the threads that there are: for a process whose threads stay. */
export function fineCpuTime(pid: number): number {
  const threads = list(`/proc/${pid}/task`);
  return sum(threads, (thread) => Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0]) / 1e6);
}

/** The same of the main thread alone, which is JavaScript's. */
export function fineThreadTime(pid: number): number {
  return Number(read(`/proc/${pid}/task/${pid}/schedstat`).split(' ')[0]) / 1e6;
}

/** MiB in proportion to who else uses them (PSS): the memory of several processes adds up. */
export function memory(pid: number): number {
  const [, kilobytes] = /^Pss: +(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? [];
  return Number(kilobytes ?? 0) / 1024;
}

/** The processes that this one started, and that those did; without itself. */
export function descendants(pid: number): number[] {
  const parents = list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), Number(/\) \S+ (\d+)/.exec(read(`/proc/${name}/stat`))?.[1])] as const);
  const of = (parent: number): number[] =>
    parents.filter(([, one]) => one === parent).flatMap(([child]) => [child, ...of(child)]);
  return of(pid);
}

export function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}

/** Empty where the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
