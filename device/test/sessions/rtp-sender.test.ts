import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { RtpSender } from '../../src/sessions/rtp-sender.ts';

const data = Buffer.concat([Buffer.from([0, 0, 0, 1, 0x65]), Buffer.alloc(3000, 7)]);
const senderReport = 200;

describe('the sender of a track', () => {
  let sent: Buffer[];
  let clock: number;
  let sender: RtpSender;
  const send = (timestamp: number) => sender.send({ data, timestamp, codec: 'H264', payloadType: 96 });
  const isReport = (packet: Buffer) => packet.readUInt8(1) === senderReport;
  const media = () => sent.filter((packet) => !isReport(packet));

  beforeEach(() => {
    sent = [];
    clock = 1_000_000;
    sender = new RtpSender({
      ...{ ssrc: 7, name: 'slot', playoutDelayId: null },
      send: (packet) => sent.push(Buffer.from(packet)),
      now: () => clock,
    });
  });

  it('reports with the first picture, and then once a second', () => {
    for (let count = 0; count <= 50; count++) {
      send(count * 3600);
      clock += 40;
    }
    const reports = sent.filter(isReport);
    assert.deepEqual(
      reports.map((report) => [report.readUInt32BE(16), report.readUInt32BE(20)]),
      [0, 25, 50].map((count) => [count * 3600, (count + 1) * 3]),
    );
  });

  it('sends again what the browser misses, the same packet as before, and nothing that it never sent', () => {
    send(0);
    const packets = media();
    sent = [];
    const missing = packets[1]?.readUInt16BE(2) ?? 0;
    // NACK: this packet, and the fourth after it.
    const nack = Buffer.alloc(16);
    nack.writeUInt32BE(0x81cd0003, 0);
    nack.writeUInt32BE(7, 8);
    nack.writeUInt16BE(missing, 12);
    nack.writeUInt16BE(0b1000, 14);
    assert.deepEqual(sender.receive(nack).missing, [missing, missing + 4]);
    assert.deepEqual(sent, [packets[1]]);
  });
});
