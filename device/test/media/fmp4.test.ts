import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { present } from '../../src/coder/ffmpeg.ts';
import type { Codec } from '../../src/media/access-unit.ts';
import { joinAnnexB, splitAnnexB } from '../../src/media/annex-b.ts';
import { fragment, initSegment, toSampleData, videoFormat } from '../../src/media/fmp4.ts';
import { readNalUnit } from '../../src/media/nal-unit.ts';
import { readByFfmpeg } from '../support/fmp4.ts';
import { record } from '../support/recordings.ts';

/** The pictures of a raw recording, in Annex B. */
function picturesOf(recording: Buffer, codec: Codec): { data: Buffer; keyframe: boolean }[] {
  const pictures: Buffer[][] = [];
  let hasSlice = true;
  for (const unit of splitAnnexB(recording)) {
    const { isSlice, beginsPicture } = readNalUnit(unit, codec);
    if (hasSlice && beginsPicture) {
      pictures.push([]);
      hasSlice = false;
    }
    pictures.at(-1)?.push(unit);
    hasSlice ||= isSlice;
  }
  return pictures.map((units) => ({
    data: joinAnnexB(units),
    keyframe: units.some((unit) => {
      const { isSlice, isKey } = readNalUnit(unit, codec);
      return isSlice && isKey;
    }),
  }));
}

describe('fragmented MP4', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fmp4-'));
  });
  after(() => rm(folder, { recursive: true }));

  const recordings: [Codec, string, string, Record<string, string | number>, RegExp][] = [
    ['H264', 'high.h264', 'libx264', { preset: 'veryfast', tune: 'zerolatency' }, /^avc1\.6400[0-9a-f]{2}$/],
    ['H264', 'baseline.h264', 'libx264', { preset: 'ultrafast', tune: 'zerolatency' }, /^avc1\.42c0[0-9a-f]{2}$/],
    [
      'H265',
      'main.h265',
      'libx265',
      { preset: 'ultrafast', tune: 'zerolatency', 'x265-params': 'log-level=none' },
      /^hvc1\.1\.6\.L\d+(\.[0-9A-F]{1,2}){1,6}$/,
    ],
  ];
  for (const [codec, name, encoder, options, codecs] of recordings) {
    it(`is read by FFmpeg, a picture a fragment: ${name}`, async () => {
      const raw = join(folder, name);
      await record(raw, { encoder, options, width: 318, height: 178, seconds: 1, gop: 10 });
      const pictures = picturesOf(await readFile(raw), codec);
      const format = present(videoFormat((pictures[0] as { data: Buffer }).data, codec), 'format');
      assert.match(format.codecs, codecs);
      assert.deepEqual([format.width, format.height], [318, 178]);
      // Times beyond 32 bits, as after days.
      const start = 90_000 * 100_000;
      const fragments = pictures.map(({ data, keyframe }, index) =>
        fragment({
          track: 1,
          sequence: index + 1,
          time: start + index * 3600,
          samples: [{ duration: 3600, keyframe, data: toSampleData(data, codec, keyframe) }],
        }),
      );
      const file = join(folder, `${name}.mp4`);
      await writeFile(file, Buffer.concat([initSegment([format]), ...fragments]));
      assert.deepEqual(
        await readByFfmpeg(file),
        pictures.map(({ keyframe }, index) => ({
          time: 100_000_000_000 + index * 40_000,
          keyframe,
          width: 318,
          height: 178,
        })),
      );
      assert.equal(pictures.length, 25);
    });
  }

  it('takes several pictures into a fragment, each with its own duration', async () => {
    const raw = join(folder, 'several.h264');
    const options = { preset: 'ultrafast', tune: 'zerolatency' };
    await record(raw, { encoder: 'libx264', options, seconds: 0.2, gop: 10 });
    const samples = picturesOf(await readFile(raw), 'H264').map(({ data, keyframe }, index) => ({
      duration: 90 * (index + 1),
      keyframe,
      data: toSampleData(data, 'H264', keyframe),
    }));
    const format = present(
      videoFormat(picturesOf(await readFile(raw), 'H264')[0]?.data ?? Buffer.alloc(0), 'H264'),
      '',
    );
    const file = join(folder, 'several.mp4');
    await writeFile(
      file,
      Buffer.concat([initSegment([format]), fragment({ track: 1, sequence: 1, time: 0, samples })]),
    );
    assert.deepEqual(
      (await readByFfmpeg(file)).map(({ time }) => time),
      [0, 1000, 3000, 6000, 10_000],
    );
  });

  it('has no description of a track whose key frame lacks a parameter set', () => {
    const sps = Buffer.from('6742c01eda0280bfe5c04400000300040000030064', 'hex');
    const pps = Buffer.from('68ce3c80', 'hex');
    const idr = Buffer.from('6588843a', 'hex');
    assert.equal(videoFormat(joinAnnexB([sps, idr]), 'H264'), null);
    assert.equal(videoFormat(joinAnnexB([pps, idr]), 'H264'), null);
    assert.equal(videoFormat(joinAnnexB([idr, sps, pps]), 'H264'), null);
    assert.equal(videoFormat(joinAnnexB([sps, pps, idr]), 'H264')?.codecs, 'avc1.42c01e');
  });

  it('leaves out delimiters, filler and the parameter sets that the init segment has', () => {
    const units = ['09f0', '6742c01e', '68ce3c80', '0600', '6588843a', '0cff80'].map((hex) => Buffer.from(hex, 'hex'));
    const kept = (keyframe: boolean) => toSampleData(joinAnnexB(units), 'H264', keyframe).toString('hex');
    assert.equal(kept(true), '0000000106' + '000000046588843a');
    assert.equal(kept(false), '000000046742c01e' + '0000000468ce3c80' + '0000000106' + '000000046588843a');
  });
});
