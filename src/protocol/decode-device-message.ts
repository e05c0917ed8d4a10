/**
 * The client's border: a device's text becomes a typed message or a clear error. Written by hand, since a schema
 * library would be a tenth of the browser bundle; the device, where size is free, uses one (`decode-client-message.ts`).
 */

import { type Envelope, type Fields, isRecord, openEnvelope } from './codec.ts';
import { codeOf } from './device-words.ts';
import {
  type DeviceMessage,
  type ErrorCode,
  errorCodes,
  type IceServer,
  type KeyframeReply,
  type PreparedMessage,
  type SlotStatus,
  slotStates,
} from './messages.ts';
import { ProtocolError } from './protocol-error.ts';

/** The client passes over these replies: they say that the device received a hint. */
type ReadMessage = Exclude<DeviceMessage, PreparedMessage | KeyframeReply>;
type Reader<T extends ReadMessage['type']> = (
  fields: Fields,
) => Omit<Extract<ReadMessage, { type: T }>, 'type' | 'request_id'>;

const readers: { [T in ReadMessage['type']]: Reader<T> } = {
  'multistream/ready': (f) => ({
    slots: integer(f, 'slots'),
    ...optional(f, isInteger, 'max_slots'),
    ...optional(f, isTrue, 'audio'),
    // The browser's own `RTCPeerConnection` checks its content.
    ...optional(f, Array.isArray as (value: unknown) => value is IceServer[], 'ice_servers'),
    ...optional(f, isSocket, 'transport'),
  }),
  'multistream/answer': (f) => ({
    ...optional(f, isString, 'sdp'),
    slots: list(f, 'slots').map(slotStatus),
  }),
  'multistream/status': (f) => ({ slot: integer(f, 'slot'), status: slotStatus(f.status) }),
  'multistream/ice': (f) => ({ value: text(f, 'value') }),
  'multistream/authorized': (f) => ({ ...optional(f, isInteger, 'expires_in') }),
  'multistream/moving': (f) => ({ reason: text(f, 'reason') }),
  'multistream/listening': (f) => ({
    slot: integer(f, 'slot'),
    ...optional(f, isString, 'codec', 'error'),
    ...codeIn(f, f.error),
  }),
  'multistream/disconnected': (f) => ({ reason: text(f, 'reason') }),
  error: (f) => ({ value: text(f, 'value'), ...codeIn(f, f.value) }),
};

export interface DecodedDeviceMessage {
  /** Null for a type that this version does not know: a receiver ignores those. */
  message: ReadMessage | null;
  framing: Envelope['framing'];
}

/** @throws {ProtocolError} */
export function decodeDeviceMessage(data: string): DecodedDeviceMessage {
  const { type, fields, framing } = openEnvelope(data);
  if (!Object.hasOwn(readers, type)) {
    return { message: null, framing };
  }
  const read = readers[type as ReadMessage['type']];
  try {
    return { message: { type, ...optional(fields, isString, 'request_id'), ...read(fields) } as ReadMessage, framing };
  } catch (error) {
    if (error instanceof ProtocolError) {
      throw new ProtocolError(error.reason, `${type}: ${error.message}`);
    }
    throw error;
  }
}

function slotStatus(value: unknown): SlotStatus {
  if (!isRecord(value)) {
    throw new ProtocolError('invalid-field', 'a slot status is an object');
  }
  return {
    slot: integer(value, 'slot'),
    stream: isString(value.stream) ? value.stream : '',
    // A newer device may know more states; all that we can say of them is that the slot is not showing anything yet.
    status: slotStates.find((state) => state === value.status) ?? 'pending',
    ...optional(value, isTrue, 'calm'),
    ...codeIn(value, value.error),
    ...optional(value, isString, 'error', 'quality', 'actual_quality', 'mid', 'codec'),
    ...optional(
      value,
      isInteger,
      'width',
      'height',
      'display_width',
      'interval',
      'rtp_first',
      'rtp_live',
      'clock_rtp',
      'clock_ms',
    ),
  };
}

/** The code of a failure; that of its text, where the device sent none. */
function codeIn({ code }: Fields, text: unknown): { code?: ErrorCode } {
  const known = errorCodes.find((one) => one === code) ?? (isString(text) ? codeOf(text) : undefined);
  return known ? { code: known } : {};
}

function text(fields: Fields, key: string): string {
  return required(fields, key, isString, 'a string');
}

function integer(fields: Fields, key: string): number {
  return required(fields, key, isInteger, 'an integer');
}

function list(fields: Fields, key: string): unknown[] {
  return required(fields, key, Array.isArray as (value: unknown) => value is unknown[], 'a list');
}

function required<T>(fields: Fields, key: string, is: (value: unknown) => value is T, kind: string): T {
  const value = fields[key];
  if (!is(value)) {
    throw new ProtocolError('invalid-field', `"${key}" is ${kind}, not ${JSON.stringify(value)}`);
  }
  return value;
}

/** Fields that are absent, null or of another type are left out: a device may add its own. */
function optional<K extends string, T>(fields: Fields, is: (value: unknown) => value is T, ...keys: K[]) {
  const known = keys.filter((key) => is(fields[key])).map((key) => [key, fields[key]]);
  return Object.fromEntries(known) as { [key in K]?: T };
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isTrue(value: unknown): value is true {
  return value === true;
}

function isSocket(value: unknown): value is 'socket' {
  return value === 'socket';
}

function isInteger(value: unknown): value is number {
  return Number.isInteger(value);
}
