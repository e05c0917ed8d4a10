import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** Milliseconds of all cores together, since the machine started. */
export interface MachineTime {
  busy: number;
  /** CPU time that other machines of the same host took: no process here can explain it. */
  steal: number;
  total: number;
}

/** A tick of `/proc/stat` (proc(5)), which has USER_HZ = 100 of them a second. */
const tick = 10;

export function machineTime(): MachineTime {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = line
    .split(/\s+/)
    .slice(1)
    .map((ticks) => Number(ticks) * tick);
  const busy = user + nice + system + irq + softirq;
  return { busy, steal, total: busy + idle + wait + steal };
}

export function describeMachine() {
  return { cpu: cpus()[0]?.model, cores: cpus().length, memory_gib: Math.round(totalmem() / 2 ** 30) };
}

/** Shares of all cores since `before`, in percent. */
export function machineLoad(before: MachineTime): { busy: number; steal: number } {
  const now = machineTime();
  const share = (key: 'busy' | 'steal') =>
    Math.round(((now[key] - before[key]) / (now.total - before.total)) * 1000) / 10;
  return { busy: share('busy'), steal: share('steal') };
}
