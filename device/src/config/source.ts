/**
 * A stream's source as go2rtc writes it: a scheme, then `#key=value` parameters.
 * A new kind of source is a line in `schemes` and a case of `SourceConfig`.
 */

import { type OutputConfig, outputKeys, parseOutput } from './output.ts';
import { splitParams } from './params.ts';
import { parseVirtualSource, type VirtualSource } from './virtual-source.ts';

export interface RtspSource {
  kind: 'rtsp';
  /** `rtsp://` or `rtsps://`, with user and password: never in a log or an answer. */
  url: string;
  transport: 'tcp' | 'udp';
}

/** What FFmpeg opens over HTTP: MJPEG, MPEG-TS, FLV, HLS. */
export interface HttpSource {
  kind: 'http';
  /** With user and password: never in a log or an answer. */
  url: string;
}

/** A recording, played in real time, again and again. */
export interface FileSource {
  kind: 'file';
  path: string;
}

/** Where a camera's pictures come from. */
export type SourceConfig = RtspSource | HttpSource | FileSource | VirtualSource;

/** A source, and what becomes of its pictures. */
export interface OwnSource {
  kind: 'own';
  source: SourceConfig;
  output: OutputConfig;
}

/** Another stream's pictures, in another form. */
export interface VariantSource {
  kind: 'variant';
  of: string;
  output: OutputConfig;
}

export type ParsedSource = OwnSource | VariantSource;

const schemes: Record<string, (text: string) => ParsedSource> = {
  rtsp: passOn(parseRtsp),
  rtsps: passOn(parseRtsp),
  http: passOn(parseHttp),
  https: passOn(parseHttp),
  file: passOn(parseFile),
  ffmpeg: parseFfmpeg,
};

/** Schemes of go2rtc that run a command of the configuration's choosing. */
const commands = ['exec', 'echo', 'expr', 'pipe'];

const allowed =
  'rtsp://…, rtsps://…, http(s)://…, file:PATH, ffmpeg:NAME#video=h264#height=360 and ffmpeg:virtual?video=testsrc&size=720&rate=25#video=h264';

/** @throws {Error} whose message names what is allowed; it never holds the source itself, which may carry a password */
export function parseSource(source: string): ParsedSource {
  const text = source.trim();
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    throw new Error(`a source has a scheme; allowed: ${allowed}`);
  }
  if (commands.includes(scheme)) {
    throw new Error(`"${scheme}:" runs a command, which this device never does; allowed: ${allowed}`);
  }
  const parse = Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined;
  if (parse === undefined) {
    throw new Error(`unknown scheme "${scheme}:"; allowed: ${allowed}`);
  }
  return parse(text);
}

function passOn(parse: (text: string) => SourceConfig): (text: string) => ParsedSource {
  return (text) => ({ kind: 'own', source: parse(text), output: { kind: 'copy' } });
}

function parseRtsp(text: string): RtspSource {
  const { head, params } = splitParams(text, ['transport']);
  checkAddress(head, 'rtsp://user:password@192.168.1.10:554/stream');
  const transport = params.transport ?? 'tcp';
  if (transport !== 'tcp' && transport !== 'udp') {
    throw new Error('#transport: allowed: tcp, udp');
  }
  return { kind: 'rtsp', url: head, transport };
}

function parseHttp(text: string): HttpSource {
  const { head } = splitParams(text, []);
  checkAddress(head, 'http://user:password@192.168.1.10/video.m3u8');
  return { kind: 'http', url: head };
}

function parseFile(text: string): FileSource {
  const { head } = splitParams(text, []);
  const path = head.replace(/^file:(\/\/)?/, '');
  if (path === '') {
    throw new Error('after file: comes the path of a recording');
  }
  return { kind: 'file', path };
}

function parseFfmpeg(text: string): ParsedSource {
  const [head = '', ...all] = text.slice('ffmpeg:'.length).split('#');
  if (head === 'virtual' || head.startsWith('virtual?')) {
    const source = parseVirtualSource(head.slice('virtual?'.length));
    const output = parseOutput({ video: 'h264', ...splitParams(text, outputKeys).params });
    if (output.kind === 'copy') {
      throw new Error('a virtual source has no encoded video to copy; allowed: #video=h264');
    }
    return { kind: 'own', source, output };
  }
  if (/^[a-z][a-z\d+.-]*:/i.test(head) || head.startsWith('/')) {
    const isOutput = (param: string) => (outputKeys as readonly string[]).includes(param.split('=')[0] as string);
    const output = parseOutput(splitParams(['', ...all.filter(isOutput)].join('#'), outputKeys).params);
    const inner = [head.startsWith('/') ? `file:${head}` : head, ...all.filter((param) => !isOutput(param))].join('#');
    const parsed = inner.startsWith('ffmpeg:') ? null : parseSource(inner);
    if (parsed?.kind !== 'own') {
      throw new Error(`after ffmpeg: comes the name of another stream or a source; allowed: ${allowed}`);
    }
    return { ...parsed, output };
  }
  const output = parseOutput(splitParams(text, outputKeys).params);
  if (head === '') {
    throw new Error('after ffmpeg: comes the name of another stream, rtsp://…, or virtual?…');
  }
  return { kind: 'variant', of: head, output };
}

function checkAddress(text: string, example: string): void {
  if (/\p{Cc}/u.test(text) || !URL.canParse(text) || new URL(text).hostname === '') {
    throw new Error(
      `the address is not a URL such as ${example}; in a password "@" is written %40, "/" %2F, ":" %3A, "#" %23`,
    );
  }
}
