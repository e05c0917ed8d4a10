/** The shape of the YAML file, key by key as go2rtc names them, with what it becomes. */

import * as v from 'valibot';
import { apiSchema } from './api-schema.ts';
import { parseIceListen } from './listen.ts';
import { logSchema } from './log-schema.ts';
import { iceServer, mediaKeys, parseCandidate } from './media-schema.ts';
import { duration, parsed, section } from './parsed.ts';
import { preloadSchema, streamsSchema } from './streams-schema.ts';

const candidate = 'an address such as "192.168.1.123:8555"';
const slots = 'a whole number from 1 to 64';
const sessions = 'a whole number from 1 to 10000';

export const configSchema = section(
  {
    api: v.nullish(apiSchema, {}),
    webrtc: v.nullish(
      section(
        {
          listen: v.optional(v.pipe(v.string('an address such as ":8555"'), parsed(parseIceListen)), ':8555'),
          candidates: v.optional(
            v.pipe(
              v.array(v.pipe(v.string(candidate), parsed(parseCandidate)), `a list of addresses: ${candidate}`),
              v.transform((candidates) => candidates.flat()),
            ),
            [],
          ),
          ice_servers: v.optional(v.array(iceServer, 'a list of servers, each with urls, username and credential'), []),
        },
        'a section with keys',
      ),
      {},
    ),
    multistream: v.nullish(
      section(
        {
          max_slots: v.optional(
            v.pipe(v.number(slots), v.integer(slots), v.minValue(1, slots), v.maxValue(64, slots)),
            9,
          ),
          max_sessions: v.optional(
            v.pipe(v.number(sessions), v.integer(sessions), v.minValue(1, sessions), v.maxValue(10_000, sessions)),
            100,
          ),
          linger: v.optional(duration, '10s'),
          ...mediaKeys,
        },
        'a section with keys',
      ),
      {},
    ),
    streams: v.nullish(streamsSchema, {}),
    preload: v.nullish(preloadSchema, []),
    log: v.nullish(logSchema, {}),
    watch: v.nullish(v.boolean('true or false'), false),
  },
  'a file with the sections api, webrtc, multistream, streams, preload and log',
);
