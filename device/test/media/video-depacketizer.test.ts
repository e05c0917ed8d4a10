import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { joinAnnexB } from '../../src/media/annex-b.ts';
import type { RtpPacket } from '../../src/media/rtp-packet.ts';
import {
  type CodedPicture,
  type DepacketizerOptions,
  PictureTooLargeError,
  VideoDepacketizer,
} from '../../src/media/video-depacketizer.ts';
import { aggregate, delta, deltaNext, idr, idrNext, type Marking, PacketMaker, pps, sps } from './packets.ts';

const hex = (pictures: readonly CodedPicture[]) => pictures.map(({ data }) => data.toString('hex'));
const bytes = (...units: Buffer[]) => joinAnnexB(units).toString('hex');
const h264 = (options: Partial<DepacketizerOptions> = {}) => new VideoDepacketizer({ codec: 'H264', ...options });
const pushAll = (depacketizer: VideoDepacketizer, packets: readonly RtpPacket[]) =>
  packets.flatMap((packet) => depacketizer.push(packet));

/** A key picture and two that follow it, of so many slices each. */
function gop(slices: number): Buffer[][] {
  const more = (make: () => Buffer) => Array.from({ length: slices - 1 }, make);
  return [
    [sps, pps, idr(2500), ...more(() => idrNext(1200))],
    [delta(1500), ...more(() => deltaNext(700))],
    [delta(300), ...more(() => deltaNext(20))],
  ];
}

describe('pictures from RTP', () => {
  it('are handed on with their last packet where the marker is right', () => {
    const depacketizer = h264();
    const maker = new PacketMaker();
    for (const [index, units] of [...gop(1), ...gop(1), ...gop(1)].entries()) {
      const pictures = pushAll(depacketizer, maker.picture(units, index * 3600));
      // The first key frame and the first picture behind it show whether this camera marks its slices.
      assert.equal(hex(pictures).at(-1) === bytes(...units), index > 1);
    }
  });

  it('are handed on at once, the first one too, where only the last of their slices is marked', () => {
    const depacketizer = h264();
    const maker = new PacketMaker();
    for (const [index, units] of gop(3).entries()) {
      assert.deepEqual(hex(pushAll(depacketizer, maker.picture(units, index * 3600))), [bytes(...units)]);
    }
  });

  it('need not wait for the next packet when a moment has passed', () => {
    const depacketizer = h264();
    const [first, second] = gop(1) as [Buffer[], Buffer[]];
    const maker = new PacketMaker();
    assert.deepEqual(pushAll(depacketizer, maker.picture(first, 0)), []);
    assert.equal(depacketizer.isOnHold, true);
    assert.deepEqual(hex(depacketizer.flush()), [bytes(...first)]);
    assert.deepEqual(depacketizer.flush(), []);
    assert.deepEqual(pushAll(depacketizer, maker.picture(second, 3600)), []);
    assert.deepEqual(hex(depacketizer.flush()), [bytes(...second)]);
  });

  for (const [marking, of] of [
    ['never', 'no marker at all'],
    ['slices', 'a marker on every slice'],
    ['all', 'a marker on parameter sets and on every slice'],
  ] as [Marking, string][]) {
    it(`are whole where a camera sets ${of}`, () => {
      const depacketizer = h264();
      const maker = new PacketMaker('H264', marking);
      const sent = [...gop(3), ...gop(3)];
      const pictures = sent.flatMap((units, index) => pushAll(depacketizer, maker.picture(units, index * 3600)));
      assert.deepEqual(
        hex(pictures),
        sent.slice(0, -1).map((units) => bytes(...units)),
      );
      assert.deepEqual(
        pictures.map(({ keyframe }) => keyframe),
        [true, false, false, true, false],
      );
    });
  }

  it('wait for a key frame where a marker on every slice shows only after half a picture went out', () => {
    const depacketizer = h264();
    const maker = new PacketMaker('H264', 'slices');
    const sent = [...gop(1), ...gop(1), ...gop(3), ...gop(3)];
    const pictures = sent.flatMap((units, index) => pushAll(depacketizer, maker.picture(units, index * 3600)));
    const whole = sent.map((units) => bytes(...units));
    // The first key frame of several slices comes when the camera has been trusted.
    const half = bytes(sps, pps, idr(2500));
    assert.deepEqual(hex(pictures), [...whole.slice(0, 6), half, ...whole.slice(9, 11)]);
  });

  it('get the parameter sets that a camera sends with a marker, and with the time of the picture before', () => {
    const depacketizer = h264();
    const maker = new PacketMaker();
    const packets = [
      maker.packet(sps, 100, true),
      maker.packet(pps, 100),
      maker.packet(idr(), 200, true),
      maker.packet(delta(), 300, true),
      maker.packet(sps, 300),
      maker.packet(pps, 300),
      maker.packet(idr(), 400, true),
    ];
    const pictures = [...pushAll(depacketizer, packets), ...depacketizer.flush()];
    assert.deepEqual(hex(pictures), [bytes(sps, pps, idr()), bytes(delta()), bytes(sps, pps, idr())]);
    assert.deepEqual(
      pictures.map(({ rtpTimestamp }) => rtpTimestamp),
      [200, 300, 400],
    );
  });

  it('have the parameter sets of the SDP before key frames that come without', () => {
    const depacketizer = h264({ parameterSets: joinAnnexB([sps, pps]) });
    const maker = new PacketMaker();
    pushAll(depacketizer, maker.picture([idr()], 0));
    assert.deepEqual(hex(depacketizer.flush()), [bytes(sps, pps, idr())]);
  });

  it('begin with a key frame that has its parameter sets, and not before', () => {
    const depacketizer = h264();
    const maker = new PacketMaker('H264', 'never');
    const sent = [[delta()], [deltaNext()], [idr()], [delta()], [sps, pps, idr()], [delta()], [delta()]];
    const pictures = sent.flatMap((units, index) => pushAll(depacketizer, maker.picture(units, index)));
    assert.deepEqual(hex(pictures), [bytes(sps, pps, idr()), bytes(delta())]);
  });

  it('are told apart where the clock stands still', () => {
    const depacketizer = h264();
    const maker = new PacketMaker('H264', 'never');
    const sent = [[sps, pps, idr()], [delta(10)], [delta(20)], [delta(30)]];
    const pictures = sent.flatMap((units) => pushAll(depacketizer, maker.picture(units, 0)));
    assert.deepEqual(
      hex(pictures),
      sent.slice(0, 3).map((units) => bytes(...units)),
    );
  });

  it('come without delimiters and filler, which no decoder needs', () => {
    const depacketizer = h264();
    const maker = new PacketMaker();
    const delimiter = Buffer.from([0x09, 0xf0]);
    const filler = Buffer.from([0x0c, 0xff, 0x80]);
    pushAll(depacketizer, maker.picture([delimiter, sps, pps, idr(), filler], 0));
    assert.deepEqual(hex(depacketizer.flush()), [bytes(sps, pps, idr())]);
  });

  it('may come as several units in a packet, with zeros behind them', () => {
    const depacketizer = h264();
    const maker = new PacketMaker();
    const payload = Buffer.concat([aggregate([sps, pps, idr(), idrNext()]), Buffer.alloc(2)]);
    assert.deepEqual(hex(depacketizer.push(maker.packet(payload, 0, true))), [bytes(sps, pps, idr(), idrNext())]);
  });

  it('may come as a whole byte stream in one unit, start codes included', () => {
    const depacketizer = h264();
    const maker = new PacketMaker();
    const stream = joinAnnexB([sps, pps, idr(3000), idrNext()]).subarray(4);
    assert.deepEqual(hex(pushAll(depacketizer, maker.picture([stream], 0))), [bytes(sps, pps, idr(3000), idrNext())]);
  });

  it('may have fragments without an end', () => {
    const depacketizer = h264();
    const maker = new PacketMaker('H264', 'never');
    const sent = [[sps, pps, idr(2500)], [delta(2500)], [delta()]];
    const packets = sent
      .flatMap((units, index) => maker.picture(units, index))
      .map((packet) => {
        const payload = Buffer.from(packet.payload);
        if ((payload.readUInt8(0) & 0x1f) === 28) {
          payload.writeUInt8(payload.readUInt8(1) & ~0x40, 1);
        }
        return { ...packet, payload };
      });
    assert.deepEqual(
      hex(pushAll(depacketizer, packets)),
      sent.slice(0, 2).map((units) => bytes(...units)),
    );
  });

  for (const marking of ['last', 'never', 'slices'] as const) {
    it(`are never given in part: a lost packet costs all until the next key frame (marker: ${marking})`, () => {
      const sent = Array.from({ length: 4 }, () => gop(2)).flat();
      const whole = sent.map((units) => bytes(...units));
      const count = sent.flatMap((units, index) => new PacketMaker().picture(units, index)).length;
      for (let lost = 0; lost < count; lost++) {
        const depacketizer = h264();
        const maker = new PacketMaker('H264', marking);
        const packets = sent.flatMap((units, index) => maker.picture(units, index * 3600));
        const of = packets[lost]?.timestamp ?? 0;
        const given = hex([...pushAll(depacketizer, packets.toSpliced(lost, 1)), ...depacketizer.flush()]);
        assert.ok(
          given.every((data) => whole.includes(data)),
          `packet ${lost} of picture ${of / 3600}`,
        );
        const next = Math.ceil((of / 3600 + 1) / 3) * 3;
        const isGiven = sent.map((units, index) => given.includes(bytes(...units)) && index >= next);
        assert.ok(lost > 20 || isGiven[next], 'the next key frame');
        assert.equal(depacketizer.losses, lost === 0 || lost === count - 1 ? 0 : 1);
      }
    });
  }

  it('are given once where packets come twice or late, and wait for a key frame where they came late', () => {
    const depacketizer = h264();
    const maker = new PacketMaker('H264', 'never');
    const [one, two, three, four] = [[sps, pps, idr()], [delta(10)], [delta(20)], [delta(30)]].map((units, index) =>
      maker.picture(units, index),
    ) as [RtpPacket[], RtpPacket[], RtpPacket[], RtpPacket[]];
    const key = maker.picture([sps, pps, idr(5)], 9);
    const last = maker.picture([delta()], 10);
    const pictures = pushAll(depacketizer, [...one, ...one, ...two, ...four, ...three, ...key, ...last]);
    assert.deepEqual(hex(pictures), [bytes(sps, pps, idr()), bytes(sps, pps, idr(5))]);
  });

  it('go on where a camera begins its sequence anew', () => {
    const depacketizer = h264();
    const maker = new PacketMaker('H264', 'never');
    const before = maker.picture([sps, pps, idr()], 0);
    maker.sequence = 20_000;
    const after = [...maker.picture([sps, pps, idr(9)], 5), ...maker.picture([delta()], 6)];
    assert.deepEqual(hex(pushAll(depacketizer, [...before, ...after])), [bytes(sps, pps, idr(9))]);
  });

  it('have a largest size, whatever their packets look like', () => {
    const endless: Record<string, (maker: PacketMaker) => RtpPacket> = {
      'fragments without an end': (maker) =>
        maker.packet(
          Buffer.concat([Buffer.from([0x7c, maker.sequence === 65_530 ? 0x85 : 0x05]), Buffer.alloc(900)]),
          0,
        ),
      'empty fragments': (maker) => maker.packet(Buffer.from([0x7c, maker.sequence === 65_530 ? 0x85 : 0x05]), 0),
      'slices without a first one': (maker) => maker.packet(idrNext(900), 0),
      'tiny units': (maker) => maker.packet(aggregate(Array.from({ length: 50 }, () => Buffer.from([0x06]))), 0),
    };
    for (const [name, make] of Object.entries(endless)) {
      const depacketizer = h264({ maxPictureBytes: 100_000 });
      const maker = new PacketMaker();
      const push = () => {
        for (let count = 0; count < 2000; count++) {
          depacketizer.push(make(maker));
        }
      };
      assert.throws(push, PictureTooLargeError, name);
    }
  });

  describe('of H.265', () => {
    const nal = (type: number, third: number, size = 50) =>
      Buffer.concat([Buffer.from([type << 1, 1, third]), Buffer.alloc(size, 7)]);
    const sets = [nal(32, 1, 9), nal(33, 1, 20), nal(34, 1, 5)];
    const key = [...sets, nal(19, 0x80, 2500), nal(19, 0, 1200)];
    const next = [nal(1, 0x80, 1500), nal(1, 0, 30)];
    const h265 = (hasDonl = false) => new VideoDepacketizer({ codec: 'H265', hasDonl });

    it('are put together of units, aggregates and fragments', () => {
      const maker = new PacketMaker('H265');
      const packets = [
        maker.packet(aggregate(sets, 'H265'), 0),
        ...maker.picture(key.slice(3), 0),
        ...maker.picture(next, 3600),
      ];
      const pictures = pushAll(h265(), packets);
      assert.deepEqual(hex(pictures), [bytes(...key), bytes(...next)]);
      assert.deepEqual(
        pictures.map(({ keyframe }) => keyframe),
        [true, false],
      );
    });

    it('may carry decoding order numbers', () => {
      const maker = new PacketMaker('H265');
      const number = Buffer.from([0, 1]);
      const single = (unit: Buffer) => Buffer.concat([unit.subarray(0, 2), number, unit.subarray(2)]);
      const [one, two, three] = sets as [Buffer, Buffer, Buffer];
      const size = (unit: Buffer) => Buffer.from([0, unit.length]);
      const both = Buffer.concat([
        Buffer.from([48 << 1, 1, 0, 0]),
        ...[size(one), one, Buffer.from([0]), size(two), two],
      ]);
      const parts = new PacketMaker('H265').picture([key[3] as Buffer], 0).map(({ payload }) => payload);
      const [first, ...rest] = parts as [Buffer, ...Buffer[]];
      const packets = [
        maker.packet(both, 0),
        maker.packet(single(three), 0),
        maker.packet(Buffer.concat([first.subarray(0, 3), number, first.subarray(3)]), 0),
        ...rest.map((payload) => maker.packet(payload, 0)),
        maker.packet(single(key[4] as Buffer), 0, true),
      ];
      assert.deepEqual(hex(pushAll(h265(true), packets)), [bytes(...key)]);
    });
  });
});
