/**
 * The wall of a monitor, at `?kiosk`: it fills its window, rests when its viewer does, keeps the screen awake, and stays for months.
 * docs/kiosk.md describes the settings in the address.
 */

import { columnsFor, planWall, readAddress } from './kiosk-plan.js';
import { languageFor, tell } from './kiosk-texts.js';
import { readDevice, settings } from './page.js';

/** A page whose session was away for longer than this (ms) begins anew, with the files that the device has now. */
const freshAfter = 10 * 60_000;
/** How long (ms) the page waits before it asks again for the list of streams. */
const again = 5000;
/** The same for a session that the wall has given up, and for the screen's lock that the browser has taken back. */
const later = 60_000;

const grid = document.querySelector('ms-grid');
const root = document.documentElement;
const { values, problems } = readAddress(settings);
const language = languageFor(values.lang);
/** What is wrong, by what it is wrong with. */
const complaints = new Map();

dressPage();
hideWhenIdle(1000 * (values.idle ?? 5));
keepAwake();
stayFresh();
followCameras();

/** Nothing is on the page but the wall. */
function dressPage() {
  for (const element of document.querySelectorAll('header, footer, main > p')) {
    element.remove();
  }
  const heading = document.createElement('h1');
  document.title = heading.textContent = tell(language, { code: 'title' });
  document.querySelector('main').className = '';
  document.querySelector('main').prepend(heading);
  root.classList.add('kiosk');
  root.lang = language;
  root.dir = values.dir ?? 'ltr';
  grid.controls = values.controls ?? 'fullscreen zoom';
  grid.fit = values.fit ?? '';
  grid.mode = values.mode ?? 'auto';
  grid.calm = values.calm === true;
  const theme = values.theme ?? 'dark';
  grid.theme = root.style.colorScheme = theme === 'system' ? '' : theme;
  addEventListener('resize', fit);
}

/** Takes the shape of the window. */
function fit() {
  grid.columns = values.columns ?? columnsFor(grid.slots.length, innerWidth, innerHeight);
}

/** Shows the cameras that the device has: now, and whenever there is a new session, since the device may have others by then. */
async function followCameras() {
  let shown = '';
  let isAsking = false;
  const look = async () => {
    if (!isAsking) {
      isAsking = true;
      const plan = planWall(values, await askDevice());
      isAsking = false;
      if (JSON.stringify(plan) !== shown) {
        shown = JSON.stringify(plan);
        compose(plan);
      }
    }
  };
  grid.addEventListener('ms-error', ({ target, error }) => {
    // Tiles and wall tell everything else themselves.
    if (target === grid && error instanceof TypeError && error.message.startsWith('layout')) {
      explain('layout', [{ code: 'layout', message: error.message }]);
    }
  });
  grid.addEventListener('ms-connection', ({ state }) => state === 'open' && look());
  explain('address', problems);
  await look();
}

/** The streams of the device. It is asked until it answers. */
async function askDevice() {
  for (;;) {
    try {
      const device = await readDevice();
      explain('device', []);
      return device;
    } catch {
      explain('device', [{ code: 'device' }]);
      await new Promise((resolve) => setTimeout(resolve, again));
    }
  }
}

function compose(plan) {
  explain('streams', plan.problems);
  while (grid.slots.length > plan.tiles.length) {
    grid.slots.at(-1).remove();
  }
  for (const [index, stream] of plan.tiles.entries()) {
    const tile = grid.slots[index] ?? grid.appendChild(document.createElement('ms-slot'));
    tile.setAttribute('slot', index);
    tile.quality = values.quality ?? 'auto';
    const isToured = tile.activeTour || (grid.activeTour && (plan.tour ?? plan.layout?.tour));
    // A tour that goes on says itself what its tiles show.
    if (!(isToured && tile.stream)) {
      tile.stream = stream;
    }
  }
  fit();
  if (plan.layout !== undefined) {
    grid.layout = plan.layout;
  }
  if (plan.tour || (grid.activeTour && plan.layout === undefined)) {
    grid.tour(plan.tour);
  }
}

/** Says on the page what is wrong with one thing; an empty list, that nothing is. */
function explain(thing, list) {
  if (JSON.stringify(list) !== JSON.stringify(complaints.get(thing) ?? [])) {
    complaints.set(thing, list);
    document.querySelector('.notice')?.remove();
    const all = [...complaints.values()].flat();
    if (all.length > 0) {
      document.body.append(createNotice(all));
    }
  }
}

function createNotice(list) {
  const notice = document.createElement('div');
  const close = document.createElement('button');
  close.type = 'button';
  close.textContent = tell(language, { code: 'close' });
  close.addEventListener('click', () => notice.remove());
  const lines = list.map((problem) => {
    const line = document.createElement('p');
    line.textContent = tell(language, problem);
    return line;
  });
  notice.className = 'notice';
  notice.setAttribute('role', 'alert');
  notice.append(...lines, close);
  return notice;
}

/** Hides the controls and the pointer after some time without a sign of a viewer. */
function hideWhenIdle(milliseconds) {
  let timer;
  let position = '';
  const rest = () => {
    const focused = deepestFocus();
    // A click leaves the focus behind. The keyboard's stays where its user can see it.
    if (focused && !focused.matches(':focus-visible')) {
      focused.blur();
    }
    root.classList.add('idle');
  };
  const wake = ({ type, screenX, screenY }) => {
    const moved = `${screenX} ${screenY}`;
    // The browser reports a move when the page changes under a pointer that rests.
    if (type !== 'pointermove' || moved !== position) {
      position = type === 'pointermove' ? moved : position;
      root.classList.remove('idle');
      clearTimeout(timer);
      timer = setTimeout(rest, milliseconds);
    }
  };
  for (const type of ['pointermove', 'pointerdown', 'touchstart', 'wheel', 'keydown']) {
    addEventListener(type, wake, { capture: true, passive: true });
  }
  wake({ type: 'load' });
}

function deepestFocus() {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) {
    focused = focused.shadowRoot.activeElement;
  }
  return focused;
}

/** Keeps the screen on while the page is visible, where the browser lets it. The browser takes the lock back from a hidden page. */
function keepAwake() {
  let lock = null;
  let isAsking = false;
  const ask = async () => {
    if (document.visibilityState === 'visible' && !isAsking && (lock?.released ?? true)) {
      isAsking = true;
      // A page on http from another computer has no `wakeLock`; a browser refuses when its battery is low.
      lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null;
      isAsking = false;
      lock?.addEventListener('release', () => setTimeout(ask, later), { once: true });
    }
  };
  for (const type of ['visibilitychange', 'pointerdown', 'keydown']) {
    document.addEventListener(type, ask, { capture: true, passive: true });
  }
  ask();
}

/**
 * Loads the page anew when its session has been away for long and the device answers again: it may have other files by then, and
 * a renderer that could not get its session back by itself gets a new start. Not before it answers: the last pictures are worth
 * more than the browser's error page, which would never try again.
 */
function stayFresh() {
  let lostAt = null;
  grid.addEventListener('ms-connection', async ({ state }) => {
    const isAway = state !== 'open' && state !== 'idle';
    lostAt = isAway ? (lostAt ?? Date.now()) : lostAt;
    const isLong = lostAt !== null && Date.now() - lostAt > freshAfter;
    if (!isAway) {
      lostAt = null;
    }
    if (isLong && (await isThere())) {
      location.reload();
    } else if (state === 'closed') {
      // The wall does not try again by itself then.
      setTimeout(() => grid.connect(), later);
    }
  });
}

/** Whether the device gives this page. */
async function isThere() {
  try {
    return (await fetch(location.href, { cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}
