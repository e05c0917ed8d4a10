/**
 * Takes out of a file what go2rtc reads and this device has not, and tells of each part, so that one file can serve both.
 * `source.ts` does the same for sources and their parameters.
 */

import { isRecord } from '../../../src/protocol/codec.ts';
import { isTypingErrorOf } from './params.ts';
import type { Path, YamlFile } from './yaml-file.ts';

type Section = Readonly<Record<string, unknown>>;

/** Is told of each part that was taken out, with its place. */
export type PassOver = (path: Path, what: string) => void;

/** go2rtc's modules, each of which may have a section (1.9.14, and names of former versions). */
const modules = [
  ...['alsa', 'bubble', 'debug', 'doorbird', 'dvrip', 'echo', 'eseecloud', 'exec', 'expr', 'ffmpeg', 'flussonic'],
  ...['gopro', 'hass', 'hls', 'homekit', 'http', 'isapi', 'ivideon', 'kasa', 'mjpeg', 'mp4', 'mpeg', 'mpegts', 'mqtt'],
  ...['multitrans', 'nest', 'ngrok', 'onvif', 'pinggy', 'ring', 'roborock', 'rtmp', 'rtsp', 'srtp', 'tapo', 'tuya'],
  ...['v4l2', 'webtorrent', 'wyoming', 'wyze', 'xiaomi', 'yandex', 'ws'],
];
const sections = new Set(['app', 'publish', ...modules]);

const apiKeys = new Map([
  ['allow_paths', 'every path stays open'],
  ['base_path', 'a proxy has to take the prefix away'],
  ['local_auth', 'requests from this machine need credentials like all others'],
  ['static_dir', 'no files of yours are served'],
  ['tls_listen', 'with api.tls_cert and api.tls_key, api.listen speaks HTTPS'],
  ['unix_listen', 'only TCP is listened on'],
]);

/** Keys of Frigate's configuration, in which go2rtc's is a section. */
const frigateKeys = ['cameras', 'detectors', 'record', 'snapshots', 'objects', 'birdseye'];

/** Finds the sign of Frigate's whole file; the message says which part of it is wanted. */
export function findFrigate(file: unknown): { key: string; message: string } | undefined {
  if (!isRecord(file)) {
    return undefined;
  }
  const wanted = 'what stands under "go2rtc:" is wanted here, as a file of its own';
  if (Object.hasOwn(file, 'go2rtc')) {
    return { key: 'go2rtc', message: `a file of Frigate's, or of Home Assistant's; ${wanted}` };
  }
  const key = frigateKeys.find((name) => Object.hasOwn(file, name));
  return key === undefined || Object.hasOwn(file, 'streams')
    ? undefined
    : { key, message: `a file of Frigate's; ${wanted}` };
}

/**
 * Removes the sections that are not ours: those of go2rtc's modules, which later versions have more of, and those that only
 * hold the targets of aliases. What is probably a mistake in a section of ours stays, and is refused with its line: a
 * typing error in its name, or a text, which is no section, as where an indentation was lost.
 *
 * @param ours the names of our sections
 */
export function withoutForeignSections(file: YamlFile, ours: readonly string[], passOver: PassOver): unknown {
  const { value } = file;
  if (!isRecord(value)) {
    return value;
  }
  const isOurs = ([name, section]: [string, unknown]): boolean => {
    if (sections.has(name)) {
      passOver([name], `${name}: a section that is go2rtc's alone`);
      return false;
    }
    if (name.startsWith('x-') || name === 'env') {
      return false;
    }
    const isMeant = ours.some((known) => isTypingErrorOf(known, name));
    if (isMeant || (typeof section === 'string' && !file.hasAnchor([name]))) {
      return true;
    }
    passOver([name], `${name}: a section that means nothing here; known: ${ours.join(', ')}`);
    return false;
  };
  return Object.fromEntries(Object.entries(value).filter(isOurs));
}

/** Removes the keys and values that are go2rtc's alone, in the sections that both have. */
export function withoutForeignKeys(file: unknown, passOver: PassOver): unknown {
  if (!isRecord(file)) {
    return file;
  }
  return Object.fromEntries(
    Object.entries(file).map(([name, section]) => {
      const clean = cleaners.get(name);
      return [name, clean !== undefined && isRecord(section) ? clean(section, passOver) : section];
    }),
  );
}

const cleaners = new Map<string, (section: Section, passOver: PassOver) => Section>([
  ['api', cleanApi],
  ['webrtc', cleanWebrtc],
  ['log', cleanLog],
]);

/** go2rtc's names and numbers for levels, and pino's names for the same. */
export const logLevels = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'fatal',
  panic: 'fatal',
  disabled: 'silent',
} as const;
export const logFormats: readonly string[] = ['json', 'text', 'color'];

const levelNumbers = new Map(
  Object.entries({
    '-1': 'trace',
    0: 'debug',
    1: 'info',
    2: 'warn',
    3: 'error',
    4: 'fatal',
    5: 'panic',
    7: 'disabled',
  }),
);

/** go2rtc starts with levels and formats that it does not know. */
function cleanLog(section: Section, passOver: PassOver): Section {
  const cleaned: [string, string][] = [];
  for (const [key, value] of Object.entries(section)) {
    // This device writes to standard error, with the time as ISO 8601. An empty text is go2rtc's default.
    if (key === 'output' || key === 'time' || value === '' || value === null) {
      continue;
    }
    const name = typeof value === 'string' ? (levelNumbers.get(value) ?? value.toLowerCase()) : '';
    const known = key === 'format' ? logFormats : Object.keys(logLevels);
    if (known.includes(name)) {
      cleaned.push([key, key === 'format' ? name : logLevels[name as keyof typeof logLevels]]);
    } else {
      const what = key === 'format' ? 'format' : 'level';
      passOver(['log', key], `log.${key}: not a ${what} of this device; allowed: ${known.join(', ')}`);
    }
  }
  return Object.fromEntries(cleaned);
}

function cleanApi(section: Section, passOver: PassOver): Section {
  const { username, password, listen, tls_listen: tlsListen } = section;
  const isEmpty = (value: unknown) => value === '' || value === null || value === undefined;
  const withoutLogin = (username === '' || password === '') && isEmpty(username) && isEmpty(password);
  if (withoutLogin) {
    passOver(
      ['api', username === '' ? 'username' : 'password'],
      'api.username and api.password: empty, so the device asks for no login',
    );
  }
  const takesOver = listen === '' && typeof tlsListen === 'string' && tlsListen !== '';
  if (listen === '' && !takesOver) {
    passOver(['api', 'listen'], 'api.listen: empty; without its API this device is of no use, so it has the default');
  }
  const known = withoutKeys(section, (key, value) => {
    const why = apiKeys.get(key);
    if (why !== undefined && !isEmpty(value) && !(key === 'tls_listen' && takesOver)) {
      passOver(['api', key], `api.${key}: ${why}`);
    }
    const isLogin = key === 'username' || key === 'password';
    return why !== undefined || (value === '' && (!isLogin || withoutLogin));
  });
  return takesOver ? { ...known, listen: tlsListen } : known;
}

function cleanWebrtc({ filters, candidates, listen, ...rest }: Section, passOver: PassOver): Section {
  if (filters !== undefined) {
    passOver(['webrtc', 'filters'], 'webrtc.filters: there is nothing to choose from here');
  }
  return {
    ...rest,
    ...(listen === undefined ? {} : { listen: cleanIceListen(listen) }),
    ...(candidates === undefined ? {} : { candidates: cleanCandidates(candidates, passOver) }),
  };
}

/** go2rtc leaves the ports to the system where the text is empty. */
function cleanIceListen(listen: unknown): unknown {
  return typeof listen === 'string' ? listen.trim().toLowerCase() || ':0' : listen;
}

function cleanCandidates(candidates: unknown, passOver: PassOver): unknown {
  if (candidates === null) {
    return [];
  }
  const list = Array.isArray(candidates) ? candidates.entries() : [[undefined, candidates] as const];
  const cleaned: unknown[] = [];
  for (const [place, value] of list) {
    const candidate = joinCandidate(value);
    if (typeof candidate === 'string' && candidate.startsWith('stun:')) {
      passOver(
        place === undefined ? ['webrtc', 'candidates'] : ['webrtc', 'candidates', place],
        `webrtc.candidates: ${candidate}: the public address is not looked up here; name it, such as ` +
          '203.0.113.7:8555, or a STUN server in webrtc.ice_servers',
      );
    } else if (candidate !== null && candidate !== '') {
      cleaned.push(candidate);
    }
  }
  return cleaned;
}

/** `stun: 8555`, with a space too many, is a section to YAML. */
function joinCandidate(value: unknown): unknown {
  const [pair, ...others] = isRecord(value) ? Object.entries(value) : [];
  if (pair !== undefined && others.length === 0 && typeof pair[1] === 'string') {
    return `${pair[0].trim()}:${pair[1].trim()}`;
  }
  const parts = typeof value === 'string' ? value.split(':') : null;
  return parts === null ? value : parts.map((part) => part.trim()).join(':');
}

function withoutKeys(section: Section, isLeftOut: (key: string, value: unknown) => boolean): Section {
  return Object.fromEntries(Object.entries(section).filter(([key, value]) => !isLeftOut(key, value)));
}
