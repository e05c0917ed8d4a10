/**
 * A stream's source as go2rtc writes it: a scheme, then `#key=value` parameters.
 * A new kind of source is a line in `schemes` and a case of `SourceConfig`.
 */

import { parseVirtualSource, type VirtualSource } from './virtual-source.ts';

export interface RtspSource {
  kind: 'rtsp';
  /** With user and password: never in a log or an answer. */
  url: string;
  transport: 'tcp' | 'udp';
}

/** Where a camera's pictures come from. */
export type SourceConfig = RtspSource | VirtualSource;

export interface EncodeOutput {
  kind: 'encode';
  /** Pixels; the aspect ratio is kept where one of them is missing, the source's size where both are. */
  width?: number;
  height?: number;
}

/** What becomes of them: passed on as they come, or decoded, scaled and encoded. */
export type OutputConfig = { kind: 'copy' } | EncodeOutput;

/** A source of its own, or a variant of another stream. */
export type StreamInput = { kind: 'source'; source: SourceConfig } | { kind: 'variant'; of: string };

export interface ParsedSource {
  input: StreamInput;
  output: OutputConfig;
}

const schemes: Record<string, (rest: string, text: string) => ParsedSource> = {
  rtsp: (_, text) => ({ input: { kind: 'source', source: parseRtsp(text) }, output: { kind: 'copy' } }),
  ffmpeg: parseFfmpeg,
};

const allowed =
  'rtsp://…, ffmpeg:NAME#video=h264#height=360 and ffmpeg:virtual?video=testsrc&size=720&rate=25#video=h264';

/** @throws {Error} whose message names what is allowed; it never holds the source itself, which may carry a password */
export function parseSource(text: string): ParsedSource {
  const colon = text.indexOf(':');
  const scheme = colon === -1 ? '' : text.slice(0, colon).toLowerCase();
  if (!Object.hasOwn(schemes, scheme)) {
    throw new Error(
      colon === -1 ? `a source has a scheme; allowed: ${allowed}` : `unknown scheme "${scheme}:"; allowed: ${allowed}`,
    );
  }
  return (schemes[scheme] as (typeof schemes)[string])(text.slice(colon + 1), text);
}

function parseRtsp(text: string): RtspSource {
  const { head, params } = splitParams(text, ['transport']);
  if (!URL.canParse(head) || new URL(head).hostname === '') {
    throw new Error('the RTSP address is not a URL such as rtsp://user:password@192.168.1.10:554/stream');
  }
  const transport = params.transport ?? 'tcp';
  if (transport !== 'tcp' && transport !== 'udp') {
    throw new Error(`#transport=${transport}: allowed: tcp, udp`);
  }
  return { kind: 'rtsp', url: head, transport };
}

function parseFfmpeg(rest: string): ParsedSource {
  const { head, params } = splitParams(rest, ['video', 'width', 'height']);
  const virtual = head === 'virtual' || head.startsWith('virtual?');
  return {
    input: virtual
      ? { kind: 'source', source: parseVirtualSource(head.slice('virtual?'.length)) }
      : parseFfmpegInput(head),
    output: parseOutput(params, virtual),
  };
}

function parseFfmpegInput(head: string): StreamInput {
  if (head.startsWith('rtsp://')) {
    return { kind: 'source', source: parseRtsp(head) };
  }
  if (head === '' || head.includes(':')) {
    throw new Error('after ffmpeg: comes the name of another stream, rtsp://…, or virtual?…');
  }
  return { kind: 'variant', of: head };
}

function parseOutput(params: Partial<Record<'video' | 'width' | 'height', string>>, virtual: boolean): OutputConfig {
  const { video = virtual ? 'h264' : 'copy', width, height } = params;
  if (video !== 'h264' && video !== 'copy') {
    throw new Error(`#video=${video}: allowed: h264, copy`);
  }
  if (video === 'copy') {
    if (virtual) {
      throw new Error('a virtual source has no encoded video to copy; allowed: #video=h264');
    }
    if (width !== undefined || height !== undefined) {
      throw new Error('a size needs an encoder: #video=h264#height=360');
    }
    return { kind: 'copy' };
  }
  return {
    kind: 'encode',
    ...(width === undefined ? {} : { width: pixels('width', width) }),
    ...(height === undefined ? {} : { height: pixels('height', height) }),
  };
}

/** H.264 in 4:2:0 has even sides. */
function pixels(key: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 16 || number > 8192 || number % 2 !== 0) {
    throw new Error(`#${key}=${value}: allowed: an even number of pixels from 16 to 8192`);
  }
  return number;
}

function splitParams<K extends string>(
  text: string,
  keys: readonly K[],
): { head: string; params: Partial<Record<K, string>> } {
  const [head = '', ...rest] = text.split('#');
  const params: Partial<Record<K, string>> = {};
  for (const param of rest) {
    const [key = '', ...value] = param.split('=');
    if (!(keys as readonly string[]).includes(key)) {
      throw new Error(`unknown parameter "#${key}"; allowed: ${keys.map((known) => `#${known}=`).join(', ')}`);
    }
    params[key as K] = value.join('=');
  }
  return { head, params };
}
