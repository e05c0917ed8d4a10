/**
 * `npm run soak -- --minutes 5`: waves of real viewers come to a real device, switch, pause and go, some without a word.
 * After each wave, when nothing is watched any more, the device's memory, descriptors and threads are read; at the end
 * they have to be flat. It prints a line for each wave and the verdict, and ends with 1 if something grew.
 */

import { parseArgs } from 'node:util';
import { HeadlessViewer } from './support/headless-viewer.ts';
import { type Holdings, holdings, startObserved } from './support/holdings.ts';
import { until } from './support/until.ts';

/** How much more there may be in the second half than in the first, once the first waves have warmed the device up. */
const allowed: Holdings = { external: 3e6, heap: 4e6, resident: 24e6, descriptors: 3, threads: 2 };
const streams = ['one', 'two', 'three'];
const viewersOfWave = 4;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  throw new Error(`--minutes ${values.minutes} is not a number of minutes`);
}

const device = await startObserved(`
api: { listen: "127.0.0.1:0" }
webrtc: { listen: ":0" }
multistream: { linger: 100ms }
streams:
${streams.map((name, index) => `  ${name}: ffmpeg:virtual?video=testsrc${index === 0 ? '' : '2'}&size=640x360&rate=25#video=h264`).join('\n')}
`);
const samples: Holdings[] = [];
let sessions = 0;
/** Connections that did not come about: between two libdatachannels, a DTLS handshake fails once in some hundred. */
let failures = 0;
try {
  const end = performance.now() + minutes * 60_000;
  for (let wave = 1; performance.now() < end; wave++) {
    await Promise.all(Array.from({ length: viewersOfWave }, (_, index) => watch(wave + index)));
    const sample = await rest();
    samples.push(sample);
    console.log(`wave ${wave}: ${tell(sample)}`);
  }
} catch (error) {
  console.log(device.stderr());
  throw error;
} finally {
  await device.stop();
}
judge();

/** One viewer's visit. Which of its acts come is a matter of its number, so that every run is the same. */
async function watch(number: number): Promise<void> {
  const stream = (offset: number) => streams[(number + offset) % streams.length] as string;
  sessions++;
  let viewer: HeadlessViewer;
  try {
    viewer = await HeadlessViewer.open(device.url, [stream(0), stream(1), stream(0)]);
  } catch (error) {
    failures++;
    console.log((error as Error).message.split('\n')[0]);
    return;
  }
  try {
    await viewer.receives(0, 50);
    viewer.send({ type: 'multistream/switch', slot: 0, stream: stream(2) });
    viewer.send({ type: 'multistream/pause', slot: 1 });
    await viewer.becomes(1, 'paused');
    await viewer.receives(0, 50);
    viewer.send({ type: 'multistream/resume', slot: 1, stream: stream(2) });
    await viewer.receives(1, 20);
    if (number % 2 === 0) {
      viewer.send({ type: 'multistream/close' });
    }
  } finally {
    await viewer.close();
  }
}

/** Waits until the device has nothing left to do, and reads what it holds then. */
async function rest(): Promise<Holdings> {
  await until(async () => {
    const text = await (await fetch(`${device.url}/metrics`)).text();
    const list = (await (await fetch(`${device.url}/api/streams`)).json()) as Record<string, { state: string }>;
    return /^multistream_sessions 0$/m.test(text) && Object.values(list).every(({ state }) => state === 'idle');
  });
  return holdings(device);
}

function tell({ external, heap, resident, descriptors, threads }: Holdings): string {
  const size = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  return (
    `external ${size(external)}, heap ${size(heap)}, resident ${size(resident)}, ` +
    `${descriptors} descriptors, ${threads} threads`
  );
}

/** Compares the least of each half: a peak in between is no growth. */
function judge(): void {
  const warm = samples.slice(Math.ceil(samples.length / 4));
  const half = warm.length >> 1;
  const least = (list: readonly Holdings[], key: keyof Holdings) => Math.min(...list.map((sample) => sample[key]));
  const keys = Object.keys(allowed) as (keyof Holdings)[];
  const grown = keys.filter((key) => !(least(warm.slice(half), key) - least(warm.slice(0, half), key) <= allowed[key]));
  console.log(`${sessions} sessions in ${samples.length} waves; ${failures} did not connect`);
  if (half === 0) {
    throw new Error('too few waves for a verdict: give it more minutes');
  }
  const faults = [
    ...grown.map((key) => `${key} has grown`),
    ...(failures * 20 > sessions ? ['too many failures'] : []),
  ];
  console.log(faults.length === 0 ? 'flat' : faults.join(', '));
  process.exitCode = faults.length === 0 ? 0 : 1;
}
