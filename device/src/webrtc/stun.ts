/** As much of STUN (RFC 8489) as the doors need to know, mend, answer and send connectivity checks (RFC 8445 section 7). */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { crc32 } from 'node:zlib';

const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const bindingError = 0x0111;
const magicCookie = 0x2112a442;
const headerSize = 20;
const transactionAt = 8;
const username = 0x0006;
const messageIntegrity = 0x0008;
const xorMappedAddress = 0x0020;
const priority = 0x0024;
const fingerprint = 0x8028;
const iceControlled = 0x8029;
const roles = [iceControlled, 0x802a];
const integritySize = 20;
const fingerprintMask = 0x5354554e;

/** A side's ICE user name and password. */
export interface Credentials {
  user: string;
  password: string;
}

/** The receiver's part of a check's USERNAME; null for a packet that is no check. */
export function userOfCheck(packet: Buffer): string | null {
  const user = attributesOf(packet, bindingRequest).find(({ type }) => type === username);
  return user?.value.toString().split(':')[0] ?? null;
}

/** The same of a check whose tie-breaker is 0; null for anything else. */
export function userOfZeroTieBreaker(packet: Buffer): string | null {
  const role = attributesOf(packet, bindingRequest).find(({ type }) => roles.includes(type));
  return role?.value.length !== 8 || role.value.some((byte) => byte !== 0) ? null : userOfCheck(packet);
}

/** Whether a check was signed with this password. */
export function isSigned(check: Buffer, password: string): boolean {
  const integrity = attributesOf(check, bindingRequest).find(({ type }) => type === messageIntegrity);
  return (
    integrity?.value.length === integritySize && timingSafeEqual(integrity.value, sign(check, integrity.at, password))
  );
}

/** The transaction (RFC 8489 section 6) that a packet answers, whether with success or not; null for one that is no answer. */
export function transactionOfAnswer(packet: Buffer): string | null {
  return isMessage(packet, bindingSuccess) || isMessage(packet, bindingError)
    ? packet.toString('hex', transactionAt, headerSize)
    : null;
}

/**
 * A check of ours, as the controlled side sends it.
 * @param transaction 12 bytes that cannot be guessed
 */
export function writeCheck(transaction: Buffer, from: Credentials, to: Credentials): Buffer {
  const attributes = [
    attribute(username, Buffer.from(`${to.user}:${from.user}`)),
    attribute(priority, Buffer.from([0, 0, 0, 1])),
    attribute(iceControlled, transaction.subarray(0, 8)),
  ];
  return signed(bindingRequest, transaction, attributes, to.password);
}

/**
 * An answer to a check that tells the viewer another address of its own.
 * @param password that the answer is signed with: the password of the side that answers
 * @returns the packet itself where it is no such answer
 */
export function withMappedAddress(packet: Buffer, seen: { address: string; port: number }, password: string): Buffer {
  const attributes = attributesOf(packet, bindingSuccess);
  if (!attributes.some(({ type }) => type === xorMappedAddress)) {
    return packet;
  }
  const transaction = packet.subarray(transactionAt, headerSize);
  const kept = attributes
    .filter(({ type }) => type !== messageIntegrity && type !== fingerprint)
    .map(({ type, value }) => attribute(type, type === xorMappedAddress ? hidden(seen, transaction) : value));
  return signed(bindingSuccess, transaction, kept, password);
}

/** XOR-MAPPED-ADDRESS (RFC 8489 section 14.2). */
function hidden({ address, port }: { address: string; port: number }, transaction: Buffer): Buffer {
  const bytes = bytesOf(address);
  const mask = Buffer.alloc(4 + transaction.length);
  mask.writeUInt32BE(magicCookie, 0);
  transaction.copy(mask, 4);
  const value = Buffer.from([0, bytes.length === 4 ? 1 : 2, 0, 0, ...bytes.map((byte, at) => byte ^ (mask[at] ?? 0))]);
  value.writeUInt16BE(port ^ (magicCookie >>> 16), 2);
  return value;
}

/** @param address as the system writes it, IPv4 also within IPv6 */
function bytesOf(address: string): number[] {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) {
    return plain.split('.').map(Number);
  }
  // The platform brings every way of writing one into a single form: no dotted end, `::` for the longest run of zeros.
  const [before = '', after] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const words = (text: string) => text.split(':').filter((word) => word !== '');
  const [head, tail] = [words(before), words(after ?? '')];
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...tail].flatMap((word) => [
    Number.parseInt(word, 16) >> 8,
    Number.parseInt(word, 16) & 255,
  ]);
}

function attribute(type: number, value: Buffer): Buffer {
  const written = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  written.writeUInt16BE(type, 0);
  written.writeUInt16BE(value.length, 2);
  value.copy(written, 4);
  return written;
}

/** A message of these attributes, with its signature and its sum. */
function signed(type: number, transaction: Buffer, attributes: readonly Buffer[], password: string): Buffer {
  const header = Buffer.alloc(headerSize);
  header.writeUInt16BE(type, 0);
  header.writeUInt32BE(magicCookie, 4);
  transaction.copy(header, transactionAt);
  const body = Buffer.concat([header, ...attributes]);
  const integrity = attribute(messageIntegrity, sign(body, body.length, password));
  const message = Buffer.concat([body, integrity, attribute(fingerprint, Buffer.alloc(4))]);
  message.writeUInt16BE(message.length - headerSize, 2);
  message.writeUInt32BE(sumOf(message, message.length - 8), message.length - 4);
  return message;
}

/**
 * The same check with a tie-breaker of 1, signed anew.
 * @returns null where it was not signed with the password
 */
export function withTieBreaker(check: Buffer, password: string): Buffer | null {
  const mended = Buffer.from(check);
  const attributes = attributesOf(mended, bindingRequest);
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
    sum.value.writeUInt32BE(sumOf(mended, sum.at));
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

function isMessage(packet: Buffer, type: number): boolean {
  return (
    packet.length >= headerSize &&
    packet.readUInt16BE(0) === type &&
    packet.readUInt32BE(4) === magicCookie &&
    packet.readUInt16BE(2) === packet.length - headerSize
  );
}

/** None where the packet is no message of this type. */
function attributesOf(packet: Buffer, type: number): Attribute[] {
  const attributes: Attribute[] = [];
  for (let at = headerSize; isMessage(packet, type) && at + 4 <= packet.length; ) {
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

/** FINGERPRINT (RFC 8489 section 14.7) of the bytes before it. */
function sumOf(packet: Buffer, at: number): number {
  return (crc32(withLength(packet, at, 4)) ^ fingerprintMask) >>> 0;
}

/** The bytes before an attribute, with the length that the message would have if it ended with it. */
function withLength(packet: Buffer, at: number, size: number): Buffer {
  const before = Buffer.from(packet.subarray(0, at));
  before.writeUInt16BE(at + 4 + size - headerSize, 2);
  return before;
}
