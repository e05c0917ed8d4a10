/** The watching thread. It loads as little as it can while all is well. */

import { setTimeout as wait } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { Silence } from './silence.ts';
import type { WatchdogData } from './watchdog.ts';

/** Milliseconds between two looks, and looks without a sign of life after which the device counts as hung. */
const lookInterval = 500;
const looks = 10;

const { beats, log } = workerData as WatchdogData;
const silence = new Silence(looks);

const looking = setInterval(async () => {
  if (silence.look(Atomics.load(beats, 0))) {
    clearInterval(looking);
    // A log that cannot be written must not keep the device from ending.
    await Promise.race([tell(), wait(500)]);
    // The main thread cannot run a handler, so only this signal ends the process.
    process.kill(process.pid, 'SIGKILL');
  }
}, lookInterval);

async function tell(): Promise<void> {
  const { openLogs } = await import('./log.ts');
  const seconds = (looks * lookInterval) / 1000;
  openLogs(log).app.fatal({ seconds }, 'the main thread has not answered: the device hangs and ends itself (SIGKILL)');
}
