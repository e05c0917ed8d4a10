/** Connectivity checks of ICE, as a browser sends them (RFC 8445 section 7.1). */

import { createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const password = 'a password of twenty-two';

function attribute(type: number, value: Buffer): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.length, 2);
  value.copy(padded, 4);
  return padded;
}

function message(type: number, body: Buffer, more: number): Buffer {
  const header = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(body.length + more, 2);
  return Buffer.concat([header, body]);
}

/** A check as Chromium sends it: the attributes, their signature, and a sum of it all. */
export function check({ tieBreaker = 0n, type = 1, key = password, user = 'ours' } = {}): Buffer {
  const tie = Buffer.alloc(8);
  tie.writeBigUInt64BE(tieBreaker);
  const body = Buffer.concat([
    attribute(0x0006, Buffer.from(`${user}:theirs`)),
    attribute(0x802a, tie),
    attribute(0x0025, Buffer.alloc(0)),
    attribute(0x0024, Buffer.from('6e001fff', 'hex')),
  ]);
  const signature = createHmac('sha1', key)
    .update(message(type, body, 24))
    .digest();
  const signed = Buffer.concat([body, attribute(0x0008, signature)]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE((crc32(message(type, signed, 8)) ^ 0x5354554e) >>> 0);
  return message(type, Buffer.concat([signed, attribute(0x8028, sum)]), 0);
}

/** The answer to a check, as libjuice writes it: the address that the check came from, signed. */
export function answer(
  { address, port }: { address: string; port: number },
  transaction: Buffer = Buffer.from('000102030405060708090a0b', 'hex'),
  key = password,
): Buffer {
  const value = Buffer.alloc(8);
  value.writeUInt16BE(1, 0);
  value.writeUInt16BE(port ^ 0x2112, 2);
  value.writeUInt32BE((Buffer.from(address.split('.').map(Number)).readUInt32BE() ^ 0x2112a442) >>> 0, 4);
  const body = attribute(0x0020, value);
  const of = (bytes: Buffer, more: number) => {
    const written = message(0x0101, bytes, more);
    transaction.copy(written, 8);
    return written;
  };
  const signed = Buffer.concat([body, attribute(0x0008, createHmac('sha1', key).update(of(body, 24)).digest())]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE((crc32(of(signed, 8)) ^ 0x5354554e) >>> 0);
  return of(Buffer.concat([signed, attribute(0x8028, sum)]), 0);
}

/** The IPv4 address in an answer whose first attribute it is. */
export function mappedAddress(packet: Buffer): number[] {
  return [...packet.subarray(28, 32)].map((byte, at) => byte ^ ([0x21, 0x12, 0xa4, 0x42][at] ?? 0));
}
