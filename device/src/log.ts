import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { LogConfig } from './config/log-schema.ts';

/** The parts of the device that log, under the names that go2rtc has for theirs where it has one. */
export type LogModule = 'app' | 'api' | 'streams' | 'multistream' | 'webrtc';

export type Logs = Record<LogModule, Logger>;

const modules: readonly LogModule[] = ['app', 'api', 'streams', 'multistream', 'webrtc'];

/** A logger for each module, at its own level, all on standard error: standard output is for the address alone. */
export function openLogs({ format, level, modules: levels }: LogConfig, output = 2): Logs {
  const destination =
    format === 'json'
      ? pino.destination({ dest: output, sync: true })
      : pretty({
          destination: output,
          sync: true,
          singleLine: true,
          colorize: format === 'color',
          translateTime: 'UTC:yyyy-mm-dd HH:MM:ss.l',
        });
  const log = pino(
    { base: null, level, timestamp: pino.stdTimeFunctions.isoTime, hooks: { streamWrite: withoutSecrets } },
    destination,
  );
  return Object.fromEntries(
    modules.map((module) => [module, log.child({ module }, { level: levels[module] ?? level })]),
  ) as Logs;
}

/**
 * The last line of defence: nobody logs a password, but a library's message may repeat the address that it was given.
 * @param line as it is written, JSON
 */
export function withoutSecrets(line: string): string {
  return line
    .replaceAll(/(\b[a-z][a-z\d+.-]*:\/\/)[^\s"\\]*@/gi, '$1***@')
    .replaceAll(/([?&](?:token|password|passwd|pwd)=)[^\s&#"\\]+/gi, '$1***');
}
