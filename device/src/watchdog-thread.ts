/** The watching thread. It loads as little as it can while all is well. */

import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { Silence } from './silence.ts';
import type { WatchdogData } from './watchdog.ts';

/** Looks without a sign of life after which the device counts as hung. */
const looks = 10;

const { beats, log, seconds } = workerData as WatchdogData;
const silence = new Silence(looks);
let lookedAt = performance.now();
let waitedBefore = waitedForCpu();

const looking = setInterval(
  async () => {
    const [now, waited] = [performance.now(), waitedForCpu()];
    const starved = Math.min(1, (waited - waitedBefore) / (now - lookedAt));
    [lookedAt, waitedBefore] = [now, waited];
    if (silence.look(Atomics.load(beats, 0), starved)) {
      clearInterval(looking);
      // A log that cannot be written must not keep the device from ending.
      await Promise.race([tell(), wait(500)]);
      // The main thread cannot run a handler, so only this signal ends the process.
      process.kill(process.pid, 'SIGKILL');
    }
  },
  (seconds * 1000) / looks,
);

async function tell(): Promise<void> {
  const { openLogs } = await import('./log.ts');
  openLogs(log).app.fatal({ seconds }, 'the main thread has not answered: the device hangs and ends itself (SIGKILL)');
}

/**
 * How long the main thread has been ready to run while other programs had the CPU, in milliseconds since its start. A
 * machine with too much to do would otherwise look like a hang. Linux alone tells it (Documentation/scheduler/sched-stats);
 * elsewhere it is 0.
 */
function waitedForCpu(): number {
  try {
    // The main thread's id is that of the process.
    const [, nanoseconds] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ');
    return Number(nanoseconds) / 1e6;
  } catch {
    return 0;
  }
}
