import { AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, type AVCodecID } from 'node-av/constants';
import { BitStreamFilter, BitStreamFilterContext, type Stream } from 'node-av/lib';
import { check, present } from './ffmpeg.ts';

/** Filters that turn the length prefixes of recordings into the start codes of the wire. */
const annexB = new Map<AVCodecID, string>([
  [AV_CODEC_ID_H264, 'h264_mp4toannexb'],
  [AV_CODEC_ID_HEVC, 'hevc_mp4toannexb'],
]);

/** Recordings and FLV have length prefixes where the wire has start codes; a stream that has those passes unchanged. */
export function createFilter(stream: Stream): BitStreamFilterContext | null {
  const name = annexB.get(stream.codecpar.codecId);
  if (name === undefined) {
    return null;
  }
  const context = new BitStreamFilterContext();
  check(context.alloc(present(BitStreamFilter.getByName(name), name)), name);
  check(stream.codecpar.copy(present(context.inputCodecParameters, name)), name);
  context.inputTimeBase = stream.timeBase;
  check(context.init(), name);
  return context;
}
