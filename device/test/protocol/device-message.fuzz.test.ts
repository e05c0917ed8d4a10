import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { decodeDeviceMessage } from '../../../src/protocol/decode-device-message.ts';
import { decodeStreamReply } from '../../../src/protocol/decode-stream-reply.ts';
import { isAbout, slotLimitIn } from '../../../src/protocol/device-words.ts';
import { errorCodes, slotStates } from '../../../src/protocol/messages.ts';
import { headerBytes, readPictureHeader, writePictureHeader } from '../../../src/protocol/picture-message.ts';
import { ProtocolError } from '../../../src/protocol/protocol-error.ts';
import { fuzz } from '../support/fuzz.ts';

const types = [
  ...[
    'ready',
    'answer',
    'status',
    'ice',
    'authorized',
    'moving',
    'listening',
    'disconnected',
    'prepared',
    'keyframe',
  ].map((name) => `multistream/${name}`),
  ...['error', 'webrtc/answer', 'webrtc/candidate', '__proto__', 'toString', ''],
];
const words = ['stream not found', 'at most 9 slots', 'multistream/init: ', 'session', 'codecs not matched', '\ud800'];
const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(...words, ...errorCodes, ...slotStates, -1, 2 ** 53, 0.5, '__proto__'),
);
const status = fc.record(
  {
    slot: strange,
    stream: strange,
    status: fc.oneof(fc.constantFrom(...slotStates), strange),
    error: strange,
    code: strange,
  },
  { requiredKeys: [] },
);
const fields = fc.record(
  {
    request_id: strange,
    slot: fc.oneof(fc.integer(), strange),
    slots: fc.oneof(fc.integer(), fc.array(fc.oneof(status, strange)), strange),
    status: fc.oneof(status, strange),
    ...{ sdp: strange, value: strange, reason: strange, code: strange, codec: strange, error: strange },
    ...{ max_slots: strange, ice_servers: strange, transport: strange, expires_in: strange, audio: strange },
  },
  { requiredKeys: [] },
);
/** As a device frames it: fields beside the type, under `value`, or both; and text that is cut or is none of this. */
const text = fc.oneof(
  fc
    .tuple(fc.oneof(fc.constantFrom(...types), strange), fields, fields)
    .map(([type, flat, value]) => JSON.stringify({ type, value, ...flat })),
  fc.tuple(fc.constantFrom(...types), fields).map(([type, flat]) => JSON.stringify({ ...flat, type })),
  fc
    .tuple(fc.constantFrom(...types), fields, fc.nat(60))
    .map(([type, flat, cut]) => JSON.stringify({ type, ...flat }).slice(0, -cut)),
  fc.json(),
  fc.string(),
);

describe("a device's message, in the client", () => {
  it('is one whose fields have their types, none that this version knows, or a protocol error', () =>
    fuzz({
      corpus: new URL('corpus/device-message/', import.meta.url),
      input: text,
      runs: 3000,
      holds: (data) => {
        let message: ReturnType<typeof decodeDeviceMessage>['message'];
        try {
          message = decodeDeviceMessage(data).message;
        } catch (error) {
          assert.ok(error instanceof ProtocolError, `${error}`);
          return;
        }
        if (message === null) {
          return;
        }
        assert.ok(types.includes(message.type), message.type);
        for (const { slot, status, code } of 'slots' in message && Array.isArray(message.slots) ? message.slots : []) {
          assert.ok(Number.isSafeInteger(slot) && slotStates.includes(status));
          assert.ok(code === undefined || errorCodes.includes(code), code);
        }
        if (message.type === 'error') {
          assert.equal(typeof message.value, 'string');
          isAbout(message.value, 'multistream/init');
          const limit = slotLimitIn(message.value);
          assert.ok(limit === null || limit >= 0);
        }
        assert.equal(Object.getPrototypeOf(message), Object.prototype);
      },
    }));

  it('to a single stream is a reply with its texts, or null', () =>
    fuzz({
      corpus: new URL('corpus/stream-reply/', import.meta.url),
      input: text,
      holds: (data) => {
        const reply = decodeStreamReply(data);
        assert.ok(
          reply === null || reply.type === 'webrtc/shape' || typeof reply.value === 'string',
          `${JSON.stringify(reply)}`,
        );
      },
    }));
});

describe('the header of a picture that comes over the WebSocket', () => {
  it('is what was written, or null for bytes that are none', () =>
    fuzz({
      corpus: new URL('corpus/picture-header/', import.meta.url),
      input: fc.uint8Array({ maxLength: 16 }),
      holds: (bytes) => {
        const header = readPictureHeader(new Uint8Array(bytes).buffer);
        if (header === null) {
          assert.ok(bytes.length < headerBytes || (bytes[0] as number) < 1 || (bytes[0] as number) > 4);
          return;
        }
        const written = [...writePictureHeader(header)];
        // The flags that have no meaning yet are not read.
        assert.deepEqual(written, [...bytes.slice(0, headerBytes)].with(1, (bytes[1] as number) & 3));
      },
    }));
});
