/** Reads a viewer's offer as far as the device uses it. Everything that is not checked here is left out. */

import type { Codec, StreamFormat } from '../media/access-unit.ts';
import type { AudioCodec } from '../media/audio-unit.ts';
import { type MediaSection, readSdp, type Section } from './sdp.ts';

/** A form of video that a browser takes. */
export interface OfferedFormat {
  codec: Codec;
  payloadType: number;
  /** The format's parameters, as the offer writes them. */
  parameters: string;
  /** The general_profile_idc of H.265. H.264 has one format alone, which takes the streams of the other profiles too. */
  profile?: number;
}

/** One m-line, whether it can be used or not: the answer has to name it. */
export interface OfferedLine {
  mid: string | null;
  kind: string;
  protocol: string;
  /** The first payload type or format, and its `a=rtpmap`. */
  format: { name: string; rtpmap: string | null };
}

/** A video m-line over the transport of the offer's first one. */
export interface OfferedVideo extends OfferedLine {
  mid: string;
  /** The formats that we could send; none if the browser takes neither H.264 nor H.265. */
  formats: OfferedFormat[];
  /** Id of the playout-delay header extension; null if it was not offered. */
  playoutDelayId: number | null;
}

/** A form of sound that a browser takes. */
export interface OfferedSound {
  codec: Extract<AudioCodec, 'OPUS' | 'G722' | 'PCMU' | 'PCMA'>;
  payloadType: number;
  /** The format's parameters, as the offer writes them. */
  parameters: string;
}

/** An audio m-line over the transport of the first video m-line. */
export interface OfferedAudio extends OfferedLine {
  mid: string;
  /** One for each codec that we could send; at least one. */
  formats: OfferedSound[];
}

/** How one side proves who it is, to ICE and to DTLS. */
export interface Transport {
  user: string;
  password: string;
  /** `sha-256 AB:CD:…` */
  fingerprint: string;
  setup: string;
}

export interface Offer {
  /** Every m-line, in order. */
  lines: OfferedLine[];
  /** The video m-lines that are not disabled, in order; one that is not bundled with the first is only an `OfferedLine`. */
  videos: (OfferedVideo | OfferedLine)[];
  /** The first audio m-line that can be used; null if there is none. */
  audio: OfferedAudio | null;
  /** Whether the first video m-line is in a group that shares one transport (RFC 8843). */
  bundled: boolean;
  /**
   * The mid of the m-line that stands for its group, if that is no video: sound, as a rule. With
   * `max-bundle`, Chromium cannot use the group if this m-line is rejected.
   */
  carrier: string | null;
  /** The transport of the first video m-line. */
  transport: Transport;
  /** Its candidates. */
  candidates: readonly string[];
}

/** Lets a sender say that its pictures are to be shown when they come (WebRTC's experiments, "playout-delay"). */
export const playoutDelay = 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay';

/** H.264 profiles: a decoder of a higher profile takes the streams of the lower ones, not the other way round. */
const profiles = ['64', '4d', '42'];

/** By their `a=rtpmap` in lower case, the best first. */
const sounds: Record<string, OfferedSound['codec']> = {
  'opus/48000/2': 'OPUS',
  'g722/8000': 'G722',
  'pcmu/8000': 'PCMU',
  'pcma/8000': 'PCMA',
};

/** A mid is a token (RFC 8866 section 9); browsers write a digit or two. */
const mid = /^[\w!#$%&'*+.^`{|}~-]{1,64}$/;
/** RFC 8839 section 5.4; some clients go beyond its alphabet. */
const iceUser = /^[\w+/=-]{4,256}$/;
const icePassword = /^[\w+/=-]{22,256}$/;
/** Hash functions of RFC 8122 and the bytes that each has. */
const hashes: Record<string, number> = { 'sha-256': 32, 'sha-384': 48, 'sha-512': 64, 'sha-224': 28, 'sha-1': 20 };
const setups = ['actpass', 'active', 'passive'];
/** An answer may repeat one line of printable text. */
const printable = /^[\x20-\x7e]{1,512}$/;

/** @throws {Error} for text that is no SDP with video, or that names no transport */
export function readOffer(sdp: string): Offer {
  const { session, media } = readSdp(sdp);
  const sections = media.map((section) => ({ section, line: toLine(section) }));
  const mids = sections.flatMap(({ line }) => line.mid ?? []);
  if (new Set(mids).size !== mids.length) {
    throw new Error('the sdp has two m-lines with the same mid');
  }
  const videos = sections.filter(({ section }) => section.kind === 'video' && !isDisabled(section));
  const [first] = videos;
  if (first === undefined) {
    throw new Error('the sdp has no video m-line');
  }
  if (videos.some(({ line }) => line.mid === null)) {
    throw new Error('the sdp has an m-line without a mid');
  }
  const group = groupOf(session, first.line.mid as string);
  // A bundled m-line may leave the transport to the first one of its group (RFC 8843 section 7.1.3).
  const tagged = sections.find(({ line }) => group !== null && line.mid === group[0]);
  const sources = [first.section, ...(tagged === undefined ? [] : [tagged.section]), session];
  return {
    lines: sections.map(({ line }) => line),
    videos: videos.map(({ section, line }) =>
      line === first.line || group?.includes(line.mid as string) ? toVideo(section, line) : line,
    ),
    audio: findAudio(sections, group ?? []),
    bundled: group !== null,
    carrier: tagged !== undefined && isOtherMedia(tagged.section) ? tagged.line.mid : null,
    transport: readTransport(sources),
    candidates: sources.map((source) => all(source, 'candidate')).find((list) => list.length > 0) ?? [],
  };
}

function findAudio(sections: readonly { section: MediaSection; line: OfferedLine }[], group: string[]) {
  for (const { section, line } of sections) {
    const { mid } = line;
    if (section.kind === 'audio' && mid !== null && group.includes(mid) && !isDisabled(section)) {
      const formats = Object.entries(sounds).flatMap(([rtpmap, codec]) => {
        const found = offeredIn(section).find(({ encoding }) => encoding.toLowerCase() === rtpmap);
        return found === undefined ? [] : [{ codec, payloadType: found.payloadType, parameters: found.parameters }];
      });
      if (formats.length > 0) {
        return { ...line, mid, formats };
      }
    }
  }
  return null;
}

export function isUsable(line: OfferedVideo | OfferedLine): line is OfferedVideo {
  return 'formats' in line;
}

/** The format in which a stream can be sent. */
export function formatFor(
  formats: readonly OfferedFormat[],
  { codec, profile }: StreamFormat,
): OfferedFormat | undefined {
  return formats.find((format) => format.codec === codec && format.profile === profile);
}

function all({ attributes }: Section, name: string): readonly string[] {
  return attributes.get(name) ?? [];
}

/** We send on none of these: a line that takes no video, and one of port 0 outside a group (RFC 8843 section 6). */
function isDisabled({ port, attributes }: MediaSection): boolean {
  return attributes.has('sendonly') || attributes.has('inactive') || (port === 0 && !attributes.has('bundle-only'));
}

function toLine(section: MediaSection): OfferedLine {
  const { kind, protocol, formats } = section;
  const [name] = all(section, 'mid');
  if (name !== undefined && !mid.test(name)) {
    throw new Error('the sdp has a mid that is no token of at most 64 characters');
  }
  const format = formats[0] as string;
  const rtpmap = all(section, 'rtpmap').find((value) => value.startsWith(`${format} `) && printable.test(value));
  return { mid: name ?? null, kind, protocol, format: { name: format, rtpmap: rtpmap ?? null } };
}

/** An m-line of RTP, in use, and no video. */
function isOtherMedia({ kind, port, protocol }: MediaSection): boolean {
  return kind !== 'video' && port !== 0 && /RTP\/SAVPF?$/.test(protocol);
}

/** The mids that share the transport of this one; null if it has one of its own. */
function groupOf(session: Section, first: string): string[] | null {
  const groups = all(session, 'group').map((value) => value.split(' '));
  return groups.find(([semantics, ...mids]) => semantics === 'BUNDLE' && mids.includes(first))?.slice(1) ?? null;
}

/**
 * @param sources sections that may say it, the most particular first
 * @throws {Error} if one part of it is in none of them
 */
export function readTransport(sources: readonly Section[]): Transport {
  const find = (name: string, isRight: (value: string) => boolean) => {
    const values = sources.map((source) => all(source, name)).find((list) => list.length > 0) ?? [];
    const value = values.find(isRight);
    if (value === undefined) {
      throw new Error(`the sdp has no a=${name} that can be used`);
    }
    return value;
  };
  return {
    user: find('ice-ufrag', (value) => iceUser.test(value)),
    password: find('ice-pwd', (value) => icePassword.test(value)),
    fingerprint: find('fingerprint', isFingerprint),
    setup: find('setup', (value) => setups.includes(value)),
  };
}

function isFingerprint(value: string): boolean {
  const [hash = '', digest = ''] = value.split(' ');
  const bytes = Object.hasOwn(hashes, hash.toLowerCase()) ? hashes[hash.toLowerCase()] : undefined;
  return bytes !== undefined && digest.length === bytes * 3 - 1 && /^[\da-f]{2}(?::[\da-f]{2})*$/i.test(digest);
}

function toVideo(section: MediaSection, line: OfferedLine): OfferedVideo {
  const offered = offeredIn(section);
  const of = (codec: Codec) => offered.filter(({ encoding }) => encoding.split('/')[0]?.toUpperCase() === codec);
  return {
    ...line,
    mid: line.mid as string,
    formats: [...bestH264(of('H264')), ...allH265(of('H265'))],
    playoutDelayId: extensionId(section),
  };
}

/** The payload formats that a section offers by `a=rtpmap` and `a=fmtp`. */
function offeredIn(section: MediaSection): (Offered & { encoding: string })[] {
  const parameters = new Map(all(section, 'fmtp').map((value) => cut(value)));
  return all(section, 'rtpmap').flatMap((value) => {
    const [payload, encoding] = cut(value);
    const payloadType = toPayloadType(payload);
    const fmtp = parameters.get(payload) ?? '';
    return payloadType !== null && section.formats.includes(payload) && (fmtp === '' || printable.test(fmtp))
      ? [{ payloadType, encoding, parameters: fmtp }]
      : [];
  });
}

/** Splits at the first space. */
function cut(value: string): [string, string] {
  const space = value.indexOf(' ');
  return space === -1 ? [value, ''] : [value.slice(0, space), value.slice(space + 1).trim()];
}

/** Null for a number that RTP has not, or that cannot be told from RTCP (RFC 5761 section 4). */
function toPayloadType(text: string): number | null {
  const number = /^\d{1,3}$/.test(text) ? Number(text) : 128;
  return number > 127 || (number >= 64 && number <= 95) ? null : number;
}

/** Header extensions of one byte have the ids 1 to 14 (RFC 8285 section 4.2). */
function extensionId(section: MediaSection): number | null {
  for (const value of all(section, 'extmap')) {
    const [, id, uri] = /^(\d{1,5})(?:\/\w+)? (\S+)/.exec(value) ?? [];
    if (uri === playoutDelay && Number(id) >= 1 && Number(id) <= 14) {
      return Number(id);
    }
  }
  return null;
}

interface Offered {
  payloadType: number;
  parameters: string;
}

function bestH264(offered: readonly Offered[]): OfferedFormat[] {
  const rank = ({ parameters }: Offered) => {
    const profile = /profile-level-id=(..)/i.exec(parameters)?.[1]?.toLowerCase() ?? '';
    return profiles.includes(profile) ? profiles.indexOf(profile) : profiles.length;
  };
  return (
    offered
      // Without it each picture part would need a packet of its own (RFC 6184 section 6.2).
      .filter(({ parameters }) => parameters.includes('packetization-mode=1'))
      .toSorted((a, b) => rank(a) - rank(b))
      .slice(0, 1)
      .map(({ payloadType, parameters }) => ({ codec: 'H264', payloadType, parameters }))
  );
}

/**
 * One format for each profile; an offer that names none means 1, Main (RFC 7798 section 7.1). The level is not looked at,
 * nor is that of H.264: browsers name one below what they decode.
 */
function allH265(offered: readonly Offered[]): OfferedFormat[] {
  const byProfile = new Map<number, OfferedFormat>();
  for (const { payloadType, parameters } of offered) {
    const profile = Number(/(?:^|;)\s*profile-id=(\d{1,3})/i.exec(parameters)?.[1] ?? 1);
    // We send one stream of packets for each picture.
    if (!byProfile.has(profile) && !/tx-mode=(?!SRST)/i.test(parameters)) {
      byProfile.set(profile, { codec: 'H265', payloadType, parameters, profile });
    }
  }
  return [...byProfile.values()];
}
