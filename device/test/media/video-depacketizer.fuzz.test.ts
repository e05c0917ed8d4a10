import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { joinAnnexB } from '../../src/media/annex-b.ts';
import { createAudioDepacketizer } from '../../src/media/audio-depacketizer.ts';
import type { AudioFormat } from '../../src/media/audio-unit.ts';
import { parseRtp } from '../../src/media/rtp-packet.ts';
import { PictureTooLargeError, VideoDepacketizer } from '../../src/media/video-depacketizer.ts';
import { fuzz } from '../support/fuzz.ts';
import { delta, deltaNext, idr, idrNext, PacketMaker, pps, sps } from './packets.ts';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((data) => Buffer.from(data));

/** Payloads whose first bytes are likely to mean something. */
const payload = fc
  .tuple(
    fc.constantFrom(0x65, 0x41, 0x67, 0x68, 0x78, 0x7c, 0x5c, 0x06, 0x26, 0x02, 0x40, 0x60, 0x62),
    fc.constantFrom(1, 0x85, 0x45, 0x05, 0x88, 0x93, 0),
    bytes(30),
  )
  .map(([first, second, rest]) => Buffer.concat([Buffer.from([first, second]), rest]));

const packets = fc.array(
  fc.record({
    payload: fc.oneof(payload, bytes(20)),
    step: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.integer({ min: -3, max: 3 }), fc.nat(65_535)),
    later: fc.constantFrom(0, 3600, -3600, 2 ** 31),
    marker: fc.boolean(),
  }),
  { maxLength: 60 },
);

describe('pictures from RTP', () => {
  for (const codec of ['H264', 'H265'] as const) {
    it(`are bounded and decodable from the first on, whatever the packets of ${codec} hold`, () =>
      fuzz({
        corpus: new URL('corpus/video-depacketizer/', import.meta.url),
        input: packets,
        holds: (list) => {
          const depacketizer = new VideoDepacketizer({ codec, maxPictureBytes: 2000, hasDonl: list.length % 2 === 1 });
          let sequence = 0;
          let timestamp = 0;
          let given = 0;
          try {
            for (const { payload: data, step, later, marker } of list) {
              sequence = (sequence + step + 65_536) % 65_536;
              timestamp = (timestamp + later + 2 ** 32) % 2 ** 32;
              const packet = { payloadType: 96, marker, sequence, timestamp, ssrc: 1, payload: data };
              for (const picture of [...depacketizer.push(packet), ...(marker ? depacketizer.flush() : [])]) {
                assert.ok(given++ > 0 || picture.keyframe, 'the first picture is a key frame');
                assert.ok(picture.data.length < 10_000);
              }
            }
          } catch (error) {
            assert.ok(error instanceof PictureTooLargeError, String(error));
          }
        },
      }));
  }

  it('are whole or not given at all, whatever is lost of them', () =>
    fuzz({
      corpus: new URL('corpus/loss/', import.meta.url),
      input: fc.record({
        slices: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 12 }),
        gop: fc.integer({ min: 1, max: 6 }),
        // A marker on every slice is left out: half a picture may go out once, as the test beside this one says.
        marking: fc.constantFrom('last' as const, 'never' as const),
        lost: fc.uniqueArray(fc.nat(60), { maxLength: 6 }),
      }),
      holds: ({ slices, gop, marking, lost }) => {
        const maker = new PacketMaker('H264', marking);
        const sent = slices.map((count, index) => {
          const isKey = index % gop === 0;
          const make = isKey ? [idr, idrNext] : [delta, deltaNext];
          const units = Array.from({ length: count }, (_, slice) =>
            make[Math.min(slice, 1)]?.(1200 - 300 * slice, index + 2),
          );
          return [...(isKey ? [sps, pps] : []), ...units.filter((unit) => unit !== undefined)];
        });
        const whole = sent.map((units) => joinAnnexB(units).toString('hex'));
        const depacketizer = new VideoDepacketizer({ codec: 'H264' });
        const all = sent.flatMap((units, index) => maker.picture(units, index * 3600));
        const came = all.filter((_, index) => !lost.includes(index));
        const given = [...came.flatMap((packet) => depacketizer.push(packet)), ...depacketizer.flush()];
        const numbers = given.map(({ data }) => whole.indexOf(data.toString('hex')));
        for (const [index, number] of numbers.entries()) {
          assert.notEqual(number, -1, 'a picture that was never sent');
          assert.ok(number % gop === 0 || numbers[index - 1] === number - 1, 'a picture without the one before');
        }
      },
    }));
});

describe('an RTP packet', () => {
  it('is read or refused, whatever its bytes are', () =>
    fuzz({
      corpus: new URL('corpus/rtp-packet/', import.meta.url),
      input: fc.oneof(
        bytes(60),
        bytes(60).map((rest) => Buffer.concat([Buffer.from([0xbf, 0x60]), rest])),
      ),
      holds: (data) => {
        const packet = parseRtp(data);
        assert.ok(packet === null || packet.payload.length <= data.length - 12);
      },
    }));
});

describe('sound from RTP', () => {
  const aac: AudioFormat = { codec: 'AAC', clockRate: 16_000, channels: 1, config: Buffer.alloc(0) };

  it('is read or refused, whatever the packets of AAC hold', () =>
    fuzz({
      corpus: new URL('corpus/aac/', import.meta.url),
      input: fc.array(fc.record({ payload: bytes(60), step: fc.constantFrom(0, 1, 1, 1, 2) }), { maxLength: 80 }),
      holds: (list) => {
        const sounds = createAudioDepacketizer(aac, { sizeLength: 13, indexLength: 3, indexDeltaLength: 3 });
        let sequence = 0;
        for (const { payload: data, step } of list) {
          sequence += step;
          const packet = { payloadType: 97, marker: true, sequence, timestamp: 0, ssrc: 1, payload: data };
          for (const frame of sounds.push(packet)) {
            assert.ok(frame.data.length > 0 && frame.data.length < 8192);
          }
        }
      },
    }));
});
