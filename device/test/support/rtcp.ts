/** RTCP packets as a viewer writes them (RFC 3550, RFC 4585, RFC 5104), whole or broken on purpose. */

const words = (...values: number[]) => {
  const packet = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) {
    packet.writeUInt32BE(value >>> 0, index * 4);
  }
  return packet;
};
/** Version 2, format or count, type, length in words less one. */
const header = (format: number, type: number, length: number) => (2 << 30) | (format << 24) | (type << 16) | length;

/** An empty receiver report, with which every compound packet begins. */
export const emptyReport = words(header(0, 201, 1), 1);

/** @param lost 256ths of the packets @param lastReport and @param heldFor tell the round trip; 0: no report came yet */
export function report(ssrc: number, lost: number, lastReport = 0, heldFor = 0): Buffer {
  return words(header(1, 201, 7), 1, ssrc, lost << 24, 0, 0, lastReport, heldFor);
}

export function pli(ssrc: number): Buffer {
  return words(header(1, 206, 2), 1, ssrc);
}

export function fir(...ssrcs: number[]): Buffer {
  return words(header(4, 206, 2 + 2 * ssrcs.length), 1, 0, ...ssrcs.flatMap((ssrc) => [ssrc, 0]));
}

/** @param items each a sequence number and a mask of the sixteen after it */
export function nack(ssrc: number, ...items: number[]): Buffer {
  return words(header(1, 205, 2 + items.length), 1, ssrc, ...items);
}

/** A NACK for all of `count` packets up to this one. */
export function nackBefore(ssrc: number, newest: number, count: number): Buffer {
  const items = Array.from({ length: Math.ceil(count / 17) }, (_, index) => {
    const first = (newest - 17 * (index + 1) + 2 * 2 ** 16) % 2 ** 16;
    return ((first << 16) | 0xffff) >>> 0;
  });
  return nack(ssrc, ...items);
}

/** REMB of this many bits a second. */
export function estimate(bitrate: number, ssrc: number): Buffer {
  return words(header(15, 206, 5), 1, 0, 0x52454d42, (1 << 24) | (3 << 18) | (bitrate >> 3), ssrc);
}

/** A source description whose item says that it is longer than the packet. */
export const brokenDescription = words(0x81ca0002, 1, 0x01ff4141);

/** A source description of thousands of items, as large as a packet may be. */
export function longDescription(): Buffer {
  const items = Buffer.alloc(1360, Buffer.from([2, 1, 0x41]));
  return Buffer.concat([words(header(1, 202, 1 + items.length / 4), 1), items.subarray(0, -4), Buffer.alloc(4)]);
}
