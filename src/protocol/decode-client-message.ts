/**
 * The device's border: a client's text becomes a typed message or a clear error.
 * Only the device imports this module; the browser bundle does not pay for the schema library.
 */

import * as v from 'valibot';
import { type Envelope, openEnvelope } from './codec.ts';
import { type ClientMessage, type ErrorCode, highestSlot, mostPrepared, type SingleStreamMessage } from './messages.ts';
import { ProtocolError } from './protocol-error.ts';

const requestId = v.exactOptional(v.pipe(v.string(), v.maxLength(128, 'a request_id has at most 128 characters')));
const slotIndex = v.pipe(
  v.number('invalid slot index'),
  v.integer('invalid slot index'),
  v.minValue(0, 'invalid slot index'),
  v.maxValue(highestSlot, 'invalid slot index'),
);
const name = (what: string) =>
  v.pipe(v.string(`the ${what} is a string`), v.maxLength(256, `the ${what} has at most 256 characters`));
const candidateLength = 'the candidate has at most 2048 characters';
const wish = { stream: name('stream'), quality: v.exactOptional(name('quality')) };
const calm = v.exactOptional(v.boolean('calm is true or false'));
const slotConfig = { slot: slotIndex, ...wish, calm };

const streamList = 'streams is a list of {stream, quality}';

/** The words for a field that is missing, since clients match on some of them; valibot would use its own. */
const missing = new Map([
  ['"slot"', 'invalid slot index'],
  ['"slots"', 'no slots requested'],
  ['"stream"', 'the stream is a string'],
  ['"streams"', streamList],
  ['"sdp"', 'the offer has no sdp'],
  ['"value"', 'the value is a string'],
  ['"token"', 'the token is a string'],
]);
const object = <E extends v.ObjectEntries>(entries: E) =>
  v.object(entries, ({ expected }) => missing.get(expected ?? '') ?? 'a slot is an object, {slot, stream, quality}');

const preparedList = v.pipe(
  v.array(object(wish), streamList),
  v.maxLength(mostPrepared, `at most ${mostPrepared} streams are prepared`),
);

type Understood = ClientMessage | SingleStreamMessage;

/** One line a message. Fields that are not named here are dropped. */
const schemas: {
  [T in Understood['type']]: v.GenericSchema<unknown, Omit<Extract<Understood, { type: T }>, 'type'>>;
} = {
  'multistream/init': object({
    request_id: requestId,
    slots: v.pipe(
      v.array(object(slotConfig), 'slots is a list of {slot, stream, quality}'),
      v.minLength(1, 'no slots requested'),
      v.check(
        (slots) => new Set(slots.map(({ slot }) => slot)).size === slots.length,
        'invalid slot index: two slots have the same number',
      ),
    ),
    transport: v.exactOptional(v.literal('socket', 'the transport is "socket", or left out')),
    accept: v.exactOptional(
      v.pipe(
        v.array(v.pipe(v.string(), v.maxLength(64)), 'accept is a list of codecs'),
        v.maxLength(32, 'accept has at most 32 codecs'),
      ),
    ),
  }),
  'multistream/offer': object({ request_id: requestId, sdp: v.string('the offer has no sdp') }),
  'multistream/switch': object({ request_id: requestId, ...slotConfig }),
  'multistream/pause': object({ request_id: requestId, slot: slotIndex }),
  'multistream/resume': object({
    request_id: requestId,
    slot: slotIndex,
    stream: v.exactOptional(name('stream')),
    quality: v.exactOptional(name('quality')),
    calm,
  }),
  'multistream/keyframe': object({
    request_id: requestId,
    slot: v.union([v.literal(-1), slotIndex], 'invalid slot index'),
  }),
  'multistream/prepare': object({
    request_id: requestId,
    streams: preparedList,
    left: v.exactOptional(preparedList),
  }),
  'multistream/listen': object({
    request_id: requestId,
    slot: v.union([v.literal(-1), slotIndex], 'invalid slot index'),
  }),
  'multistream/ice': v.pipe(
    // go2rtc's own clients put the candidate straight into `value`.
    object({ candidate: v.exactOptional(v.string()), value: v.exactOptional(v.string()) }),
    v.transform(({ candidate, value }) => ({ candidate: candidate ?? value ?? '' })),
    v.check(({ candidate }) => candidate.length <= 2048, candidateLength),
  ),
  'multistream/authorize': object({
    request_id: requestId,
    token: v.pipe(v.string('the token is a string'), v.maxLength(8192, 'the token has at most 8192 characters')),
  }),
  'multistream/close': object({}),
  mse: v.pipe(
    object({
      value: v.exactOptional(v.pipe(v.string(), v.maxLength(4096, 'the codecs have at most 4096 characters'))),
    }),
    v.transform(({ value = '' }) => ({ value })),
  ),
  mjpeg: object({}),
  webrtc: object({ sdp: v.string('the offer has no sdp') }),
  'webrtc/offer': object({ value: v.string('the offer has no sdp'), shape: v.exactOptional(v.boolean()) }),
  'webrtc/candidate': object({
    value: v.pipe(v.string('the candidate is a string'), v.maxLength(2048, candidateLength)),
  }),
};

export interface DecodedClientMessage {
  /** Null for a type that is not ours: a receiver ignores those. */
  message: Understood | null;
  envelope: Envelope;
}

/** The other ways in which go2rtc plays: its clients wait for an answer before they try the next one. */
const elsewhere = new Set(['mp4', 'hls']);

/** The texts above that have a code of their own. */
const codes: [text: string, code: ErrorCode][] = [
  ['invalid slot index', 'invalid-slot'],
  ['no slots requested', 'no-slots'],
  ['this device plays', 'unsupported'],
];

/** A message that was refused, with what the refusal's answer needs. */
export class RefusedMessage extends ProtocolError {
  readonly requestId: string | undefined;
  readonly code: ErrorCode;

  constructor(cause: ProtocolError, envelope: Envelope | null) {
    super(cause.reason, envelope === null ? cause.message : `${envelope.type}: ${cause.message}`);
    this.code = codes.find(([text]) => cause.message.startsWith(text))?.[1] ?? 'invalid-message';
    const id = envelope?.fields.request_id;
    this.requestId = typeof id === 'string' ? id.slice(0, 128) : undefined;
  }
}

/** @throws {RefusedMessage} */
export function decodeClientMessage(data: string): DecodedClientMessage {
  const envelope = open(data);
  if (elsewhere.has(envelope.type)) {
    const cause = new ProtocolError('unsupported', 'this device plays over WebRTC, MSE and MJPEG alone');
    throw new RefusedMessage(cause, envelope);
  }
  if (!Object.hasOwn(schemas, envelope.type)) {
    return { message: null, envelope };
  }
  const type = envelope.type as Understood['type'];
  const result = v.safeParse(schemas[type], envelope.fields, { abortEarly: true });
  if (!result.success) {
    throw new RefusedMessage(new ProtocolError('invalid-field', result.issues[0].message), envelope);
  }
  return { message: { type, ...result.output } as Understood, envelope };
}

function open(data: string): Envelope {
  try {
    return openEnvelope(data);
  } catch (error) {
    throw error instanceof ProtocolError ? new RefusedMessage(error, null) : error;
  }
}
