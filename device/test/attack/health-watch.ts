/**
 * A thread that asks a device for its health again and again, until it gets a message; then it posts `Health`.
 * A thread of its own, so that it measures the device and not the attack, which may keep the test's own thread busy.
 */

import { readFileSync } from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

export interface Health {
  /** Milliseconds of the slowest answer, without the time in which the device or this thread waited for a CPU. */
  slowest: number;
  /** Milliseconds in which the device waited for a CPU. */
  starved: number;
}

/** Milliseconds between two requests. */
const interval = 50;

const { url, pid, ca } = workerData as { url: string; pid: number; ca?: string };
const { Agent, get } = url.startsWith('https') ? https : http;
const device = `/proc/${pid}/task/${pid}/schedstat`;
const thread = '/proc/thread-self/schedstat';
const agent = new Agent({ keepAlive: true, ...(ca !== undefined && { ca }) });
let isOver = false;
parentPort?.once('message', () => {
  isOver = true;
});

const starvedBefore = waitedForCpu(device);
let slowest = 0;
do {
  const waited = () => waitedForCpu(device) + waitedForCpu(thread);
  const [began, waitedBefore] = [performance.now(), waited()];
  await ask();
  slowest = Math.max(slowest, performance.now() - began - (waited() - waitedBefore));
  await sleep(interval);
} while (!isOver);
parentPort?.postMessage({ slowest, starved: waitedForCpu(device) - starvedBefore } satisfies Health);
agent.destroy();

function ask(): Promise<void> {
  return new Promise((resolve, reject) => {
    get(`${url}/healthz`, { agent, timeout: 5000 }, (response) => {
      response.resume().once('end', resolve);
      if (response.statusCode !== 200) {
        reject(new Error(`the health check was answered with ${response.statusCode}`));
      }
    })
      .once('error', reject)
      .once('timeout', () => reject(new Error('the health check was not answered within five seconds')));
  });
}

/** How long a thread was ready to run while others had the CPU, in milliseconds (Documentation/scheduler/sched-stats). */
function waitedForCpu(file: string): number {
  return Number(readFileSync(file, 'latin1').split(' ')[1]) / 1e6;
}
