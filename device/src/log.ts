import { fstatSync } from 'node:fs';
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

/** Every line is written at once. A file and a terminal take all of them; a pipe may be full. */
function openOutput(descriptor: number): DestinationStream {
  const kind = fstatSync(descriptor);
  return kind.isFIFO() || kind.isSocket()
    ? withoutWaiting(new Socket({ fd: descriptor, readable: false, writable: true }))
    : pino.destination({ dest: descriptor, sync: true });
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
        const notice = { level: 40, time: new Date().toISOString(), module: 'app', lines: leftOut };
        leftOut = 0;
        pipe.write(`${JSON.stringify({ ...notice, msg: 'the log was not read; lines are left out here' })}\n`);
      }
      pipe.write(line);
    },
  };
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
