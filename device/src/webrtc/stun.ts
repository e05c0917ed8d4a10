/** As much of STUN (RFC 8489) as it takes to mend a connectivity check (RFC 8445 section 7.1). */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const bindingRequest = 0x0001;
const magicCookie = 0x2112a442;
const headerSize = 20;
const username = 0x0006;
const messageIntegrity = 0x0008;
const fingerprint = 0x8028;
const roles = [0x8029, 0x802a];
const integritySize = 20;
const fingerprintMask = 0x5354554e;

/** The receiver's part of a check's USERNAME, if it is a check whose tie-breaker is 0; null for anything else. */
export function userOfZeroTieBreaker(packet: Buffer): string | null {
  const attributes = attributesOf(packet);
  const role = attributes.find(({ type }) => roles.includes(type));
  const user = attributes.find(({ type }) => type === username);
  if (role?.value.length !== 8 || user === undefined || role.value.some((byte) => byte !== 0)) {
    return null;
  }
  return user.value.toString().split(':')[0] ?? null;
}

/**
 * The same check with a tie-breaker of 1, signed anew.
 * @returns null where it was not signed with the password
 */
export function withTieBreaker(check: Buffer, password: string): Buffer | null {
  const mended = Buffer.from(check);
  const attributes = attributesOf(mended);
  const integrity = attributes.find(({ type }) => type === messageIntegrity);
  const role = attributes.find(({ type }) => roles.includes(type));
  if (integrity?.value.length !== integritySize || role?.value.length !== 8) {
    return null;
  }
  if (!timingSafeEqual(integrity.value, sign(mended, integrity.at, password))) {
    return null;
  }
  role.value.writeUInt8(1, 7);
  sign(mended, integrity.at, password).copy(integrity.value);
  const sum = attributes.find(({ type }) => type === fingerprint);
  if (sum?.value.length === 4) {
    sum.value.writeUInt32BE((crc32(withLength(mended, sum.at, 4)) ^ fingerprintMask) >>> 0);
  }
  return mended;
}

interface Attribute {
  type: number;
  /** Where its type stands. */
  at: number;
  /** In the packet's own memory. */
  value: Buffer;
}

/** None where the packet is no binding request. */
function attributesOf(packet: Buffer): Attribute[] {
  const isRequest =
    packet.length >= headerSize &&
    packet.readUInt16BE(0) === bindingRequest &&
    packet.readUInt32BE(4) === magicCookie &&
    packet.readUInt16BE(2) === packet.length - headerSize;
  const attributes: Attribute[] = [];
  for (let at = headerSize; isRequest && at + 4 <= packet.length; ) {
    const length = packet.readUInt16BE(at + 2);
    if (at + 4 + length > packet.length) {
      break;
    }
    attributes.push({ type: packet.readUInt16BE(at), at, value: packet.subarray(at + 4, at + 4 + length) });
    // Each begins at a multiple of four bytes.
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return attributes;
}

/** Signs the bytes before the attribute, as if the message ended with it (RFC 8489 section 14.5). */
function sign(packet: Buffer, at: number, password: string): Buffer {
  return createHmac('sha1', password)
    .update(withLength(packet, at, integritySize))
    .digest();
}

/** The bytes before an attribute, with the length that the message would have if it ended with it. */
function withLength(packet: Buffer, at: number, size: number): Buffer {
  const before = Buffer.from(packet.subarray(0, at));
  before.writeUInt16BE(at + 4 + size - headerSize, 2);
  return before;
}
