import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import {
  AV_CODEC_ID_H264,
  AVCOL_PRI_BT470BG,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT470BG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  AVCOL_TRC_GAMMA28,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet } from 'node-av/lib';
import { pino } from 'pino';
import { coloursOf } from '../../src/coder/colours.ts';
import { parseConfig } from '../../src/config/config.ts';
import { Lineup } from '../../src/lineup.ts';
import type { AccessUnit } from '../../src/media/access-unit.ts';
import type { Stream } from '../../src/streams/stream.ts';

describe('the colours of a picture', () => {
  const frames: Frame[] = [];

  after(() => {
    for (const made of frames) {
      made.free();
    }
  });

  const frame = (height: number) => {
    const made = new Frame();
    made.alloc();
    made.height = height;
    frames.push(made);
    return made;
  };

  it('are what is usual for its size where it says nothing', () => {
    assert.equal(coloursOf(frame(360)).colorSpace, AVCOL_SPC_SMPTE170M);
    assert.equal(coloursOf(frame(1080)).colorSpace, AVCOL_SPC_BT709);
    assert.equal(coloursOf(frame(1080)).colorRange, AVCOL_RANGE_MPEG);
  });

  it('are the ones that it says', () => {
    const said = {
      colorSpace: AVCOL_SPC_BT470BG,
      colorPrimaries: AVCOL_PRI_BT470BG,
      colorTrc: AVCOL_TRC_GAMMA28,
      colorRange: AVCOL_RANGE_JPEG,
    } as const;
    assert.deepEqual(coloursOf(Object.assign(frame(1080), said)), said);
  });

  it('are said by a stream that is encoded of frames that say nothing', async () => {
    const source = 'ffmpeg:virtual?video=testsrc2&size=320x180#video=h264';
    const lineup = new Lineup(parseConfig(`streams: { one: "${source}" }`, 'test.yaml'), pino({ enabled: false }));
    const { promise, resolve } = Promise.withResolvers<AccessUnit>();
    (lineup.streams.get('one') as Stream).read({ unit: resolve, changed: () => {} });
    const picture = await decode((await promise).data);
    assert.equal(picture.colorSpace, AVCOL_SPC_SMPTE170M);
    frames.push(picture);
    await lineup.close();
  });
});

async function decode(data: Buffer): Promise<Frame> {
  const context = new CodecContext();
  context.allocContext3(Codec.findDecoder(AV_CODEC_ID_H264));
  await context.open2();
  const packet = new Packet();
  packet.alloc();
  packet.data = data;
  const frame = new Frame();
  frame.alloc();
  await context.sendPacket(packet);
  await context.sendPacket(null);
  await context.receiveFrame(frame);
  packet.free();
  context.freeContext();
  return frame;
}
