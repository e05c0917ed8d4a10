import { setTimeout as sleep } from 'node:timers/promises';
import { Activity } from '../../device/src/streams/activity.ts';
import { type Clip, type ClipPicture, encodeClip } from '../../device/test/support/clips.ts';
import { startScriptedCamera } from '../../device/test/support/scripted-camera.ts';
import { chromiumArguments } from '../../scripts/chromium.mjs';
import type { Part, Recorder } from '../part.ts';
import { openBrowser } from '../support/browser.ts';
import { openDevice, warm } from '../support/device.ts';
import { machineLoad, machineTime } from '../support/machine.ts';
import { cpuTime, descendants, sum } from '../support/processes.ts';

const camera = { width: 640, height: 360, rate: 15, gop: 30, noise: 1.5 };
const walls = [16, 36, 64];
const shares = [0, 0.1, 0.5];
/** Milliseconds: the device needs a while to know that a scene is quiet, and then to be measured. */
const settles = 9000;
const window = 6000;

/** When the labelled event of a clip begins: some seconds after the scene is known to be quiet, and not at a key frame. */
const at = 158;
const walks = (speed: number) => (picture: number) =>
  picture >= at && picture < at + 45 ? 40 + (picture - at) * speed : null;
const events: Record<string, Clip> = {
  'a person-sized block walks': { block: walks(5) },
  'it walks slowly': { block: walks(1.5) },
  'it is half as large': { block: walks(4), blockShare: 0.125 },
  'it walks under a clock': { block: walks(5), clock: 2 },
  'the light changes at once': { light: (picture) => (picture >= at ? 25 : 0) },
};
const nothing: Record<string, Clip> = {
  'noise alone': {},
  'a clock': { clock: 2 },
  'the light changes slowly': { light: (picture) => picture / 30 },
};
const noises = [0.5, 1.5, 3, 6];

/** Walls of cameras of which some move, with `calm` and without, and what the device takes for movement. */
export const calm: Part = {
  name: 'calm',
  title: 'Calm walls',
  seconds: 600,
  async run(record) {
    record.settings.camera = camera;
    await judge(record);
    const still = await encodeLoop({});
    // A person near the camera walks back and forth at a changing pace, so that the clip goes on where it begins.
    const block = (picture: number) => 300 + 200 * Math.sin((picture / 300) * 6 * Math.PI);
    const moving = await encodeLoop({ block, blockShare: 0.6 });
    for (const count of walls) {
      for (const share of shares) {
        const cameras = await Promise.all(
          Array.from({ length: count }, (_, index) => {
            const pictures = (index < Math.round(count * share) ? moving : still).map(({ data }) => data);
            return startScriptedCamera({ pictures, rate: camera.rate });
          }),
        );
        const urls = Object.fromEntries(cameras.map(({ url }, index) => [`camera${index + 1}`, url]));
        {
          await using device = await openDevice({ streams: warm(urls), multistream: { max_slots: 64 } });
          for (let round = 0; round < record.rounds(1); round++) {
            for (const isCalm of round % 2 === 0 ? [false, true] : [true, false]) {
              await measure(record, device.url, Object.keys(urls), share, isCalm);
            }
          }
        }
        for (const running of cameras) {
          running.close();
        }
      }
    }
  },
};

/**
 * Twenty seconds that go on where they begin. An encoder makes its first pictures larger than those that follow, which would be
 * movement each time that the clip begins again.
 */
async function encodeLoop(clip: Clip): Promise<ClipPicture[]> {
  return (await encodeClip({ ...camera, seconds: 24, ...clip })).slice(2 * camera.gop);
}

async function measure(
  record: Recorder,
  device: string,
  streams: string[],
  share: number,
  isCalm: boolean,
): Promise<void> {
  await using browser = await openBrowser(chromiumArguments);
  const page = await browser.browser.newPage();
  await page.setViewport({ width: 1280, height: 720 });
  await page.goto(browser.page);
  await page.waitForFunction('globalThis.measure !== undefined');
  const tiles = streams.map((stream) => ({ stream, calm: isCalm }));
  await page.evaluate((list) => void globalThis.measure.place('grid', list), [{ device, tiles }]);
  await page.waitForFunction(
    () => [...document.querySelectorAll('ms-slot')].every((slot) => slot.matches(':state(active)')),
    { timeout: 60_000 },
  );
  await sleep(settles);
  const processes = [browser.pid, ...descendants(browser.pid)];
  const bytes = () =>
    page.evaluate(async () => {
      type Grid = { getStats(): Promise<({ report: Map<string, { type: string; bytesReceived?: number }> } | null)[]> };
      const all = await (document.querySelector('ms-grid') as unknown as Grid).getStats();
      const entries = all.flatMap((stats) => [...(stats?.report.values() ?? [])]);
      return entries.reduce(
        (sum, { type, bytesReceived = 0 }) => sum + (type === 'inbound-rtp' ? bytesReceived : 0),
        0,
      );
    });
  const [load, start, used, received] = [machineTime(), performance.now(), sum(processes, cpuTime), await bytes()];
  await sleep(window);
  const seconds = (performance.now() - start) / 1000;
  const cpu = ((sum(processes, cpuTime) - used) / seconds) * 0.1;
  const rate = ((await bytes()) - received) / seconds / 1000;
  const what = `${streams.length} tiles, ${share * 100} % moving, ${isCalm ? 'calm' : 'today'}`;
  const add = (name: string, unit: '% of a core' | 'kB', sample: number) =>
    record.add({ what: `${what}: ${name}`, side: 'multistream', unit }, sample, machineLoad(load));
  add('CPU of the browser', '% of a core', cpu);
  add('bytes a second', 'kB', rate);
}

/** How late each event is noticed, where the stream was calm; and how much of a scene without events is not. */
async function judge(record: Recorder): Promise<void> {
  for (const noise of noises) {
    for (const [name, clip] of [...Object.entries(events), ...Object.entries(nothing)]) {
      for (let seed = 1; seed <= record.rounds(4); seed++) {
        const pictures = await encodeClip({ ...camera, seconds: 20, noise, seed, ...clip });
        const activity = new Activity();
        const quiet = pictures.map((picture, index) => {
          activity.push({ ...picture, timestamp: (index * 1_000_000) / camera.rate });
          return activity.isQuiet;
        });
        const add = (words: string, unit: '' | 'frames', sample: number) =>
          record.add({ what: `${name}, noise ${noise}: ${words}`, side: 'multistream', unit }, sample);
        if (name in nothing) {
          add('share of the time calm', '', quiet.slice(at).filter(Boolean).length / (quiet.length - at));
        } else if (quiet[at - 1]) {
          const late = quiet.slice(at, at + 45).indexOf(false);
          add('missed', '', late === -1 ? 1 : 0);
          late >= 0 && add('noticed so late', 'frames', late);
        } else {
          add('not calm before', '', 1);
        }
      }
    }
  }
}
