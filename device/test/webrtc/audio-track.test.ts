import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { AudioCodec, AudioFormat } from '../../src/media/audio-unit.ts';
import { AudioTrack } from '../../src/webrtc/audio-track.ts';

const line = { mid: '1', kind: 'audio', protocol: 'UDP/TLS/RTP/SAVPF', format: { name: '111', rtpmap: null } };
const formats = [
  { codec: 'OPUS' as const, payloadType: 111, parameters: '' },
  { codec: 'PCMA' as const, payloadType: 8, parameters: '' },
];
const formatOf = (codec: AudioCodec): AudioFormat => ({
  ...{ codec, clockRate: codec === 'OPUS' ? 48_000 : 8000, channels: 1, config: Buffer.alloc(0) },
});
const unit = (ticks: number, size = 4) => ({ ticks, data: Buffer.alloc(size, 1) });

describe('the sound of a connection', () => {
  let packets: Buffer[];
  let now: number;
  let holds: [slot: number, delay: number][];
  let track: AudioTrack;
  const rtp = () => packets.filter((packet) => packet.readUInt8(1) !== 200);
  const stamps = () => rtp().map((packet) => packet.readUInt32BE(4));
  const gaps = () => stamps().map((stamp, index) => (stamp - (stamps()[index - 1] ?? stamp) + 2 ** 32) % 2 ** 32);

  beforeEach(() => {
    packets = [];
    now = 1_000_000;
    holds = [];
    track = new AudioTrack(
      { ...line, formats },
      {
        name: 'device',
        isOpen: () => true,
        send: (packet) => packets.push(Buffer.from(packet)),
        hold: (slot, delay) => holds.push([slot, delay]),
        now: () => now,
      },
    );
  });

  it('has the pictures of its slot held until the latest frame of a calm stretch is heard, or it is another slot', () => {
    const held: [slot: number, delay: number][] = [];
    track = new AudioTrack(
      { ...line, formats },
      { name: 'device', isOpen: () => true, send: () => {}, hold: (...one) => held.push(one), now: () => now },
    );
    track.restart(3);
    // The first ones waited for a coder, one was held up, and some cameras send several at once.
    const calm = [70, 50, 90, 70, 50, 90, 70, 50, 90, 70];
    for (const late of [...[400, 350, 300, 250, 200, 150, 100, 90, 90, 90], ...calm, ...calm.with(4, 300)]) {
      track.send(unit(0), formatOf('PCMA'), now - performance.timeOrigin - late);
    }
    track.restart(4);
    assert.deepEqual(held.slice(-2), [
      [3, 90 + 60],
      [3, 0],
    ]);
  });

  it('has pictures held anew where their sound comes much later or sooner for seconds, and not for less', () => {
    track.restart(2);
    for (const [late, frames] of [
      [100, 180],
      [120, 150],
      [200, 150],
      [200, 150],
      [90, 150],
    ] as const) {
      for (let frame = 0; frame < frames; frame++) {
        // Now and then a frame is held up.
        track.send(unit(0), formatOf('PCMA'), now - performance.timeOrigin - late - (frame % 40 === 7 ? 150 : 0));
      }
    }
    assert.deepEqual(holds, [
      [-1, 0],
      [2, 160],
      [2, 260],
      [2, 150],
    ]);
  });

  it('keeps the distances of the frames, in packets whose numbers have no gap', () => {
    for (const ticks of [500, 660, 980]) {
      track.send(unit(ticks), formatOf('PCMA'), now - performance.timeOrigin);
    }
    assert.deepEqual(gaps(), [0, 160, 320]);
    const numbers = rtp().map((packet) => packet.readUInt16BE(2));
    assert.deepEqual(
      numbers.map((number) => number - (numbers[0] as number)),
      [0, 1, 2],
    );
    assert.deepEqual(
      rtp().map((packet) => packet.readUInt8(1)),
      [0x88, 8, 8],
    );
  });

  it('goes on from now where another stream follows, in the codec and on the clock of that', () => {
    track.send(unit(7), formatOf('PCMA'), now - performance.timeOrigin);
    track.restart(3);
    now += 500;
    track.send(unit(900_000), formatOf('OPUS'), now - performance.timeOrigin);
    assert.deepEqual(gaps(), [0, 24_000]);
    assert.equal(rtp()[1]?.readUInt8(1), 0x80 | 111);
  });

  for (const [late, delay] of [
    [0, 60],
    [160, 220],
    [30_000, 500],
  ] as const) {
    it(`holds pictures by ${delay} ms whose sound comes ${late} ms late, until another slot is heard`, () => {
      track.restart(2);
      for (let frame = 0; frame < 30; frame++) {
        track.send(unit(frame * 160), formatOf('PCMA'), now - performance.timeOrigin - late);
      }
      track.restart(5);
      assert.deepEqual(holds.slice(-2), [
        [2, delay],
        [2, 0],
      ]);
    });
  }

  it('takes a frame that no packet holds apart where a byte is a tick, and leaves out a frame of Opus', () => {
    track.send(unit(0, 2500), formatOf('PCMA'), now - performance.timeOrigin);
    assert.deepEqual(gaps(), [0, 1200, 1200]);
    assert.equal(
      rtp().reduce((sum, packet) => sum + packet.length - 12, 0),
      2500,
    );
    track.send(unit(2500, 2500), formatOf('OPUS'), now - performance.timeOrigin);
    assert.equal(rtp().length, 3);
  });

  it('reports the moment that the camera is at, so that sound which comes late is not taken for later sound', () => {
    // 20 ms, of which the last was picked up 150 ms ago.
    track.send(unit(0, 160), formatOf('PCMA'), now - performance.timeOrigin - 150);
    const report = packets.find((packet) => packet.readUInt8(1) === 200) as Buffer;
    assert.equal((report.readUInt32BE(16) - (stamps()[0] as number) + 2 ** 32) % 2 ** 32, 160 + 150 * 8);
    assert.equal(report.readUInt32BE(8), Math.floor(now / 1000) + 2_208_988_800);
  });

  it('reports once a second under the name of the connection, and sends nothing that was not offered', () => {
    track.send(unit(0), formatOf('AAC'), now - performance.timeOrigin);
    assert.equal(packets.length, 0);
    for (let index = 0; index < 101; index++, now += 20) {
      track.send(unit(index * 960), formatOf('OPUS'), now - performance.timeOrigin);
    }
    const reports = packets.filter((packet) => packet.readUInt8(1) === 200);
    assert.equal(reports.length, 3);
    assert.equal(reports[0]?.readUInt32BE(4), track.source.ssrc);
    assert.ok(reports[0]?.includes('device'));
  });
});
