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
}

/** Starts a device that collects its garbage when it is asked what it holds. */
export async function startObserved(configYaml: string): Promise<RunningDevice> {
  process.env.NODE_OPTIONS = '--import ./device/test/support/collect-garbage.ts';
  try {
    return await startDevice(configYaml);
  } finally {
    delete process.env.NODE_OPTIONS;
  }
}

/** @param device which `startObserved` has started */
export async function holdings({ pid, url }: RunningDevice): Promise<Holdings> {
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
    descriptors: (await readdir(`/proc/${pid}/fd`)).length,
    threads: Number(/^Threads:\s+(\d+)$/m.exec(status)?.[1]),
  };
}
