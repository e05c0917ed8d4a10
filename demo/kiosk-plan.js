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
 * The wall on a device that has these streams.
 * @param device `names` of all streams, and the `cameras` among them
 * @returns `tiles`, the stream of each, and the plan of the `tour`, or null; names that the device does not have are problems
 */
export function planWall({ streams, tiles, tour, dwell, layout }, { names, cameras }) {
  const problems = [];
  const known = (name, list) => {
    const missing = list.filter((stream) => !names.includes(stream));
    problems.push(...missing.map((value) => ({ code: 'stream', name, value })));
    return list.filter((stream) => names.includes(stream));
  };
  const arranged = Array.isArray(layout?.order) ? layout.order.map(streamOf) : [];
  const given = streams?.length > 0 ? known('streams', streams) : arranged;
  // A tour without a list goes through all cameras.
  const toured = tour?.length > 0 ? known('tour', tour) : tour ? cameras : [];
  const isToured = toured.length > 0;
  const shown = [given, toured, cameras].find((list) => list.length > 0) ?? [''];
  const count = tiles ?? (given.length > 0 ? given.length : isToured ? 1 : usual);
  return {
    tiles: shown.slice(0, count),
    tour: isToured ? { streams: toured, ...(dwell && { dwell }) } : null,
    problems,
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

/** The stream of a tile that a layout names: its second tile of a stream is `name#2`. */
function streamOf(name) {
  return String(name).replace(/#\d+$/, '');
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
