/** What go2rtc has and this device has not: a file that serves both is not refused for it. It is taken out, and said. */

import { isRecord } from '../../../src/protocol/codec.ts';
import { isLookUp } from './media-schema.ts';
import type { Path } from './yaml-file.ts';

/** Told of each thing that was taken out. */
export type PassOver = (path: Path, what: string) => void;

const sections = new Set(
  'app echo exec ffmpeg hass homekit mp4 mqtt ngrok onvif pinggy publish rtmp rtsp srtp webtorrent wyoming'.split(' '),
);

/** Of sources: what concerns sound, go2rtc's own clients, and the FFmpeg program, which does not run here. */
const params = new Set(
  'afilter async backchannel drawtext gop_size input media pkt_size query raw rotate timeout'.split(' '),
);

/** @returns the file without it */
export function withoutForeign(file: unknown, passOver: PassOver): unknown {
  if (!isRecord(file)) {
    return file;
  }
  const own = Object.entries(file).filter(([name]) => {
    // `x-…` is where other programs' files keep what their anchors name.
    if (sections.has(name)) {
      passOver([name], `${name}: a section that is go2rtc's alone`);
    }
    return !sections.has(name) && !name.startsWith('x-');
  });
  return Object.fromEntries(
    own.map(([name, section]) => {
      const clean = cleaners[name];
      return [name, clean !== undefined && isRecord(section) ? clean(section, passOver) : section];
    }),
  );
}

const cleaners: Record<string, (section: Record<string, unknown>, passOver: PassOver) => unknown> = {
  webrtc: ({ filters, candidates, ...rest }, passOver) => {
    if (filters !== undefined) {
      passOver(['webrtc', 'filters'], 'webrtc.filters: there is nothing to choose from here');
    }
    for (const [place, candidate] of Array.isArray(candidates) ? candidates.entries() : []) {
      if (isLookUp(candidate)) {
        passOver(
          ['webrtc', 'candidates', place],
          `webrtc.candidates: ${candidate}: the public address is not looked up here; name it, such as ` +
            '203.0.113.7:8555, or a STUN server in webrtc.ice_servers',
        );
      }
    }
    return candidates === undefined ? rest : { ...rest, candidates };
  },
  streams: (section, passOver) =>
    Object.fromEntries(
      Object.entries(section).map(([name, value]) => [name, cleanSources(value, ['streams', name], passOver)]),
    ),
};

/** A source, a list of them, or what has them under `source`. */
function cleanSources(value: unknown, path: Path, passOver: PassOver): unknown {
  if (Array.isArray(value)) {
    return value.map((item, index) => cleanSources(item, [...path, index], passOver));
  }
  if (isRecord(value)) {
    return 'source' in value ? { ...value, source: cleanSources(value.source, [...path, 'source'], passOver) } : value;
  }
  if (typeof value !== 'string') {
    return value;
  }
  const [head, ...all] = value.split('#');
  const own = all.filter((param) => !params.has(nameOf(param)));
  if (own.length < all.length) {
    const names = all.map(nameOf).filter((name) => params.has(name));
    passOver(path, `streams.${path[1]}: #${names.join(', #')} means nothing here`);
  }
  return [head, ...own].join('#');
}

function nameOf(param: string): string {
  return param.split('=')[0] as string;
}
