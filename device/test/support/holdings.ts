import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningDevice, startDevice } from './processes.ts';

/** A device holds this much once its garbage is collected; memory in bytes. */
export interface Holdings {
  /** Outside of V8's heap, held by JavaScript: packets and pictures. */
  external: number;
  heap: number;
  resident: number;
  descriptors: number;
  threads: number;
  /** Sockets, timers, processes and the like that keep the event loop alive. */
  handles: number;
}

/** For `--import`: what a process needs to be observed. */
export const observed = './device/test/support/collect-garbage.ts';

/** Starts a device that collects its garbage when it is asked what it holds. */
export async function startObserved(configYaml: string): Promise<RunningDevice> {
  process.env.NODE_OPTIONS = `--import ${observed}`;
  try {
    return await startDevice(configYaml);
  } finally {
    delete process.env.NODE_OPTIONS;
  }
}

/** @param device which `startObserved` has started */
export async function holdings({ pid, url }: Pick<RunningDevice, 'pid' | 'url'>): Promise<Holdings> {
  process.kill(pid, 'SIGWINCH');
  // Finalizers run when they can; nothing tells that they are through.
  await sleep(300);
  const text = await (await fetch(`${url}/metrics`)).text();
  const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return {
    external: figure('nodejs_external_memory_bytes'),
    heap: figure('nodejs_heap_size_used_bytes'),
    resident: figure('process_resident_memory_bytes'),
    handles: figure('nodejs_active_resources_total'),
    descriptors: (await readdir(`/proc/${pid}/fd`)).length,
    threads: Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1]),
  };
}

/** Bytes of a process's memory; 0 where there is no such process. */
export async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}
