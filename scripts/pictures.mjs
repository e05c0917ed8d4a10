/**
 * `npm run pictures`: the demo in its states, as `docs/images` shows it. Needs the built bundle. With names as arguments it
 * takes only those: `npm run pictures -- wall phone`.
 */

import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { startDevice } from '../device/test/support/processes.ts';
import { chromiumArguments, findChromium } from './chromium.mjs';

const folder = join(import.meta.dirname, '../docs/images');
const desk = { width: 1080, height: 680 };
const phone = { width: 390, height: 844 };

/** Calm pictures of little cost: files stay small, and a machine that is busy can make them. */
const sources = ['testsrc', 'testsrc2', 'smptehdbars', 'rgbtestsrc', 'pal75bars', 'smptebars'];
const streams = sources.flatMap((video, index) => [
  `  camera${index + 1}: ffmpeg:virtual?video=${video}&size=360&rate=25#video=h264`,
  `  camera${index + 1}-180p: ffmpeg:camera${index + 1}#video=h264#height=180`,
]);
const config = `api: { listen: "127.0.0.1:0" }\nwebrtc: { listen: ":0" }\nstreams:\n${streams.join('\n')}\n`;

/** A page of the demo, how wide it is, and what is done there before its picture is taken. */
const pictures = {
  wall: { path: '?theme=dark', view: desk },
  light: { path: '?theme=light', view: desk },
  nine: { path: '?tiles=9&theme=dark', view: desk },
  phone: { path: '?theme=light&tiles=4', view: phone },
  rtl: { path: '?tiles=4&theme=light&dir=rtl', view: desk },
  switch: { path: '?tiles=4&theme=dark', view: desk, act: switchSomeTimes },
  spotlight: { path: '?theme=dark', view: desk, act: (page) => page.evaluate(() => wall().spotlight(0)) },
  controls: { path: '?tiles=4&theme=light', view: desk, act: (page) => showStats(page) },
  tour: { path: '?tiles=4&theme=dark&tour&dwell=60', view: desk },
  kiosk: { path: '?kiosk&idle=1', view: { width: 1080, height: 608 } },
  swap: { path: '?tiles=4&theme=dark', view: desk, act: (page) => press(page, 'g', 'ArrowRight') },
  zoom: { path: '?tiles=4&theme=dark', view: desk, act: (page) => press(page, '+', '+', '+') },
  states: { path: 'states.html?theme=dark', view: { width: 1080, height: 900 }, settled: lost },
  'states-light': { path: 'states.html?theme=light', view: { width: 1080, height: 900 }, settled: lost },
  compare: { path: 'compare.html?theme=light', view: { width: 1080, height: 620 }, settled: compared },
};

const chosen = process.argv.slice(2);
const device = await startDevice(config);
const browser = await puppeteer.launch({ executablePath: findChromium(), args: chromiumArguments });
try {
  for (const [name, picture] of Object.entries(pictures)) {
    if (chosen.length === 0 || chosen.includes(name)) {
      await take(name, picture);
      console.log(`${name}.png`);
    }
  }
} finally {
  await browser.close();
  await device.stop();
}

async function take(name, { path, view, act = async () => {}, settled = playing }) {
  const page = await browser.newPage();
  await page.setViewport(view);
  await page.evaluateOnNewDocument(() => {
    globalThis.wall = () => document.querySelector('ms-grid');
    globalThis.states = () => [...document.querySelectorAll('ms-slot')].map(({ state }) => state);
  });
  await page.goto(`${device.url}/${path}`);
  await settled(page);
  await act(page);
  // Two values of each rate, and the pointer's traces gone.
  await new Promise((resolve) => setTimeout(resolve, 2500));
  await page.screenshot({ path: join(folder, `${name}.png`), optimizeForSpeed: false });
  await page.close();
}

async function playing(page) {
  await page.waitForFunction(() => states().length > 0 && states().every((state) => state === 'active'));
}

async function lost(page) {
  await page.waitForFunction(() => states().filter((state) => state === 'waiting').length >= 4);
}

async function compared(page) {
  await page.waitForFunction(() => document.querySelectorAll('#results tr').length === 3, { timeout: 120_000 });
}

async function showStats(page) {
  await page.evaluate(() => wall().slots[0].renderRoot.querySelector('.controls .stats').click());
  const { x, y } = await page.evaluate(() => wall().slots[0].getBoundingClientRect().toJSON());
  await page.mouse.move(x + 200, y + 150);
}

/** Presses these keys on the first tile. */
async function press(page, ...keys) {
  await page.evaluate(() => wall().slots[0].focus());
  for (const key of keys) {
    await page.keyboard.press(key);
    await page.waitForFunction(() => wall().slots[0].renderRoot.querySelector('.arranger'));
  }
}

async function switchSomeTimes(page) {
  for (const stream of ['camera4', 'camera3', 'camera5', 'camera2']) {
    const switched = page.evaluate(
      () => new Promise((resolve) => wall().addEventListener('ms-switch', () => resolve(), { once: true })),
    );
    await page.click(`button[value=${stream}]`);
    await switched;
  }
}
