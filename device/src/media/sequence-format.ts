import type { BitReader } from './bit-reader.ts';

/** The picture format that a sequence parameter set declares. */
export interface SequenceFormat {
  /** profile_idc of H.264, general_profile_idc of H.265. */
  readonly profile: number;
  /** Pixels, without what is cropped. */
  readonly width: number;
  readonly height: number;
  /** How wide a pixel is against its height: 1 where it is square, and where that is not said or makes no sense. */
  readonly aspect: number;
  /** Pictures that may come before one that is shown earlier: above 0 with B-frames. 0 where it is not said. */
  readonly reorder: number;
  /** chroma_format_idc: 1 for 4:2:0. */
  readonly chroma: number;
  /** Bits a sample. */
  readonly lumaDepth: number;
  readonly chromaDepth: number;
}

/** Pixel shapes by aspect_ratio_idc (H.264 table E-1, which H.265 shares), from 1 on. */
const shapes = [
  ...[1, 12 / 11, 10 / 11, 16 / 11, 40 / 33, 24 / 11, 20 / 11, 32 / 11],
  ...[80 / 33, 18 / 11, 15 / 11, 64 / 33, 160 / 99, 4 / 3, 3 / 2, 2],
];
const anyShape = 255;

/** Begins at aspect_ratio_info_present_flag, the first bit of a VUI. */
export function readAspect(bits: BitReader): number {
  if (!bits.flag()) {
    return 1;
  }
  const name = bits.read(8);
  const aspect = name === anyShape ? bits.read(16) / bits.read(16) : (shapes[name - 1] ?? 1);
  return toAspect(aspect);
}

/** Those of broadcast formats are between 0.7 and 2.9; anything far from that, or no number, is a mistake. */
export function toAspect(aspect: number): number {
  return aspect >= 0.25 && aspect <= 4 ? aspect : 1;
}
