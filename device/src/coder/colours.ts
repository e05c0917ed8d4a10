import {
  AVCOL_PRI_BT709,
  AVCOL_PRI_SMPTE170M,
  AVCOL_PRI_UNSPECIFIED,
  AVCOL_RANGE_MPEG,
  AVCOL_RANGE_UNSPECIFIED,
  AVCOL_SPC_BT709,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_TRC_BT709,
  AVCOL_TRC_SMPTE170M,
  AVCOL_TRC_UNSPECIFIED,
} from 'node-av/constants';
import type { Frame } from 'node-av/lib';

/** The colour space in which a picture's numbers are meant (ITU-T H.273). */
export type Colours = Pick<Frame, 'colorSpace' | 'colorPrimaries' | 'colorTrc' | 'colorRange'>;

/** Lines from which on a picture that says nothing is taken for high definition, as players do. */
const highDefinition = 720;

/**
 * A frame's colours, with what is usual for its size where it says nothing. Every stream has to say them: a browser's
 * decoder that is switched to one that does not goes on with those of the stream before.
 */
export function coloursOf({ colorSpace, colorPrimaries, colorTrc, colorRange, height }: Frame): Colours {
  const isHigh = height >= highDefinition;
  return {
    colorSpace: colorSpace === AVCOL_SPC_UNSPECIFIED ? (isHigh ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M) : colorSpace,
    colorPrimaries:
      colorPrimaries === AVCOL_PRI_UNSPECIFIED ? (isHigh ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M) : colorPrimaries,
    colorTrc: colorTrc === AVCOL_TRC_UNSPECIFIED ? (isHigh ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M) : colorTrc,
    colorRange: colorRange === AVCOL_RANGE_UNSPECIFIED ? AVCOL_RANGE_MPEG : colorRange,
  };
}
