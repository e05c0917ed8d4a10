/** The code that the pages of the demo share. */

/** `?tiles=4&theme=dark&dir=rtl&tour&dwell=8`: how a page begins. */
export const settings = new URLSearchParams(location.search);

/** `?token=…`, of a device with `api.tokens`: what a page asks for needs it as the page itself did. */
const token = settings.get('token');
if (token !== null) {
  for (const grid of document.querySelectorAll('ms-grid')) {
    grid.authorize = () => token;
  }
}

/** An address on the device as this page may ask for it. */
export function withToken(address) {
  const url = new URL(address, location.href);
  if (token !== null) {
    url.searchParams.set('token', token);
  }
  return url.href;
}

const connectionTexts = { idle: 'Idle', connecting: 'Connecting', open: 'Connected', waiting: 'Reconnecting' };

/** Tells in words how a grid is connected. */
export function followConnection(grid, element) {
  const tell = (state) => {
    element.dataset.state = state;
    element.textContent = connectionTexts[state] ?? 'No connection';
  };
  grid.addEventListener('ms-connection', ({ state }) => tell(state));
  tell(grid.connectionState ?? 'connecting');
}

/**
 * The streams of the device, the cameras among them, and the qualities that these have, by the names of the convention: `camera1-360p`.
 * Rejects where it gives no list.
 */
export async function readDevice() {
  const response = await fetch(withToken('api/streams'));
  if (!response.ok) {
    throw new Error(`${response.url}: ${response.status}`);
  }
  const names = Object.keys(await response.json());
  const variants = names.map((name) => /^(.+)-(\d+p)$/.exec(name)).filter((match) => match && names.includes(match[1]));
  const qualities = [...new Set(variants.map(([, , quality]) => quality))];
  return {
    names,
    cameras: names.filter((name) => !variants.some(([full]) => full === name)),
    qualities: qualities.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)),
  };
}

export function button(value, choose) {
  const element = document.createElement('button');
  element.type = 'button';
  element.value = element.textContent = value;
  element.addEventListener('click', () => choose(value));
  return element;
}

/** Marks the one of some buttons that is in force. */
export function press(group, value) {
  for (const choice of group.querySelectorAll('button')) {
    choice.setAttribute('aria-pressed', String(choice.value === value));
  }
}
