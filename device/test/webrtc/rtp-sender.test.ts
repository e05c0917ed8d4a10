import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { FeedbackBudget } from '../../src/sessions/feedback-budget.ts';
import { RtpSender } from '../../src/webrtc/rtp-sender.ts';

const data = Buffer.concat([Buffer.from([0, 0, 0, 1, 0x65]), Buffer.alloc(3000, 7)]);
const senderReport = 200;

describe('the sender of a track', () => {
  let sent: Buffer[];
  let clock: number;
  let sender: RtpSender;
  const send = (timestamp: number, picture = data) =>
    sender.send({ data: picture, timestamp, keyframe: true }, { codec: 'H264', payloadType: 96 });
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

  it('numbers its packets one after the other, and begins again after 16 bits', () => {
    for (let count = 0; count < 2 ** 16 / 3; count++) {
      send(count);
    }
    const numbers = media().map((packet) => packet.readUInt16BE(2));
    assert.ok(numbers.includes(2 ** 16 - 1));
    assert.ok(
      numbers.every((number, index) => index === 0 || number === ((numbers[index - 1] as number) + 1) % 2 ** 16),
    );
  });

  const roundTrip = 40;
  const resend = (sequences: number[], budget = new FeedbackBudget()) => {
    sent = [];
    sender.resend(sequences, roundTrip, budget);
    return sent;
  };

  it('sends again what the browser misses, the same packet as before, and nothing that it never sent', () => {
    send(0);
    const packets = media();
    const missing = packets[1]?.readUInt16BE(2) ?? 0;
    assert.deepEqual(resend([missing, missing + 4]), [packets[1]]);
  });

  it('sends no packet again twice within a round trip', () => {
    send(0);
    const [packet] = media();
    const missing = packet?.readUInt16BE(2) ?? 0;
    assert.equal(resend([missing, missing]).length, 1);
    clock += roundTrip - 1;
    assert.equal(resend([missing]).length, 0);
    clock += 1;
    assert.equal(resend([missing]).length, 1);
  });

  it('sends no packet again that SRTP does not take a second time', () => {
    send(0, Buffer.concat([data, Buffer.alloc(3_000_000, 7)]));
    const numbers = media().map((packet) => packet.readUInt16BE(2));
    assert.equal(resend(numbers).length, 1000);
    assert.equal(resend(numbers.slice(0, -1000)).length, 0);
  });

  it('sends again only what the viewer’s budget pays for', () => {
    send(0);
    const budget = new FeedbackBudget();
    while (budget.takeResend(100_000)) {
      // Until nothing is left.
    }
    const numbers = media().map((packet) => packet.readUInt16BE(2));
    assert.equal(resend(numbers, budget).length, 0);
  });
});
