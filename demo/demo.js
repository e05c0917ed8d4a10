import { button, followConnection, press, readDevice, settings } from './page.js';

const main = document.querySelector('main');
const grid = document.querySelector('ms-grid');
const at = (id) => document.getElementById(id);
const counts = [1, 4, 6, 9, 16];
/** How long a tour shows each camera. */
const dwells = ['no tour', '4 s', '8 s', '20 s'];
/** Milliseconds to the live frame of each switch so far. */
const switches = [];
/** The quality that each tile asks the device for: `auto` becomes one of the camera's variants. */
const askedQuality = new WeakMap();
let cameras = [];
let selected;

followConnection(grid, at('connection'));
grid.addEventListener('ms-switch', ({ milliseconds, liveMilliseconds }) => {
  switches.push(liveMilliseconds);
  const sorted = switches.toSorted((a, b) => a - b);
  at('first').textContent = `${Math.round(milliseconds)} ms`;
  at('live').textContent = `${Math.round(liveMilliseconds)} ms`;
  at('count').textContent = `Median of ${sorted.length}`;
  at('median').textContent = `${Math.round(sorted[sorted.length >> 1])} ms`;
});
// A tour shows other cameras than were chosen.
grid.addEventListener('ms-tour', () => select(selected));
grid.addEventListener('ms-status', ({ target, status }) => askedQuality.set(target, status.quality));
// A camera under the pointer or in focus is probably the next one, so the device may start it now.
for (const type of ['pointerover', 'focusin']) {
  at('cameras').addEventListener(
    type,
    ({ target }) => target.value && grid.prepare(target.value, askedQuality.get(selected)),
  );
}

await start();

async function start() {
  const device = await readDevice();
  cameras = device.cameras;
  choices('cameras', cameras, (name) => show(selected, name));
  choices('qualities', ['auto', ...device.qualities, 'native'], (quality) => show(selected, selected.stream, quality));
  choices('tiles', counts.map(String), (count) => setTiles(Number(count)));
  choices('tours', dwells, setTour);
  choices('themes', ['system', 'light', 'dark'], setTheme);
  setTheme(settings.get('theme') ?? 'system');
  grid.dir = document.documentElement.dir = settings.get('dir') ?? '';
  setTiles(Number(settings.get('tiles') ?? 6));
  setTour(settings.has('tour') ? `${settings.get('dwell') ?? 8} s` : 'no tour');
}

function choices(id, values, choose) {
  at(id).replaceChildren(...values.map((value) => button(value, choose)));
}

function setTheme(theme) {
  const scheme = theme === 'system' ? '' : theme;
  document.documentElement.style.colorScheme = scheme;
  grid.theme = scheme;
  press(at('themes'), theme);
}

/** Goes through all cameras, if there are more of them than tiles. */
function setTour(dwell) {
  const seconds = Number.parseFloat(dwell);
  grid.tour(seconds > 0 ? { streams: cameras, dwell: seconds } : null);
  // Its controls stand below the wall.
  main.style.setProperty('--tour', seconds > 0 ? '3rem' : '0rem');
  press(at('tours'), dwell);
}

/** As many tiles as that. Up to nine need no new session: the device was asked for nine slots. */
function setTiles(count) {
  grid.spotlight(null);
  while (grid.slots.length > count) {
    grid.slots.at(-1).remove();
  }
  for (let index = grid.slots.length; index < count; index += 1) {
    grid.append(createTile(index));
  }
  // As wide as the window lets so many rows of 16:9 be.
  const columns = Math.ceil(Math.sqrt(count));
  main.style.setProperty('--rows', Math.ceil(count / columns));
  main.style.setProperty('--columns', columns);
  press(at('tiles'), String(count));
  select(grid.slots.includes(selected) ? selected : grid.slots[0]);
}

function createTile(index) {
  const tile = document.createElement('ms-slot');
  tile.setAttribute('slot', index);
  tile.stream = cameras[index % cameras.length] ?? '';
  tile.quality = 'auto';
  tile.addEventListener('click', () => {
    select(tile);
    // In the spotlight, a click on a small tile makes it the large one.
    if (grid.spotlit === null) {
      showNext(tile);
    }
  });
  tile.addEventListener('focus', () => select(tile));
  tile.addEventListener('keydown', (event) => {
    if (event.key === ' ' && event.target === tile) {
      event.preventDefault();
      showNext(tile);
    }
  });
  return tile;
}

function showNext(tile) {
  show(tile, cameras[(cameras.indexOf(tile.stream) + 1) % cameras.length]);
}

function show(tile, stream, quality = tile.quality) {
  tile.stream = stream ?? '';
  tile.quality = quality;
  select(tile);
}

function select(tile) {
  selected = tile;
  at('tile').textContent = grid.slots.indexOf(tile) + 1;
  for (const other of grid.slots) {
    other.toggleAttribute('data-selected', other === tile);
  }
  press(at('cameras'), tile.stream);
  press(at('qualities'), tile.quality);
}
