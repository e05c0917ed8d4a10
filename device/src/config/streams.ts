/** Reads the `streams` section, and resolves how its streams refer to each other. */

import * as v from 'valibot';
import { isRecord } from '../../../src/protocol/codec.ts';
import { byName, duration, flag, oneOrMore, parsed, section } from './fields.ts';
import type { PassOver } from './go2rtc.ts';
import type { EncodeOutput } from './output.ts';
import { forSoundAlone, type SoundOffer } from './sound.ts';
import {
  NoSource,
  type OwnSource,
  parseSourceLine,
  type SourceLine,
  type UnsupportedSource,
  type VariantSource,
} from './source.ts';
import type { Path } from './yaml-file.ts';

/** One stream: the source of its pictures, and how long they are kept up. */
export interface StreamConfig {
  name: string;
  /**
   * Sources of its own, of which the next is tried when one fails; another stream's pictures in another form; or the
   * reason for which the stream is offline. A variant's parent is always there, and never the variant itself.
   */
  input: { kind: 'own'; sources: OwnSource[] } | VariantSource | UnsupportedSource;
  /** Warm from the start, and again after every failure. */
  preload: boolean;
  /** How long it stays warm after its last viewer, in milliseconds; undefined: as `multistream.linger` says. */
  linger: number | undefined;
  /** Whether pictures that a viewer cannot take are encoded for it; otherwise it is refused. */
  transcode: boolean;
  /** How they are encoded; by default as the device thinks best. */
  encoded?: EncodeOutput;
  /** The forms in which its sound is offered, `copy` being those of its source; absent: those alone. */
  sound?: readonly SoundOffer[];
}

/** A source, and where it stands below its stream. */
type Line = SourceLine & { at: Path };

interface Entry {
  lines: Line[];
  preload: boolean;
  linger: number | undefined;
  transcode: boolean;
}

const what = 'a source such as "rtsp://192.168.1.10/stream", a list of them, or {source, preload, linger, transcode}';

/** go2rtc passes over items of a list that are no text. */
const item = v.pipe(
  v.unknown(),
  parsed((value): SourceLine => (typeof value === 'string' ? parseSourceLine(value) : unsupported(noSource(value)))),
);

function noSource(value: unknown): string {
  return value instanceof NoSource ? value.reason : 'not a source';
}

function unsupported(reason: string): SourceLine {
  return { source: { kind: 'unsupported', reason }, ignored: [] };
}

const one = v.pipe(
  v.string(what),
  parsed((text): Line[] => [{ ...parseSourceLine(text), at: [] }]),
);
const several = v.pipe(
  v.array(item),
  v.transform((lines): Line[] => lines.map((line, index) => ({ ...line, at: [index] }))),
);
const unset = v.pipe(
  v.unknown(),
  v.transform((value): Line[] => [{ ...unsupported(noSource(value)), at: [] }]),
);
/** go2rtc's form of a stream that others publish into. */
const none = v.pipe(
  v.unknown(),
  v.transform((): Line[] => []),
);

const sources = v.lazy((value): v.GenericSchema<unknown, Line[]> => {
  if (value === null || value === '') {
    return none;
  }
  if (value instanceof NoSource) {
    return unset;
  }
  return Array.isArray(value) ? several : one;
});

const details = {
  preload: v.nullish(flag, 'false'),
  linger: v.nullish(duration),
  transcode: v.nullish(flag, 'true'),
};

/** `source` is ours, `url` go2rtc's. */
function detailed(key: 'source' | 'url') {
  return v.pipe(
    section({ [key]: v.optional(sources, null), ...details }),
    v.transform(({ preload, linger, transcode, ...rest }): Entry => {
      const lines = (rest as Record<typeof key, Line[]>)[key];
      return {
        lines: lines.map((line) => ({ ...line, at: [key, ...line.at] })),
        preload,
        linger: linger ?? undefined,
        transcode,
      };
    }),
  );
}
const withSource = detailed('source');
const withUrl = detailed('url');

const plain = v.pipe(
  sources,
  v.transform((lines): Entry => ({ lines, preload: false, linger: undefined, transcode: true })),
);

/** Streams by name: go2rtc's source or list of sources, or an object of ours that says more. */
export const streamsSchema = byName(
  v.lazy((value): v.GenericSchema<unknown, Entry> => {
    if (isRecord(value) && !(value instanceof NoSource)) {
      return Object.hasOwn(value, 'url') ? withUrl : withSource;
    }
    return plain;
  }),
  'a section of streams by name',
);

/** Whether a source stands at this place of the file. */
export function isPlaceOfSource([section, , key, ...rest]: Path): boolean {
  const isBelow = key === undefined || typeof key === 'number' || key === 'source' || key === 'url';
  return section === 'streams' && isBelow && rest.length < 2;
}

/** go2rtc's `preload: {camera1: "video"}`, whose queries have no meaning here; also a list of names. */
export const preloadSchema = v.pipe(
  v.lazy(
    (value): v.GenericSchema<unknown, string[]> =>
      isRecord(value)
        ? v.pipe(
            v.custom<Record<string, unknown>>(isRecord),
            v.transform((names) => Object.keys(names)),
          )
        : oneOrMore('the name of a stream'),
  ),
);

/** Drops the sources that the device cannot open, and gives every variant a parent or a reason to be offline. */
export function toStreams(
  entries: ReadonlyMap<string, Entry>,
  preload: readonly string[],
  passOver: PassOver,
): StreamConfig[] {
  for (const name of preload) {
    if (!entries.has(name)) {
      passOver(['preload', name], `preload: there is no stream "${name}"`);
    }
  }
  const warm = new Set(preload);
  const named = [...entries].filter(([name]) => name !== '');
  if (named.length < entries.size) {
    passOver(['streams', ''], 'streams: the empty name is that of a slot without a stream; allowed: any other');
  }
  const streams = named.map(([name, entry]): StreamConfig => {
    const { preload, linger, transcode, lines } = entry;
    const tell = ({ at }: Pick<Line, 'at'>, message: string) =>
      passOver(['streams', name, ...at], `streams.${name}: ${message}`);
    return {
      name,
      ...choose(name, lines, (of) => entries.has(of), tell),
      preload: preload || warm.has(name),
      linger,
      transcode,
    };
  });
  return withParents(streams, (name, message) =>
    passOver(['streams', name, ...placeOfVariant(entries.get(name))], `streams.${name}: ${message}`),
  );
}

function placeOfVariant(entry: Entry | undefined): Path {
  return entry?.lines.find(({ source }) => source.kind === 'variant')?.at ?? [];
}

/** Chooses the sources that count, and the stream's encoded form if a source names the stream itself. */
function choose(
  name: string,
  lines: readonly Line[],
  isThere: (name: string) => boolean,
  tell: (line: Pick<Line, 'at'>, message: string) => void,
): Pick<StreamConfig, 'input' | 'encoded' | 'sound'> {
  const sources: OwnSource[] = [];
  const reasons: string[] = [];
  let variant: VariantSource | undefined;
  let encoded: EncodeOutput | undefined;
  const sound: SoundOffer[] = [];
  const hasOwn = lines.some(({ source }) => source.kind === 'own');
  for (const line of lines) {
    const { source, ignored } = line;
    if (ignored.length > 0) {
      tell(line, `${ignored.join(', ')} ${ignored.length > 1 ? 'mean' : 'means'} nothing here`);
    }
    if (source.kind === 'unsupported') {
      reasons.push(source.reason);
      tell(line, source.reason);
    } else if (source.kind === 'own') {
      sources.push(source);
    } else if (source.of === name && (hasOwn || lines.length > 1)) {
      // go2rtc's way to offer the stream encoded for those who cannot take it as it comes.
      encoded ??= source.kind === 'variant' && source.output.kind === 'encode' ? source.output : undefined;
      sound.push(...(source.sound ?? []));
    } else if (source.kind === 'sound' && source.of === variant?.of) {
      sound.push(...source.sound);
    } else if (source.kind === 'sound') {
      reasons.push(forSoundAlone);
      tell(line, forSoundAlone);
    } else if (hasOwn || variant !== undefined) {
      const why = 'a variant of another stream counts only where a stream has no other source';
      tell(line, isThere(source.of) ? why : missing(source.of));
    } else {
      variant = source;
    }
  }
  if (sources.length > 0) {
    return {
      input: { kind: 'own', sources },
      ...(encoded === undefined ? {} : { encoded }),
      ...(sound.length === 0 ? {} : { sound: offersOf(['copy'], sound) }),
    };
  }
  if (variant !== undefined) {
    const { sound: own = ['copy'] } = variant;
    return {
      input: variant,
      ...(variant.sound === undefined && sound.length === 0 ? {} : { sound: offersOf(own, sound) }),
    };
  }
  const [reason = 'the stream has no source, and nothing can be published into it here'] = reasons;
  if (reasons.length === 0) {
    tell({ at: [] }, reason);
  }
  return { input: { kind: 'unsupported', reason } };
}

function offersOf(...offers: (readonly SoundOffer[])[]): SoundOffer[] {
  return [...new Set(offers.flat())];
}

function missing(name: string): string {
  return `there is no stream "${name}"`;
}

/** The most variants between a stream and its root. */
const deepest = 8;

/** Takes a variant without a camera at its root offline, with the reason. */
function withParents(streams: readonly StreamConfig[], tell: (name: string, message: string) => void): StreamConfig[] {
  const byName = new Map(streams.map((stream) => [stream.name, stream]));
  return streams.map((stream) => {
    const seen = [stream.name];
    let { input } = stream;
    while (input.kind === 'variant') {
      const parent = byName.get(input.of);
      let reason: string | undefined;
      if (parent === undefined) {
        reason = missing(input.of);
      } else if (seen.includes(parent.name)) {
        reason = `a variant of itself (${[...seen, parent.name].join(' → ')})`;
      } else if (seen.length > deepest) {
        reason = `a variant of a variant, and so on; allowed: ${deepest} of them`;
      }
      if (reason !== undefined || parent === undefined) {
        input = { kind: 'unsupported', reason: reason as string };
        tell(stream.name, input.reason);
      } else {
        seen.push(parent.name);
        input = parent.input;
      }
    }
    return input.kind === 'unsupported' ? { ...stream, input } : stream;
  });
}

/** The stream at the root of a variant's tree. */
export function rootOf(streams: ReadonlyMap<string, StreamConfig>, stream: StreamConfig): StreamConfig {
  const parent = stream.input.kind === 'variant' ? streams.get(stream.input.of) : undefined;
  return parent === undefined ? stream : rootOf(streams, parent);
}
