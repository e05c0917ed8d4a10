/**
 * A stream's source as go2rtc writes it: a scheme, then `#key=value` parameters.
 * A new kind of source is a line in `schemes` and a case of `SourceConfig`.
 */

import { type OutputConfig, outputKeys, parseOutput } from './output.ts';
import { isTypingErrorOf, type Params, splitParams, Unsupported } from './params.ts';
import { forSoundAlone, leavesSoundOut, parseSound, type SoundOffer } from './sound.ts';
import { parseVirtualSource, type VirtualSource } from './virtual-source.ts';

export interface RtspSource {
  kind: 'rtsp';
  /** `rtsp://` or `rtsps://`, with user and password: never in a log or an answer. */
  url: string;
  transport: 'tcp' | 'udp';
  /** Checks the camera's certificate, over TLS; absent: any certificate is good. */
  verifyCertificate?: true;
  /** `ffmpeg` lets FFmpeg read the camera; by default the device reads it itself. */
  reader?: 'ffmpeg';
  /** The forms in which its sound is offered; empty: none; absent: as it comes. */
  sound?: readonly SoundOffer[];
}

/** A source over HTTP, which FFmpeg opens: MJPEG, MPEG-TS, FLV, HLS. */
export interface HttpSource {
  kind: 'http';
  /** With user and password: never in a log or an answer. */
  url: string;
  sound?: readonly SoundOffer[];
}

/** A recording, played in real time, again and again. */
export interface FileSource {
  kind: 'file';
  path: string;
  sound?: readonly SoundOffer[];
}

/** The origin of a camera's pictures. */
export type SourceConfig = RtspSource | HttpSource | FileSource | VirtualSource;

/** A source, and what becomes of its pictures. */
export interface OwnSource {
  kind: 'own';
  source: SourceConfig;
  output: OutputConfig;
}

/** Another stream's pictures in another form. */
export interface VariantSource {
  kind: 'variant';
  of: string;
  output: OutputConfig;
  /** The forms in which the sound is offered; absent: as with the other stream. */
  sound?: readonly SoundOffer[];
}

/** More forms of a stream's sound. */
export interface SoundSource {
  kind: 'sound';
  of: string;
  sound: readonly SoundOffer[];
}

/** A source of go2rtc's that this device cannot open. */
export interface UnsupportedSource {
  kind: 'unsupported';
  /** Fit to be shown: it never holds the source itself. */
  reason: string;
}

/** Takes the place of a text in the file from which no source can be read. */
export class NoSource {
  /** Fit to be shown. */
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export type ParsedSource = OwnSource | VariantSource | SoundSource | UnsupportedSource;

/** A source as the file has it. */
export interface SourceLine {
  source: ParsedSource;
  /** Parameters that mean nothing here, as they may be shown. */
  ignored: readonly string[];
}

type Parse = (text: string) => { source: OwnSource | VariantSource | SoundSource; ignored?: readonly string[] };

const schemes = new Map<string, Parse>([
  ['rtsp', parseRtsp],
  ['rtsps', parseRtsp],
  // go2rtc's names for TLS whose certificate is not checked, as this device does unless it is told to.
  ['rtspx', parseUnchecked],
  ['http', parseHttp],
  ['https', parseHttp],
  ['httpx', (text) => parseHttp(text.replace(/^httpx/i, 'https'))],
  ['file', parseFile],
  ['ffmpeg', parseFfmpeg],
]);

/** The URL schemes of sources. */
export const sourceSchemes: readonly string[] = [...schemes.keys()];

/** Schemes of go2rtc that run a command of the configuration's choosing. */
const commands = ['echo', 'exec', 'expr', 'pipe'];

/** Every other scheme that go2rtc reads (1.9.14, and the names of former versions). */
const foreign = [
  ...['alsa', 'bubble', 'device', 'doorbird', 'dvrip', 'eseecloud', 'flussonic', 'gopro', 'hass', 'homekit', 'isapi'],
  ...['ivideon', 'kasa', 'mpegts', 'multitrans', 'nest', 'onvif', 'ring', 'roborock', 'rtmp', 'rtmps', 'rtmpx', 'rtp'],
  ...[
    'srt',
    'tapo',
    'tcp',
    'tuya',
    'udp',
    'v4l2',
    'vigi',
    'webrtc',
    'webtorrent',
    'wyoming',
    'wyze',
    'xiaomi',
    'yandex',
  ],
];

const allowed =
  'rtsp://…, rtsps://…, http(s)://…, file:PATH, ffmpeg:NAME#video=h264#height=360 and ffmpeg:virtual?video=testsrc&size=720&rate=25#video=h264';

/** Tells whether go2rtc opens sources of this scheme, and this device none of them. */
export function isForeignSource(text: string): boolean {
  const scheme = schemeOf(text.trim().replace(/^ffmpeg:/i, ''));
  return scheme !== undefined && (commands.includes(scheme) || foreign.includes(scheme));
}

/**
 * Reads a source. It is `unsupported`, with the reason, if this device does not have its scheme, or if its address cannot be
 * read: go2rtc starts with such a file, too.
 * @throws {Error} for a mistake in a source of ours; its message names what is allowed; it never holds the source itself, which may carry a password
 */
export function parseSource(line: string): ParsedSource {
  return parseSourceLine(line).source;
}

/** The same, with the parameters that are passed over. */
export function parseSourceLine(line: string): SourceLine {
  const text = line.trim();
  try {
    const scheme = schemeOf(text);
    if (scheme === undefined) {
      throw new Unsupported(`a source has a scheme; allowed: ${allowed}`);
    }
    refuseForeign(scheme);
    const parse = schemes.get(scheme);
    if (parse === undefined) {
      throw unknownScheme(scheme);
    }
    return { ignored: [], ...parse(text) };
  } catch (error) {
    if (error instanceof Unsupported) {
      return { source: { kind: 'unsupported', reason: error.message }, ignored: [] };
    }
    throw error;
  }
}

/** Without a dot: `camera.local:554` is an address that lacks its scheme. */
function schemeOf(text: string): string | undefined {
  return /^([a-z][a-z\d+-]*):/i.exec(text)?.[1]?.toLowerCase();
}

/** go2rtc starts with a scheme that it does not know, and its later versions know more of them. */
function unknownScheme(scheme: string): Error {
  const meant = sourceSchemes.find((known) => isTypingErrorOf(known, scheme));
  return meant === undefined
    ? notAvailable(scheme)
    : new Error(`unknown scheme "${scheme}:", probably ${meant}:; allowed: ${allowed}`);
}

function notAvailable(scheme: string): Unsupported {
  return new Unsupported(`"${scheme}:" sources are not available on this device`);
}

/** @throws {Unsupported} */
function refuseForeign(scheme: string): void {
  if (commands.includes(scheme)) {
    throw new Unsupported(`"${scheme}:" runs a command, which this device never does`);
  }
  if (foreign.includes(scheme)) {
    throw notAvailable(scheme);
  }
}

function asItComes(source: SourceConfig, { ignored }: Pick<Params<never>, 'ignored'>): ReturnType<Parse> {
  return { source: { kind: 'own', source, output: { kind: 'copy' } }, ignored };
}

function parseUnchecked(text: string): ReturnType<Parse> {
  if (/#tls_verify(=|#|$)/.test(text)) {
    throw new Error('rtspx: is RTSP over TLS without a check of the certificate; allowed: rtsps:…#tls_verify');
  }
  return parseRtsp(text.replace(/^rtspx/i, 'rtsps'));
}

const rtspKeys = ['transport', 'tls_verify'] as const;
const mediaKey = 'media';

function parseRtsp(text: string): ReturnType<Parse> {
  const { head, params, ignored } = splitParams(text, [...rtspKeys, mediaKey]);
  checkAddress(head, 'rtsp://user:password@192.168.1.10:554/stream');
  const transport = (params.transport ?? 'tcp').toLowerCase();
  if (/^wss?:/.test(transport)) {
    throw new Unsupported(
      'RTSP over a WebSocket is not available on this device; allowed: #transport=tcp, #transport=udp',
    );
  }
  if (transport !== 'tcp' && transport !== 'udp') {
    throw new Error('#transport: allowed: tcp, udp');
  }
  const sound = leavesSoundOut(params.media) ? { sound: [] } : {};
  if (params.tls_verify === undefined) {
    return asItComes({ kind: 'rtsp', url: head, transport, ...sound }, { ignored });
  }
  if (!/^rtsps:/i.test(head)) {
    throw new Error('#tls_verify checks a certificate, and only rtsps: has one');
  }
  return asItComes({ kind: 'rtsp', url: head, transport, verifyCertificate: true, ...sound }, { ignored });
}

function parseHttp(text: string): ReturnType<Parse> {
  const { head, ignored } = splitParams(text, []);
  checkAddress(head, 'http://user:password@192.168.1.10/video.m3u8');
  return asItComes({ kind: 'http', url: head }, { ignored });
}

function parseFile(text: string): ReturnType<Parse> {
  const { head, ignored } = splitParams(text, []);
  const path = head.replace(/^file:(\/\/)?/i, '');
  if (path === '') {
    throw new Error('after file: comes the path of a recording');
  }
  return asItComes({ kind: 'file', path }, { ignored });
}

function parseFfmpeg(text: string): ReturnType<Parse> {
  const input = text.slice('ffmpeg:'.length);
  const [head = '', ...all] = input.split('#');
  const [name = ''] = head.split('?');
  if (name === 'virtual') {
    const { params, ignored } = splitParams(text, outputKeys);
    const source = parseVirtualSource(head.slice('virtual?'.length));
    const output = parseOutput({ video: 'h264', ...params });
    if (output.kind === 'copy') {
      throw new Error('a virtual source has no encoded video to copy; allowed: #video=h264');
    }
    return { source: { kind: 'own', source, output }, ignored };
  }
  if (head !== name && (name === 'device' || name === 'tts')) {
    throw new Unsupported(`"ffmpeg:${name}" is not available on this device`);
  }
  const scheme = head.startsWith('/') ? 'file' : schemeOf(head);
  if (scheme !== undefined && (head.startsWith('/') || isSource(head, scheme))) {
    return parseFfmpegInput(head.startsWith('/') ? `file:${head}` : head, scheme, all);
  }
  const { params, ignored } = splitParams(text, outputKeys);
  const { sound, ignored: unknown } = parseSound(all);
  if (head === '') {
    throw new Error('after ffmpeg: comes the name of another stream, rtsp://…, or virtual?…');
  }
  const isForSoundAlone = sound !== undefined && params.video === undefined;
  return {
    source: isForSoundAlone
      ? { kind: 'sound', of: head, sound }
      : { kind: 'variant', of: head, output: parseOutput(params), ...(sound === undefined ? {} : { sound }) },
    ignored: [...ignored, ...unknown],
  };
}

/** A stream's name may have a colon too. */
function isSource(head: string, scheme: string): boolean {
  return head.startsWith(`${scheme}://`) || schemes.has(scheme) || isForeignSource(head);
}

/** A source that go2rtc hands to the FFmpeg program, which takes more than go2rtc does itself. */
function parseFfmpegInput(head: string, scheme: string, all: readonly string[]): ReturnType<Parse> {
  refuseForeign(scheme);
  const parse = scheme === 'ffmpeg' ? undefined : schemes.get(scheme);
  if (parse === undefined) {
    throw new Unsupported(`"${scheme}:" behind "ffmpeg:" is not available on this device`);
  }
  const isOwn = (param: string) => rtspKeys.some((key) => key === param.split('=')[0]);
  const inner = parse([head, ...all.filter(isOwn)].join('#'));
  const { params, ignored } = splitParams(['', ...all.filter((param) => !isOwn(param))].join('#'), outputKeys);
  const { sound, ignored: unknown } = parseSound(all);
  if (sound !== undefined && params.video === undefined) {
    throw new Unsupported(forSoundAlone);
  }
  const { source } = inner.source as OwnSource;
  const read: SourceConfig = {
    ...source,
    // As in go2rtc, whose users write it for cameras that FFmpeg reads better.
    ...(source.kind === 'rtsp' && { reader: 'ffmpeg' }),
    // go2rtc leaves out what is not named, if anything is.
    ...(params.video !== undefined && { sound: sound ?? [] }),
  } as SourceConfig;
  return {
    source: { kind: 'own', source: read, output: parseOutput(params) },
    ignored: [...ignored, ...unknown],
  };
}

function checkAddress(text: string, example: string): void {
  if (/^[^/]*\/\/([^/?#]*@)?\[[^\]]*%/.test(text)) {
    throw new Unsupported('IPv6 addresses with a zone are not available on this device; allowed: one without "%"');
  }
  if (/\p{Cc}/u.test(text) || !URL.canParse(text) || new URL(text).hostname === '') {
    throw new Unsupported(
      `the address is not a URL such as ${example}; in a password "@" is written %40, "/" %2F, ":" %3A, "#" %23`,
    );
  }
}
