import * as v from 'valibot';
import { isRecord } from '../../../src/protocol/codec.ts';
import { duration, oneOrMore, parsed, section } from './parsed.ts';
import { parseSource } from './source.ts';
import type { StreamEntry } from './stream-config.ts';

const what = 'a source such as "rtsp://192.168.1.10/stream", a list of them, or {source, preload, linger, transcode}';

const sources = v.pipe(
  oneOrMore(what),
  v.minLength(1, `an empty list; allowed: ${what}`),
  parsed((list) => list.map(parseSource)),
);

const plain = v.pipe(
  sources,
  v.transform((list): StreamEntry => ({ sources: list, preload: false, linger: undefined, transcode: true })),
);

const detailed = v.pipe(
  section({
    source: sources,
    preload: v.optional(v.boolean('true or false'), false),
    linger: v.optional(duration),
    transcode: v.optional(v.boolean('true or false'), true),
  }),
  v.transform(({ source, linger, ...rest }): StreamEntry => ({ sources: source, linger, ...rest })),
);

const nameless = 'the empty name is that of a slot without a stream; allowed: any other';
/** Names of what every object has; valibot leaves them out without a word. */
const taken = ['__proto__', 'prototype', 'constructor'];

/** Streams by name: go2rtc's source or list of sources, or an object of ours with more to say. */
export const streamsSchema = v.pipe(
  v.custom<Record<string, unknown>>(isRecord, 'a section of streams by name'),
  v.rawCheck(({ dataset, addIssue }) => {
    const streams = dataset.typed ? dataset.value : {};
    const wrong = Object.keys(streams).find((name) => name === '' || taken.includes(name));
    if (wrong !== undefined) {
      const message = wrong === '' ? nameless : 'this name cannot be used; allowed: any other';
      addIssue({
        message,
        path: [{ type: 'object', origin: 'key', input: streams, key: wrong, value: streams[wrong] }],
      });
    }
  }),
  v.record(
    v.string(),
    v.lazy(
      (value): v.GenericSchema<unknown, StreamEntry> =>
        typeof value === 'object' && value !== null && !Array.isArray(value) ? detailed : plain,
    ),
  ),
);

/** go2rtc's `preload: {camera1: "video"}`, whose queries have no meaning here; also a list of names. */
export const preloadSchema = v.pipe(
  v.union(
    [oneOrMore('the name of a stream'), v.record(v.string(), v.nullish(v.string()))],
    'streams by name, or a list of names',
  ),
  v.transform((value) => (Array.isArray(value) ? value : Object.keys(value))),
);
