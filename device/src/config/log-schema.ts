import * as v from 'valibot';

/** As pino names them, and what go2rtc's names for the same are. */
const levels = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  error: 'error',
  fatal: 'fatal',
  panic: 'fatal',
  disabled: 'silent',
} as const;
export type LogLevel = (typeof levels)[keyof typeof levels];

const level = v.pipe(
  v.picklist(Object.keys(levels) as (keyof typeof levels)[], Object.keys(levels).join(', ')),
  v.transform((name) => levels[name]),
);

export interface LogConfig {
  format: 'json' | 'text' | 'color';
  /** Of the modules that are not named. */
  level: LogLevel;
  modules: Record<string, LogLevel>;
}

/** go2rtc's section: a level for all, and one for each module; it has more modules than this device. */
export const logSchema = v.pipe(
  v.objectWithRest(
    {
      format: v.optional(v.picklist(['json', 'text', 'color'], 'json, text, color'), 'json'),
      level: v.optional(level, 'info'),
      // go2rtc's; ours writes to standard error, with the time as ISO 8601.
      output: v.exactOptional(v.unknown()),
      time: v.exactOptional(v.unknown()),
    },
    level,
    'a section with keys',
  ),
  v.transform(({ format, level, output: _, time: __, ...modules }): LogConfig => ({ format, level, modules })),
);
