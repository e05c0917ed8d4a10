import { fstatSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { type DestinationStream, type Logger, pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { LogConfig } from './config/config.ts';

/** The parts of the device that log, under the names that go2rtc has for theirs where it has one. */
export type LogModule = 'app' | 'api' | 'streams' | 'multistream' | 'webrtc';

export type Logs = Record<LogModule, Logger>;

const modules: readonly LogModule[] = ['app', 'api', 'streams', 'multistream', 'webrtc'];

/** Bytes that may wait for the reader of the log; further lines are left out. */
const longestBacklog = 1024 * 1024;

/** A logger for each module, at its own level, all on standard error: standard output is for the address alone. */
export function openLogs({ format, level, modules: levels }: LogConfig, descriptor = 2): Logs {
  const output = openOutput(descriptor);
  const prettify = prettyFactory({
    singleLine: true,
    colorize: format === 'color',
    translateTime: 'UTC:yyyy-mm-dd HH:MM:ss.l',
  });
  const log = pino(
    { base: null, level, timestamp: pino.stdTimeFunctions.isoTime, hooks: { streamWrite: withoutSecrets } },
    format === 'json' ? output : { write: (line) => output.write(prettify(line)) },
  );
  return Object.fromEntries(
    modules.map((module) => [module, log.child({ module }, { level: levels[module] ?? level })]),
  ) as Logs;
}

function openOutput(descriptor: number): DestinationStream {
  const kind = fstatSync(descriptor);
  return kind.isFIFO() || kind.isSocket()
    ? withoutWaiting(new Socket({ fd: descriptor, readable: false, writable: true }))
    : atOnce(descriptor);
}

/** A file and a terminal take each line at once. A full disk takes none, and must not end the device: lines are left out then. */
function atOnce(descriptor: number): DestinationStream {
  let leftOut = 0;
  /** The disk became full within a line. */
  let isCut = false;
  return {
    write: (line) => {
      const notice = leftOut > 0 ? noticeOf(leftOut, 'the log could not be written') : '';
      const bytes = Buffer.from(`${isCut ? '\n' : ''}${notice}${line}`);
      let written = 0;
      try {
        while (written < bytes.length) {
          written += writeSync(descriptor, bytes, written);
        }
        leftOut = 0;
        isCut = false;
      } catch {
        leftOut++;
        isCut ||= written > 0;
      }
    },
  };
}

/** A pipe is full when its reader stands still. To wait for it would stop the device, so lines are left out then. */
function withoutWaiting(pipe: Socket): DestinationStream {
  let leftOut = 0;
  // The reader is gone, and nothing else could be told of that.
  pipe.on('error', () => {});
  pipe.unref();
  return {
    write: (line) => {
      if (pipe.destroyed || pipe.writableLength > longestBacklog) {
        leftOut++;
        return;
      }
      if (leftOut > 0) {
        pipe.write(noticeOf(leftOut, 'the log was not read'));
        leftOut = 0;
      }
      pipe.write(line);
    },
  };
}

function noticeOf(lines: number, why: string): string {
  const notice = { level: 40, time: new Date().toISOString(), module: 'app', lines };
  return `${JSON.stringify({ ...notice, msg: `${why}; lines are left out here` })}\n`;
}

/** A run of characters without white space, in the text of a JSON string: an escaped quote or backslash is part of it. */
const word = /(?:[^\s"\\]|\\["\\/])+/g;
const secretParameter = /([?&][\w.-]*(?:token|passw(?:or)?d|pwd)=)[^&#]+/gi;

/**
 * The last line of defence: the device logs no password itself, but a library's message may repeat the address that it
 * was given.
 * @param line as it is written, JSON
 */
export function withoutSecrets(line: string): string {
  return line.replaceAll(word, (text) => {
    const scheme = text.indexOf('://');
    const end = text.lastIndexOf('@');
    const address = scheme === -1 || end < scheme ? text : `${text.slice(0, scheme)}://***${text.slice(end)}`;
    return address.replaceAll(secretParameter, '$1***');
  });
}
