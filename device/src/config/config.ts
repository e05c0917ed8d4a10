/** The device's configuration: go2rtc's YAML in, a typed value out, every mistake with its line. */

import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { type AccessConfig, toAccess } from './api-schema.ts';
import { ConfigError } from './config-error.ts';
import { type Environment, fillIn } from './environment.ts';
import type { ListenAddress } from './listen.ts';
import type { LogConfig } from './log-schema.ts';
import { type StaticCandidate, toGopLimits } from './media-schema.ts';
import { withoutForeign } from './passed-over.ts';
import { configSchema } from './schema.ts';
import { type StreamConfig, toStreamConfig } from './stream-config.ts';
import { findVariantMistake } from './variants.ts';
import { YamlFile } from './yaml-file.ts';

export interface Config {
  api: AccessConfig & { listen: ListenAddress };
  webrtc: {
    /** UDP, one port for all viewers; with port 0, a free one for each. */
    listen: ListenAddress;
    /** Addresses that are told to viewers beside those that the machine itself has. */
    candidates: StaticCandidate[];
    iceServers: { urls: string[]; username?: string; credential?: string }[];
  };
  multistream: {
    maxSlots: number;
    /** WebSockets at a time. */
    maxSessions: number;
    /** How long a stream stays warm after its last viewer, in milliseconds. */
    linger: number;
    /** What a stream keeps for those who join it. */
    gop: { units: number; bytes: number };
    /** Whether a viewer whose link is too thin gets smaller variants. */
    adaptive: boolean;
    /** Of memory, beyond which a camera's process is replaced. */
    cameraBytes: number;
  };
  streams: StreamConfig[];
  log: LogConfig;
  /** Whether a change of the file is applied as it is written. */
  watch: boolean;
  /** `file:line` of a key, for an error that shows only when the value is used. */
  where(...path: string[]): string;
  /** What was passed over, since it is go2rtc's alone: each with its place. */
  passedOver: string[];
}

export type { StreamConfig };

/** @throws {ConfigError} */
export function readConfig(file: string): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError('unreadable', file, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  return parseConfig(text, file);
}

/**
 * @param name of the file, for errors
 * @throws {ConfigError}
 */
export function parseConfig(text: string, name: string, environment: Environment = process.env): Config {
  const file = new YamlFile(text, name);
  const passedOver: string[] = [];
  const filled = fillIn(file.value, environment, (path, message) => file.fail('invalid-value', path, message));
  const known = withoutForeign(filled, (path, what) => passedOver.push(`${file.where(path)}: ${what}`));
  const result = v.safeParse(configSchema, known, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const path = (issue.path ?? []).map(({ key }) => key);
    const unknown = issue.type === 'strict_object' && issue.expected === 'never';
    return unknown
      ? file.fail('unknown-key', path, `unknown key "${path.join('.')}"; allowed: ${issue.message}`)
      : file.fail('invalid-value', path, `${path.join('.') || 'the file'}: ${explain(issue)}`);
  }

  const { api, webrtc, multistream, streams, preload, log, watch } = result.output;
  const named = Object.entries(streams).map(([name, entry]) => {
    try {
      return toStreamConfig(name, { ...entry, preload: entry.preload || preload.includes(name) });
    } catch (error) {
      return file.fail('invalid-value', ['streams', name], `streams.${name}: ${(error as Error).message}`);
    }
  });
  const absent = preload.find((name) => !Object.hasOwn(streams, name));
  if (absent !== undefined) {
    file.fail('invalid-value', ['preload', absent], `preload: there is no stream "${absent}"`);
  }
  const variant = findVariantMistake(named);
  if (variant !== null) {
    file.fail('invalid-value', ['streams', variant.name], `streams.${variant.name}: ${variant.message}`);
  }
  return {
    api: {
      listen: api.listen,
      ...toAccess(api, (key, message) => file.fail('invalid-value', ['api', key], `api.${key}: ${message}`)),
    },
    webrtc: { listen: webrtc.listen, candidates: webrtc.candidates, iceServers: webrtc.ice_servers },
    multistream: {
      maxSlots: multistream.max_slots,
      maxSessions: multistream.max_sessions,
      linger: multistream.linger,
      gop: toGopLimits(multistream),
      adaptive: multistream.adaptive,
      cameraBytes: multistream.camera_max_bytes,
    },
    streams: named,
    log,
    watch,
    where: (...path) => file.where(path),
    passedOver,
  };
}

/** A schema's own message says what is wrong; a type's says only what is allowed. The value itself may be a password. */
function explain(issue: v.BaseIssue<unknown>): string {
  return issue.kind === 'schema' ? `not ${kindOf(issue.input)}; allowed: ${issue.message}` : issue.message;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) {
    return 'nothing';
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  return (
    { object: 'a section', string: 'this text', number: 'a number' }[typeof value as string] ?? `a ${typeof value}`
  );
}
