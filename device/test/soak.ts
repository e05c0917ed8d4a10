/**
 * `npm run soak -- --minutes 30`: a device under everything that happens to it in months, in a short time. Waves of viewers
 * come, switch, pause, lose packets and go, some without a word; cameras go away and come back; the configuration is
 * reloaded. Beside them a browser shows three walls all the time, or with `--kiosk` the kiosk page with a tour. After each wave, when
 * only the walls are left and all their tiles play, it reads what the device and the browser hold. At the end all of it has to be
 * flat. It prints a line for each wave and the verdict, and ends with 1 if something grew. `--picture FILE` draws the lines as SVG.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { timeLines } from '../../bench/report/svg.ts';
import { childrenOf } from './support/child-ids.ts';
import { startChild } from './support/child-process.ts';
import { freePort } from './support/free-port.ts';
import { HeadlessViewer } from './support/headless-viewer.ts';
import { type Holdings, holdings, observed, residentOf } from './support/holdings.ts';
import { type RunningCameras, startCameras } from './support/processes.ts';
import * as rtcp from './support/rtcp.ts';
import { type BrowserHoldings, openSoakKiosk, openSoakWall } from './support/soak-wall.ts';
import { openThinLink } from './support/thin-link.ts';
import { slopeOf } from './support/trend.ts';
import { until } from './support/until.ts';

interface Sample extends Holdings, BrowserHoldings {
  /** Processes of cameras and variants, and the memory of all of them. */
  processes: number;
  processesResident: number;
}

interface Line {
  label: string;
  unit: 'MB' | '';
  /** By how much the line may rise in the second half: by then everything is warm, and allocators have what they keep. */
  allowed: number;
}

const lines: Record<keyof Sample, Line> = {
  heap: { label: 'device: heap', unit: 'MB', allowed: 4e6 },
  external: { label: 'device: buffers', unit: 'MB', allowed: 3e6 },
  resident: { label: 'device: memory', unit: 'MB', allowed: 24e6 },
  descriptors: { label: 'device: descriptors', unit: '', allowed: 3 },
  handles: { label: 'device: handles', unit: '', allowed: 3 },
  threads: { label: 'device: threads', unit: '', allowed: 2 },
  processes: { label: 'processes', unit: '', allowed: 1 },
  processesResident: { label: 'processes: memory', unit: 'MB', allowed: 40e6 },
  pageHeap: { label: 'page: heap', unit: 'MB', allowed: 2e6 },
  // A tile has some 200, so that none may stay. Six nodes stayed twice in half an hour: docs/reliability.md.
  domNodes: { label: 'page: DOM nodes', unit: '', allowed: 130 },
  listeners: { label: 'page: listeners', unit: '', allowed: 25 },
  // Chromium takes 100 MB more when a wall has connected anew for the first time, and stays there.
  browserResident: { label: 'browser: memory', unit: 'MB', allowed: 200e6 },
};
const keys = Object.keys(lines) as (keyof Sample)[];
const streams = ['one', 'two', 'lobby', 'small'];
const viewersOfWave = 4;
/** A busy machine is given longer, until there are enough samples for a slope. */
const fewestWaves = 12;

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, picture: { type: 'string' }, kiosk: { type: 'boolean' } },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  throw new Error(`--minutes ${values.minutes} is not a number of minutes`);
}

const folder = await mkdtemp(join(tmpdir(), 'multistream-soak-'));
const samples: { minute: number; sample: Sample }[] = [];
const counts = { sessions: 0, reloads: 0, outages: 0, lossy: 0 };
/** Connections that did not come about: between two libdatachannels, a DTLS handshake fails once in some hundred. */
let failures = 0;
let errors: string[] = [];
try {
  await soak();
} finally {
  await rm(folder, { recursive: true });
}
await judge();

async function soak(): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const settings = (['lobby', 'yard'] as const).map((name, index) => ({
    name,
    color: [40 + 160 * index, 120, 60] as const,
    ...{ width: 320, height: 180, bitrate: 300, detail: true },
  }));
  let cameras: RunningCameras = await startCameras(settings);
  stack.defer(async () => {
    await cameras.stop();
  });
  const [api, udp] = [await freePort('tcp'), await freePort('udp')];
  const file = join(folder, 'config.yaml');
  const configure = (reload: number) =>
    writeFile(
      file,
      `
api: { listen: "127.0.0.1:${api}", origin: "*" }
webrtc: { listen: "127.0.0.1:${udp}" }
multistream: { linger: 100ms }
streams:
  one: ffmpeg:virtual?video=testsrc&size=640x360&rate=25#video=h264
  two: ffmpeg:virtual?video=testsrc2&size=${reload % 2 === 0 ? '640x360' : '480x270'}&rate=25#video=h264
  lobby: ${cameras.urls.lobby}
  yard: ${cameras.urls.yard}
  small: ffmpeg:lobby#video=h264#height=90
${reload % 2 === 0 ? '' : '  more: ffmpeg:virtual?video=testsrc#video=h264\n'}`,
    );
  await configure(0);
  const child = startChild(process.execPath, [
    ...['--import', observed, 'device/src/main.ts', '--no-restart', '--config', file],
  ]);
  stack.defer(async () => {
    await child.end('SIGTERM');
  });
  const device = { pid: child.pid, url: await child.says(/http:\/\/[^\s"/]+/) };
  const link = stack.use(
    await openThinLink(
      { url: device.url, port: udp },
      { loss: 0.02, delay: 10, rate: Number.POSITIVE_INFINITY, queue: 200 },
    ),
  );
  const opening = values.kiosk ? openSoakKiosk(device.url) : openSoakWall('dist', device.url, link.url);
  const wall = stack.adopt(await opening, (open) => open.close());
  const begin = performance.now();
  try {
    await wall.plays();
    while (performance.now() < begin + minutes * 60_000 || samples.length < fewestWaves) {
      const wave = samples.length + 1;
      const outage = wave % 3 === 0;
      if (outage) {
        counts.outages++;
        await cameras.stop();
      }
      if (wave % 4 === 0) {
        await configure(++counts.reloads);
        process.kill(device.pid, 'SIGHUP');
      }
      await Promise.all([
        wall.change(wave),
        ...Array.from({ length: viewersOfWave }, (_, index) =>
          watch(4 * wave + index, index === 3 ? link.url : device.url, outage),
        ),
        fetch(`${device.url}/api/frame.jpeg?src=one`),
      ]);
      if (outage) {
        cameras = await startCameras(settings, cameras.port);
      }
      const sample = await rest();
      samples.push({ minute: (performance.now() - begin) / 60_000, sample });
      console.log(`wave ${wave}: ${keys.map((key) => tell(key, sample[key])).join(', ')}`);
    }
    errors = child
      .stderr()
      .split('\n')
      .filter((line) => /"level":[56]0/.test(line));
  } catch (error) {
    console.log(child.stderr().slice(-20_000));
    throw error;
  }

  /** Waits until only the walls are left and all their tiles play, and reads what is held then. */
  async function rest(): Promise<Sample> {
    let seen = '';
    await wall.rest();
    try {
      await until(async () => {
        const text = await (await fetch(`${device.url}/metrics`)).text();
        const list = (await (await fetch(`${device.url}/api/streams`)).json()) as Record<string, Watched>;
        const sessions = Number(/^multistream_sessions (\d+)$/m.exec(text)?.[1]);
        const states = Object.entries(list).map(([name, { state, viewers }]) => `${name} ${state}, ${viewers} viewers`);
        seen = `${sessions} sessions; ${states.join('; ')}`;
        return (
          sessions === wall.sessions &&
          Object.values(list).every(({ state, viewers }) => (viewers > 0 ? state === 'live' : state === 'idle'))
        );
      });
    } catch (error) {
      throw new Error(`the device did not come to rest: ${seen}`, { cause: error });
    }
    await wall.plays();
    const children = await childrenOf(device.pid);
    const memory = await Promise.all(children.map(residentOf));
    return {
      ...(await holdings(device)),
      ...(await wall.holdings()),
      processes: children.length,
      processesResident: memory.reduce((sum, bytes) => sum + bytes, 0),
    };
  }
}

interface Watched {
  state: string;
  viewers: number;
}

/**
 * One viewer's visit. Which of its acts come is a matter of its number, so that every run is the same.
 * @param outage whether the RTSP cameras are away, so that it gets nothing from them
 */
async function watch(number: number, url: string, outage: boolean): Promise<void> {
  const choice = outage ? streams.slice(0, 2) : streams;
  const stream = (offset: number) => choice[(number + offset) % choice.length] as string;
  counts.sessions++;
  let viewer: HeadlessViewer;
  try {
    viewer = await HeadlessViewer.open(url, [stream(0), stream(1), stream(0), 'lobby']);
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
    if (viewer.received(0).gaps > 0) {
      counts.lossy++;
      const [ssrc = 0] = viewer.ssrcs;
      const missing = rtcp.nackBefore(ssrc, viewer.received(0).newest, 100);
      await viewer.flood({
        packets: [missing, rtcp.pli(ssrc)].map((packet) => packet.toString('hex')),
        perSecond: 20,
        seconds: 1,
      });
    }
    viewer.send({ type: 'multistream/resume', slot: 1, stream: stream(2) });
    await viewer.receives(1, 20);
    if (number % 2 === 0) {
      viewer.send({ type: 'multistream/close' });
    }
  } finally {
    await viewer.close();
  }
}

function tell(key: keyof Sample, value: number): string {
  const { label, unit } = lines[key];
  return `${label} ${unit === 'MB' ? (value / 1e6).toFixed(1) : Math.round(value)}${unit && ` ${unit}`}`;
}

/** Compares slopes, which peaks and lows in between do not move. */
async function judge(): Promise<void> {
  const last = samples.at(-1)?.minute ?? 0;
  const warm = samples.filter(({ minute }) => minute >= last / 2);
  const span = last - (warm[0]?.minute ?? 0);
  const trends = keys.map((key) => {
    const { label, unit, allowed } = lines[key];
    const scale = unit === 'MB' ? 1e6 : 1;
    const slope = slopeOf(warm.map(({ minute, sample }) => [minute, sample[key]]));
    const ends = [warm[0], warm.at(-1)].map((end) => ((end?.sample[key] ?? 0) / scale).toFixed(unit ? 1 : 0));
    const note = `${ends.join(' to ')} ${unit} · ${signed((slope * 60) / scale)} ${unit} an hour`.replaceAll('  ', ' ');
    return { key, label, note, grown: !(slope * span <= allowed), allowed: (allowed / scale).toString() };
  });
  const faults = [
    ...trends.filter(({ grown }) => grown).map(({ label }) => `${label} has grown`),
    ...(failures * 20 > counts.sessions ? ['too many failures'] : []),
    ...errors.map((line) => `the log has an error: ${line}`),
  ];
  const verdict = faults.length === 0 ? 'flat' : faults.join(', ');
  for (const { label, note, allowed } of trends) {
    console.log(`${label}: ${note} (may grow by ${allowed})`);
  }
  const what =
    `${counts.sessions} sessions in ${samples.length} waves, ${counts.lossy} of which lost packets; ` +
    `${counts.outages} outages of cameras, ${counts.reloads} reloads; ${failures} did not connect`;
  console.log(`${what}\n${verdict}`);
  if (values.picture !== undefined) {
    const machine = `${cpus().length} cores, load ${(loadavg()[2] ?? 0).toFixed(1)}`;
    const drawn = trends.map(({ key, label, note, grown }) => ({
      label,
      note,
      color: grown ? '#c62828' : '#1668dc',
      points: samples.map(({ minute, sample }) => [minute, sample[key]] as const),
    }));
    const title = `Soak of ${Math.round(last)} minutes: ${verdict}`;
    await writeFile(values.picture, timeLines(title, `${what}; ${machine}`, 'minutes', drawn));
  }
  process.exitCode = faults.length === 0 ? 0 : 1;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(Math.abs(value) < 10 ? 2 : 0)}`;
}
