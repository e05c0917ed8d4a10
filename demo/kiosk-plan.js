/** Reads the address of the kiosk page. What cannot be read becomes a problem, and the wall plays without it. */

/** The parameters of the page. Each gives its value, or adds a problem and gives undefined. */
const readers = {
  kiosk: () => true,
  token: () => undefined,
  streams: list,
  tiles: number(1, 100, Number.isInteger),
  columns: number(1, 20, Number.isInteger),
  tour: list,
  dwell: number(1, 86_400),
  layout: json,
  quality: text,
  calm: (value) => !['false', '0'].includes(value),
  fit: choice('contain', 'cover'),
  mode: choice('auto', 'multistream', 'socket', 'webrtc', 'iframe'),
  controls: text,
  theme: choice('light', 'dark', 'system'),
  dir: choice('ltr', 'rtl'),
  lang: choice('en', 'de', 'es', 'zh'),
  idle: number(0.1, 3600),
};

/** Cameras that a wall shows if its address says nothing of them. */
const usual = 16;

/**
 * @param settings the address, as URLSearchParams
 * @returns the values by their names, without those that are missing or cannot be read, and the problems: a `code`, which is the name
 * of a text in `kiosk-texts.js`, and what that text needs
 */
export function readAddress(settings) {
  const problems = [];
  const values = {};
  for (const [name, value] of settings) {
    if (!Object.hasOwn(readers, name)) {
      problems.push({ code: 'unknown', name, names: Object.keys(readers).join(', ') });
      continue;
    }
    const read = readers[name](value, (problem) => problems.push({ name, value, ...problem }));
    if (read !== undefined) {
      values[name] = read;
    }
  }
  return { values, problems };
}

/**
 * Plans the wall for a device that has these streams.
 * @param device `names` of all streams, and the `cameras` among them
 * @returns `tiles`, the stream of each; the plan of the `tour`, or null; the `layout`, or undefined. Streams that the device does not
 * have are left out of them, and are problems
 */
export function planWall({ streams, tiles, tour, dwell, layout }, { names, cameras }) {
  const problems = [];
  const known = (name, list, streamIn = (entry) => entry) =>
    list.filter((entry) => {
      const value = streamIn(entry);
      // The wall itself says of an entry that is no text what it has to be.
      const isKnown = typeof value !== 'string' || value === '' || names.includes(value);
      if (!isKnown && !problems.some((problem) => problem.name === name && problem.value === value)) {
        problems.push({ code: 'stream', name, value });
      }
      return isKnown;
    });
  const given = known('streams', streams ?? []);
  // A tour without a list goes through all cameras.
  const toured = tour?.length > 0 ? known('tour', tour) : tour ? cameras : [];
  const plan = toured.length > 0 ? { streams: toured, ...(dwell && { dwell }) } : null;
  const knownLayout = isRecord(layout) ? reduceLayout(layout, (...list) => known('layout', ...list)) : layout;
  const ordered = streamsOf(knownLayout?.order, streamOfTile);
  const own = given.length > 0 ? given : ordered;
  const onTour = plan?.streams ?? streamsOf(knownLayout?.tour?.streams, streamOfStop);
  const shown = [own, onTour, cameras].find((list) => list.length > 0) ?? [''];
  const count = tiles ?? (own.length || (onTour.length > 0 ? 1 : usual));
  return {
    tiles: shown.slice(0, count),
    tour: plan,
    // A tour that the address names wins over that of the layout.
    layout: plan && knownLayout?.tour ? { ...knownLayout, tour: undefined } : knownLayout,
    problems,
  };
}

/** Returns a layout with those entries of its lists alone that `known` returns. Lists that are none stay, for the wall to refuse. */
function reduceLayout({ order, tour, tours, ...rest }, known) {
  const reducePlan = (plan) =>
    Array.isArray(plan?.streams) ? { ...plan, streams: known(plan.streams, streamOfStop) } : plan;
  return {
    ...rest,
    order: Array.isArray(order) ? known(order, streamOfTile) : order,
    tour: reducePlan(tour),
    tours: isRecord(tours)
      ? Object.fromEntries(Object.entries(tours).map(([name, plan]) => [name, reducePlan(plan)]))
      : tours,
  };
}

/**
 * As many columns as make the pictures of 16:9 largest. Among those that are as good but for two hundredths: the fewest empty places, and
 * rather side by side.
 */
export function columnsFor(count, width, height) {
  const choices = Array.from({ length: count }, (_, index) => {
    const columns = index + 1;
    const rows = Math.ceil(count / columns);
    return { columns, size: Math.min(width / columns / 16, height / rows / 9), empty: columns * rows - count };
  });
  const enough = 0.98 * Math.max(...choices.map(({ size }) => size));
  const [best] = choices
    .filter(({ size }) => size >= enough)
    .sort((a, b) => a.empty - b.empty || b.columns - a.columns);
  return best?.columns ?? 1;
}

/** Returns the stream of a tile that a layout names: the second tile of a stream is `name#2`, and `#2` has its stream from a tour. */
function streamOfTile(name) {
  return typeof name === 'string' ? name.replace(/#\d+$/, '') : name;
}

function streamOfStop(stop) {
  return stop?.stream ?? stop;
}

function isRecord(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the streams of a list that may be none. */
function streamsOf(list, streamIn) {
  return Array.isArray(list) ? list.map(streamIn).filter((stream) => typeof stream === 'string') : [];
}

function list(value) {
  return value.split(/[\s,]+/).filter(Boolean);
}

function text(value) {
  return value;
}

function number(from, to, isRight = Number.isFinite) {
  return (value, complain) => {
    const read = value.trim() === '' ? Number.NaN : Number(value);
    if (isRight(read) && read >= from && read <= to) {
      return read;
    }
    complain({ code: 'number', from, to });
  };
}

function choice(...choices) {
  return (value, complain) => {
    if (choices.includes(value)) {
      return value;
    }
    complain({ code: 'choice', choices: choices.join(', ') });
  };
}

function json(value, complain) {
  try {
    return JSON.parse(value);
  } catch ({ message }) {
    complain({ code: 'layout', message: `layout is not JSON: ${message}` });
  }
}
