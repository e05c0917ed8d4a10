/**
 * The shape of the YAML file, key by key as go2rtc names them. `Config` is what comes out of it, so that a new key is one
 * line here.
 */

import { isIP } from 'node:net';
import * as v from 'valibot';
import { usualGop } from '../media/gop.ts';
import { apiSchema } from './api-schema.ts';
import { duration, flag, mediaAddress, oneOrMore, parsed, section, whole } from './fields.ts';
import { logFormats, logLevels } from './go2rtc.ts';
import { preloadSchema, streamsSchema } from './streams.ts';

/** An address at which viewers find the device from outside a NAT. */
export interface StaticCandidate {
  /** An address, or a name that is looked up for each viewer. */
  host: string;
  port: number;
}

const hostName = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?\.?$/i;

/** `192.168.1.123:8555`, `[2001:db8::1]:8555` or `cams.example.org:8555`, as go2rtc writes them. */
const candidate = v.pipe(
  v.string('an address such as "192.168.1.123:8555"'),
  parsed((text): StaticCandidate => {
    const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
    const host = match?.[1] ?? match?.[2] ?? '';
    const port = Number(match?.[3]);
    if (!(isIP(host) > 0 || hostName.test(host)) || !(port >= 1 && port <= 65_535)) {
      throw new Error(
        `"${text}" is not a candidate; allowed: "192.168.1.123:8555", "[2001:db8::1]:8555", "cams.example.org:8555"`,
      );
    }
    return { host, port };
  }),
);

const iceUrl =
  /^(stuns?:(\[[\da-f:.]+\]|[^\s:?[\]]+)(:\d+)?|turns?:(\[[\da-f:.]+\]|[^\s:?[\]]+)(:\d+)?(\?transport=(udp|tcp))?)$/i;
const iceUrls =
  'a URL such as "stun:stun.example.org:3478" or "turn:turn.example.org:3478?transport=tcp", or a list of them';

/** Refuses what a browser would refuse, where the line is known: the viewer's whole connection would fail for it. */
const iceServer = v.pipe(
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

const webrtcSchema = section({
  /** UDP and TCP, one port for all viewers; with port 0, a free UDP port for each and no TCP. */
  listen: v.nullish(mediaAddress, ':8555'),
  /** Addresses that are told to viewers beside those that the machine itself has. */
  candidates: v.nullish(v.array(candidate, 'a list of addresses such as "192.168.1.123:8555"'), []),
  ice_servers: v.nullish(v.array(iceServer, 'a list of servers, each with urls, username and credential'), []),
});

const multistreamSchema = v.pipe(
  section({
    /** The most slots of a session. */
    max_slots: v.nullish(whole(1, 64), '9'),
    /** WebSockets at a time. */
    max_sessions: v.nullish(whole(1, 10_000), '100'),
    /** WebSockets of one address at a time; by default half of all, and all for a proxy on this machine. */
    max_sessions_per_address: v.optional(whole(1, 10_000)),
    /** How long a stream stays warm after its last viewer, in milliseconds. */
    linger: v.nullish(duration, '10s'),
    /** How long the device waits for its viewers to go elsewhere before it ends by SIGTERM, in milliseconds. */
    drain: v.nullish(duration, '0s'),
    gop_cache: v.nullish(flag, 'true'),
    gop_max_frames: v.nullish(whole(1, 10_000), String(usualGop.units)),
    gop_max_bytes: v.nullish(whole(10_000, 256 * 1024 * 1024), String(usualGop.bytes)),
    /** Whether a viewer whose link is too thin gets smaller variants. */
    adaptive: v.nullish(flag, 'true'),
    /** Bytes of one coded picture; a camera that sends a larger one is offline. */
    picture_max_bytes: v.nullish(whole(64 * 1024, 64 * 1024 * 1024), String(8 * 1024 * 1024)),
    /** Memory beyond which a camera's process is replaced. */
    camera_max_bytes: v.nullish(whole(64 * 1024 * 1024, 64 * 1024 * 1024 * 1024), String(512 * 1024 * 1024)),
  }),
  v.transform(({ gopCache, gopMaxFrames, gopMaxBytes, ...rest }) => ({
    ...rest,
    /** The GOP that a stream keeps for viewers that join it. */
    gop: gopCache ? { units: gopMaxFrames, bytes: gopMaxBytes } : { units: 0, bytes: 0 },
  })),
);

const level = v.picklist(Object.values(logLevels));
type LogLevel = v.InferOutput<typeof level>;

/** go2rtc's section: a level for all, and one for each module, of which go2rtc has more than this device. */
const logSchema = v.pipe(
  v.objectWithRest(
    { format: v.optional(v.picklist(logFormats), 'json'), level: v.optional(level, 'info') },
    level,
    'a section with keys',
  ),
  v.transform(({ format, level, ...modules }) => ({ format, level, modules: modules as Record<string, LogLevel> })),
);

const sections = {
  api: v.nullish(apiSchema, {}),
  webrtc: v.nullish(webrtcSchema, {}),
  multistream: v.nullish(multistreamSchema, {}),
  streams: v.nullish(streamsSchema, {}),
  preload: v.nullish(preloadSchema, []),
  log: v.nullish(logSchema, {}),
  /** Whether a change of the file is applied as it is written. */
  watch: v.nullish(flag, 'false'),
};

export const ownSections: readonly string[] = Object.keys(sections);

export const configSchema = section(
  sections,
  'a file with the sections api, webrtc, multistream, streams, preload and log',
);
