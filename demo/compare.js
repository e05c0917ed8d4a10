import { followConnection, readDevice, settings, withToken } from './page.js';

const grid = document.querySelector('ms-grid');
const frames = document.getElementById('frames');
const measure = document.getElementById('measure');
const switchesPerSide = 5;
/** Milliseconds after which a side counts as failed. */
const patience = 20_000;

const { cameras, qualities } = await readDevice();
const quality = qualities[0] ?? '';
const shown = cameras.slice(0, 6);
/** The addresses of other pages. */
const others = await sessions();

followConnection(grid, document.getElementById('connection'));
document.documentElement.style.colorScheme = grid.theme = settings.get('theme') ?? '';
measure.addEventListener('click', compare);
await compare();

async function compare() {
  measure.disabled = true;
  try {
    const before = await side(loadFrames, switchFrame);
    frames.replaceChildren();
    const after = await side(loadWall, switchTile);
    await loadFrames();
    report(before, after);
  } catch (error) {
    document.getElementById('results').replaceChildren();
    document.getElementById('results').insertRow().insertCell().textContent = error.message;
  }
  measure.disabled = false;
}

/** Measures one side: the time to all first frames, and the median of its switches, in milliseconds. */
async function side(load, change) {
  // What is loaded for the first time is slower than what this browser knows.
  await load();
  const start = performance.now();
  await load();
  const loaded = performance.now() - start;
  const times = [];
  for (let count = 1; count <= switchesPerSide; count += 1) {
    times.push(await change(cameras[count % cameras.length]));
  }
  const switched = times.sort((a, b) => a - b)[times.length >> 1];
  return { loaded, switched, connections: (await sessions()) - others };
}

/** As the device counts them: a WebSocket and a peer connection each. */
async function sessions() {
  const metrics = await (await fetch(withToken('metrics'))).text();
  return Number(/^multistream_sessions (\d+)$/m.exec(metrics)?.[1]);
}

async function loadFrames() {
  frames.replaceChildren(
    ...shown.map((name) => Object.assign(document.createElement('iframe'), { title: name, src: address(name) })),
  );
  await Promise.all([...frames.children].map(frameInside));
}

/** Milliseconds to the first frame of another camera, like `switchTile`. */
async function switchFrame(name) {
  const [first] = frames.children;
  const old = first.contentDocument;
  const wished = performance.now();
  first.src = address(name);
  await until(() => first.contentDocument !== old);
  await frameInside(first);
  return performance.now() - wished;
}

function address(name) {
  return withToken(`stream.html?src=${encodeURIComponent(quality === '' ? name : `${name}-${quality}`)}`);
}

/** The first frame of the page in an iframe. */
async function frameInside(iframe) {
  const video = () => iframe.contentDocument?.querySelector('video');
  await until(() => video());
  await presented(video());
}

async function loadWall() {
  grid.replaceChildren();
  await until(() => grid.connectionState === 'idle');
  grid.append(
    ...shown.map((name, index) => {
      const tile = document.createElement('ms-slot');
      tile.setAttribute('slot', index);
      return Object.assign(tile, { stream: name, quality });
    }),
  );
  await Promise.all(grid.slots.map(frameOf));
}

async function switchTile(name) {
  const [tile] = grid.slots;
  const switched = new Promise((resolve) => tile.addEventListener('ms-switch', resolve, { once: true }));
  tile.stream = name;
  return (await within(switched)).milliseconds;
}

async function frameOf(tile) {
  await until(() => tile.state === 'active');
}

function presented(video) {
  return within(new Promise((resolve) => video.requestVideoFrameCallback(resolve)));
}

async function until(condition) {
  const end = performance.now() + patience;
  while (!condition()) {
    if (performance.now() > end) {
      throw new Error('A camera did not come in time: is the device busy?');
    }
    await new Promise(requestAnimationFrame);
  }
}

function within(promise) {
  return Promise.race([
    promise,
    new Promise((_, reject) => {
      setTimeout(() => reject(new Error('A camera did not come in time: is the device busy?')), patience);
    }),
  ]);
}

function report(before, after) {
  const rows = [
    ['All first frames', before.loaded, after.loaded, ' ms'],
    ['Another camera (median)', before.switched, after.switched, ' ms'],
    ['Connections to the device', before.connections, after.connections, ''],
  ];
  document.getElementById('results').replaceChildren(...rows.map(row));
}

function row([name, before, after, unit]) {
  const element = document.createElement('tr');
  const head = document.createElement('th');
  head.scope = 'row';
  head.textContent = name;
  element.append(head, ...[before, after].map((value) => cell(value, Math.max(before, after), unit)));
  return element;
}

function cell(value, most, unit) {
  const element = document.createElement('td');
  const bar = Object.assign(document.createElement('meter'), { max: most, value });
  bar.setAttribute('aria-hidden', 'true');
  element.append(Math.round(value) + unit, bar);
  return element;
}
