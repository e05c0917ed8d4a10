/** The shape of the YAML file, key by key as go2rtc names them, with what it becomes. */

import * as v from 'valibot';
import { parseIceListen, parseListen } from './listen.ts';
import { mediaKeys, parseCandidate } from './media-schema.ts';
import { parseSource } from './source.ts';

/** A value that a function of ours reads; what the function throws is the issue's message. */
function parsed<T>(parse: (text: string) => T) {
  return v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
    try {
      return parse(dataset.value);
    } catch (error) {
      addIssue({ message: (error as Error).message });
      return NEVER;
    }
  });
}

function oneOrMore(what: string) {
  return v.union(
    [
      v.pipe(
        v.string(),
        v.transform((one) => [one]),
      ),
      v.array(v.string()),
    ],
    what,
  );
}

const candidate = 'an address such as "192.168.1.123:8555"';
const slots = 'a whole number from 1 to 64';
const source = 'a source such as "rtsp://192.168.1.10/stream"';

export const configSchema = v.strictObject(
  {
    api: v.nullish(
      v.strictObject(
        {
          listen: v.optional(v.pipe(v.string('an address such as ":1984"'), parsed(parseListen)), '127.0.0.1:1984'),
          origin: v.optional(oneOrMore('"*", or a list of origins such as "https://example.org"'), []),
        },
        'a section with keys',
      ),
      {},
    ),
    webrtc: v.nullish(
      v.strictObject(
        {
          listen: v.optional(v.pipe(v.string('an address such as ":8555"'), parsed(parseIceListen)), ':8555'),
          candidates: v.optional(
            v.array(v.pipe(v.string(candidate), parsed(parseCandidate)), `a list of addresses: ${candidate}`),
            [],
          ),
          ice_servers: v.optional(
            v.array(
              v.strictObject({
                urls: oneOrMore('a URL such as "stun:stun.example.org:3478", or a list of them'),
                username: v.exactOptional(v.string('a user name')),
                credential: v.exactOptional(v.string('a password')),
              }),
              'a list of servers, each with urls, username and credential',
            ),
            [],
          ),
        },
        'a section with keys',
      ),
      {},
    ),
    multistream: v.nullish(
      v.strictObject(
        {
          max_slots: v.optional(
            v.pipe(v.number(slots), v.integer(slots), v.minValue(1, slots), v.maxValue(64, slots)),
            9,
          ),
          ...mediaKeys,
        },
        'a section with keys',
      ),
      {},
    ),
    streams: v.nullish(
      v.record(
        v.string(),
        v.pipe(
          v.union(
            [
              v.string(),
              v.pipe(
                v.tuple([v.string()]),
                v.transform(([one]) => one),
              ),
            ],
            source,
          ),
          parsed(parseSource),
        ),
        'a section of streams by name',
      ),
      {},
    ),
  },
  'a file with the sections api, webrtc, multistream and streams',
);

/** Sections of go2rtc that this device has no use for: a file that serves both programs is not refused for them. */
export const foreignSections = new Set(
  'app echo exec ffmpeg hass homekit log mp4 mqtt ngrok onvif pinggy publish rtmp rtsp srtp webtorrent wyoming'.split(
    ' ',
  ),
);
