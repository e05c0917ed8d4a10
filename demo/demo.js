const grid = document.querySelector('ms-grid');
const tiles = [...document.querySelectorAll('ms-slot')];
const at = (id) => document.getElementById(id);
const connectionTexts = { idle: 'Idle', connecting: 'Connecting', open: 'Connected', waiting: 'Reconnecting' };

let cameras = [];
let qualities = [];
let selected = tiles[0];
const switches = [];

for (const [index, tile] of tiles.entries()) {
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
  tile.dataset.number = String(index + 1);
}

grid.addEventListener('ms-connection', ({ state }) => {
  at('connection').dataset.state = state;
  at('connection').textContent = connectionTexts[state] ?? 'No connection';
});

grid.addEventListener('ms-switch', ({ milliseconds }) => {
  switches.push(milliseconds);
  const sorted = switches.toSorted((a, b) => a - b);
  at('milliseconds').textContent = `${Math.round(milliseconds)} ms`;
  at('history').textContent = `median ${Math.round(sorted[sorted.length >> 1])} ms of ${sorted.length}`;
});

await start();

async function start() {
  const streams = await (await fetch('api/streams')).json();
  const variant = /^(.+)-(\d+p)$/;
  const names = Object.keys(streams);
  const variants = names.map((name) => variant.exec(name)).filter((match) => match && names.includes(match[1]));
  cameras = names.filter((name) => !variants.some(([full]) => full === name));
  qualities = [...new Set(variants.map(([, , quality]) => quality))].sort(
    (a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10),
  );
  at('cameras').replaceChildren(...cameras.map((name) => button(name, () => show(selected, name))));
  at('qualities').replaceChildren(
    ...['auto', ...qualities, 'native'].map((quality) =>
      button(quality, () => show(selected, selected.stream, quality)),
    ),
  );
  for (const [index, tile] of tiles.entries()) {
    show(tile, cameras[index % cameras.length], 'auto');
  }
}

function showNext(tile) {
  show(tile, cameras[(cameras.indexOf(tile.stream) + 1) % cameras.length]);
}

function show(tile, stream, quality = tile.quality) {
  tile.stream = stream ?? '';
  tile.quality = quality;
  select(selected);
}

function select(tile) {
  selected = tile;
  at('tile').textContent = tile.dataset.number;
  for (const other of tiles) {
    other.toggleAttribute('data-selected', other === tile);
  }
  for (const choice of document.querySelectorAll('button')) {
    choice.setAttribute('aria-pressed', String([tile.stream, tile.quality].includes(choice.value)));
  }
}

function button(value, choose) {
  const element = document.createElement('button');
  element.type = 'button';
  element.value = element.textContent = value;
  element.addEventListener('click', choose);
  return element;
}
