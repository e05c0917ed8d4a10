/** How pictures reach the viewers: keys of `multistream:` and `webrtc:`, which go2rtc has as far as it does the same. */

import { isIP } from 'node:net';
import * as v from 'valibot';
import { oneOrMore, section } from './parsed.ts';

const flag = 'true or false';

function whole(least: number, most: number) {
  const allowed = `a whole number from ${least} to ${most}`;
  return v.pipe(v.number(allowed), v.integer(allowed), v.minValue(least, allowed), v.maxValue(most, allowed));
}

export const mediaKeys = {
  gop_cache: v.optional(v.boolean(flag), true),
  gop_max_frames: v.optional(whole(1, 10_000), 750),
  gop_max_bytes: v.optional(whole(10_000, 256 * 1024 * 1024), 16 * 1024 * 1024),
  adaptive: v.optional(v.boolean(flag), true),
  camera_max_bytes: v.optional(whole(64 * 1024 * 1024, 64 * 1024 * 1024 * 1024), 512 * 1024 * 1024),
};

/** What is kept of a stream for those who join it; nothing at all where the cache is off. */
export function toGopLimits(keys: { gop_cache: boolean; gop_max_frames: number; gop_max_bytes: number }) {
  return keys.gop_cache ? { units: keys.gop_max_frames, bytes: keys.gop_max_bytes } : { units: 0, bytes: 0 };
}

/** Where the device's viewers find it, from outside a NAT. */
export interface StaticCandidate {
  /** An address, or a name that is looked up for each viewer. */
  host: string;
  port: number;
}

/** go2rtc's `stun:8555`, for an address that a STUN server is to tell. */
export function isLookUp(candidate: unknown): boolean {
  return typeof candidate === 'string' && candidate.startsWith('stun:');
}

const hostName = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?\.?$/i;

/** `192.168.1.123:8555`, `[2001:db8::1]:8555` or `cams.example.org:8555`, as go2rtc writes them; none for `stun:`. */
export function parseCandidate(text: string): StaticCandidate[] {
  if (isLookUp(text)) {
    return [];
  }
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  if (!(isIP(host) > 0 || hostName.test(host)) || !(port >= 1 && port <= 65_535)) {
    throw new Error(
      `"${text}" is not a candidate; allowed: "192.168.1.123:8555", "[2001:db8::1]:8555", "cams.example.org:8555"`,
    );
  }
  return [{ host, port }];
}

const iceUrl =
  /^(stuns?:(\[[\da-f:.]+\]|[^\s:?[\]]+)(:\d+)?|turns?:(\[[\da-f:.]+\]|[^\s:?[\]]+)(:\d+)?(\?transport=(udp|tcp))?)$/i;
const iceUrls =
  'a URL such as "stun:stun.example.org:3478" or "turn:turn.example.org:3478?transport=tcp", or a list of them';

/** What a browser would refuse is refused here, where the line is known: its whole connection would fail for it. */
export const iceServer = v.pipe(
  section({
    urls: v.pipe(oneOrMore(iceUrls), v.array(v.pipe(v.string(), v.regex(iceUrl, `not a server; allowed: ${iceUrls}`)))),
    username: v.exactOptional(v.string('a user name')),
    credential: v.exactOptional(v.string('a password')),
  }),
  v.check(
    ({ urls, username, credential }) =>
      (username !== undefined && credential !== undefined) || urls.every((url) => /^stun/i.test(url)),
    'a turn server needs a username and a credential',
  ),
);
