/** `npm run bench`, or one part of it by name. Measures, prints a table and writes `bench/results/latest.json`. */

import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { connect, type Samples, switching } from './parts.ts';
import { type Setting, withSetting } from './setting.ts';
import { summarize } from './stats.ts';

const parts: Record<string, (setting: Setting) => Promise<Samples>> = { connect, switch: switching };
const cameras = { width: 640, height: 360, rate: 25, gop: 50 };

const names = process.argv.slice(2);
const unknown = names.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(`no part "${unknown}"; allowed: ${Object.keys(parts).join(', ')}`);
  process.exit(1);
}

const results = await withSetting(cameras, async (setting) => {
  const samples: Samples = {};
  for (const name of names.length > 0 ? names : Object.keys(parts)) {
    Object.assign(samples, await parts[name]?.(setting));
  }
  return {
    date: new Date().toISOString(),
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, memory_gib: Math.round(totalmem() / 2 ** 30) },
    versions: { node: process.version, browser: setting.browserVersion },
    setting: {
      cameras: 6,
      ...cameras,
      source: 'RTSP over TCP from GStreamer, x264 without delay',
      network: 'loopback',
    },
    unit: 'ms, where the name does not say another',
    summary: Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, summarize(values)])),
    samples,
  };
});

const folder = new URL('results/', import.meta.url);
await mkdir(folder, { recursive: true });
await writeFile(new URL('latest.json', folder), `${JSON.stringify(results, null, 2)}\n`);
console.log(JSON.stringify(results.summary));
console.table(results.summary);
