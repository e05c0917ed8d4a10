/**
 * How messages travel: JSON text in one of two framings, flat `{type, ...fields}` and wrapped `{type, value: {...fields}}`.
 * Both are spoken in the field, so both are read here, message by message, and either can be written.
 */

import type { ClientMessage, DeviceMessage, SingleStreamReply } from './messages.ts';
import { ProtocolError } from './protocol-error.ts';

/** `both` carries the fields twice: a client's first message, sent before it knows what the device reads. */
export type Framing = 'flat' | 'wrapped' | 'both';

export type Fields = Readonly<Record<string, unknown>>;

/** A message taken out of its frame, its fields not checked yet. */
export interface Envelope {
  type: string;
  fields: Fields;
  /** Undefined where the text fits both framings: a message without fields, or with a string as its value. */
  framing: Framing | undefined;
}

/** @throws {ProtocolError} `not-json` or `not-a-message` */
export function openEnvelope(text: string): Envelope {
  const { type, ...flat } = Object(parseJson(text)) as Fields;
  if (typeof type !== 'string') {
    throw new ProtocolError(
      'not-a-message',
      'a message is a JSON object with a type, such as {"type": "multistream/init"}',
    );
  }
  const { value, ...rest } = flat;
  if (isRecord(value)) {
    return { type, fields: { ...rest, ...value }, framing: 'wrapped' };
  }
  const framed = value === undefined && Object.keys(rest).length > 0;
  return { type, fields: flat, framing: framed ? 'flat' : undefined };
}

export function encode(message: ClientMessage | DeviceMessage | SingleStreamReply, framing: Framing): string {
  const { type, ...fields } = message;
  // A message whose one field is `value` (error, ice) reads the same in both framings.
  if ('value' in fields || framing === 'flat') {
    return JSON.stringify(message);
  }
  return JSON.stringify(framing === 'both' ? { ...message, value: fields } : { type, value: fields });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ProtocolError('not-json', 'the message is not JSON');
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
