import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import {
  AV_HWDEVICE_TYPE_D3D12VA,
  AV_HWDEVICE_TYPE_VIDEOTOOLBOX,
  AV_HWDEVICE_TYPE_VULKAN,
  AV_PIX_FMT_NV12,
  AV_PIX_FMT_VIDEOTOOLBOX,
  AV_PIX_FMT_VULKAN,
} from 'node-av/constants';
import { Frame } from 'node-av/lib';
import { CardFrames } from '../../src/coder/card-frames.ts';

const drivers = '/usr/share/vulkan/icd.d';
const fault = existsSync(drivers) && readdirSync(drivers).length > 0 ? null : 'needs a Vulkan driver';
const shape = { width: 320, height: 180, pixels: AV_PIX_FMT_NV12 };
const vulkan = { device: AV_HWDEVICE_TYPE_VULKAN, format: AV_PIX_FMT_VULKAN };

describe("pictures in a graphics card's memory", () => {
  const picture = (brightness: number, time: bigint) => {
    const frame = new Frame();
    frame.alloc();
    Object.assign(frame, { width: shape.width, height: shape.height, format: shape.pixels });
    assert.equal(frame.getBuffer(0), 0);
    frame.data?.[0]?.fill(brightness);
    frame.pts = time;
    return frame;
  };

  it(`are what they were before, with their time${fault === null ? '' : ` (skipped: ${fault})`}`, {
    skip: fault !== null,
  }, async () => {
    const card = new CardFrames(vulkan, shape);
    for (const [index, brightness] of [40, 200].entries()) {
      const frame = picture(brightness, BigInt(index));
      const uploaded = await card.upload(frame);
      assert.equal(uploaded.format, AV_PIX_FMT_VULKAN);
      assert.equal(uploaded.pts, BigInt(index));
      const back = new Frame();
      back.alloc();
      assert.equal(await card.context.transferData(back, uploaded, 0), 0);
      assert.deepEqual([back.width, back.height, back.format], [shape.width, shape.height, shape.pixels]);
      assert.equal(back.data?.[0]?.[100], brightness);
      back.free();
      frame.free();
    }
    card.close();
  });

  it('are refused with the reason where there is no such card', () => {
    const device = process.platform === 'darwin' ? AV_HWDEVICE_TYPE_D3D12VA : AV_HWDEVICE_TYPE_VIDEOTOOLBOX;
    assert.throws(() => new CardFrames({ device, format: AV_PIX_FMT_VIDEOTOOLBOX }, shape), /^Error: no such card: ./);
  });
});
