import type { Codec } from '../media/access-unit.ts';
import { joinAnnexB } from '../media/annex-b.ts';
import type { AacLayout } from '../media/audio-depacketizer.ts';
import { type AudioCodec, type AudioFormat, soundRates } from '../media/audio-unit.ts';
import { nalType, parameterSetTypes } from '../media/nal-unit.ts';
import { RtspError } from './rtsp-error.ts';
import type { Sdp, SdpFormat, SdpMedia } from './sdp.ts';

/** The video track that a camera announces. */
export interface VideoTrack {
  readonly codec: Codec;
  /** From the SDP, in Annex B; empty where the camera sends them only with its key frames. */
  readonly parameterSets: Buffer;
}

/** A track that is to be set up. */
export interface Chosen<T> {
  readonly media: SdpMedia;
  readonly format: SdpFormat;
  readonly track: T;
}

export interface ChosenVideo extends Chosen<VideoTrack> {
  readonly hasDonl: boolean;
}

/**
 * The first video that this client can read: a camera may list several.
 * @throws {RtspError} unsupported, with the names of what there is
 */
export function chooseVideo({ media }: Sdp): ChosenVideo {
  const video = media.filter(({ kind, direction }) => kind === 'video' && direction !== 'inactive');
  for (const one of video) {
    for (const format of one.formats) {
      const codec = videoCodecs[format.encoding];
      // Mode 2 sends the units of a picture out of order (RFC 6184 section 5.7.3).
      if (codec !== undefined && format.parameters.get('packetization-mode') !== '2') {
        return {
          media: one,
          format,
          track: { codec, parameterSets: parameterSetsOf(codec, format) },
          hasDonl: Number(format.parameters.get('sprop-max-don-diff') ?? 0) > 0,
        };
      }
    }
  }
  const names = video.flatMap(({ formats }) => formats.map(({ encoding }) => encoding.replaceAll(/[^\w.-]/g, '')));
  throw new RtspError(
    'unsupported',
    names.length > 0
      ? `the camera sends ${names.slice(0, 5).join(', ').slice(0, 80)}, and neither H.264 nor H.265`
      : 'the camera sends no video',
  );
}

/** The first sound that can be used; null if there is none. */
export function chooseAudio({ media }: Sdp): Chosen<AudioFormat> | null {
  for (const one of media) {
    // Skips the sound that the camera would play itself (ONVIF's back channel).
    if (one.kind !== 'audio' || one.direction === 'sendonly' || one.direction === 'inactive') {
      continue;
    }
    for (const format of one.formats) {
      const track = soundOf(format);
      if (track !== null) {
        return { media: one, format, track };
      }
    }
  }
  return null;
}

/** Null for a sound that cannot be used. */
function soundOf({ encoding, clockRate, channels, parameters }: SdpFormat): AudioFormat | null {
  const [, packing, kilobits] = /^((?:AAL2-)?G726)-(16|24|32|40)$/.exec(encoding) ?? [];
  if (packing !== undefined) {
    return { codec: packing as AudioCodec, clockRate: 8000, channels: 1, config: Buffer.of(Number(kilobits) / 8) };
  }
  const codec = audioCodecs[encoding];
  const { lowest, highest } = soundRates;
  const isReadable =
    (codec !== 'AAC' || Number(parameters.get('sizelength')) > 0) && (codec !== 'L16' || channels <= 2);
  return codec !== undefined && isReadable && clockRate >= lowest && clockRate <= highest
    ? { codec, clockRate, channels, config: Buffer.from(parameters.get('config') ?? '', 'hex') }
    : null;
}

export function aacLayout({ parameters }: SdpFormat): AacLayout {
  const bits = (name: string) => Math.min(32, Math.max(0, Math.trunc(Number(parameters.get(name) ?? 0)) || 0));
  return {
    sizeLength: bits('sizelength'),
    indexLength: bits('indexlength'),
    indexDeltaLength: bits('indexdeltalength'),
  };
}

function parameterSetsOf(codec: Codec, { parameters }: SdpFormat): Buffer {
  const names = codec === 'H264' ? ['sprop-parameter-sets'] : ['sprop-vps', 'sprop-sps', 'sprop-pps'];
  const units = names
    .flatMap((name) => (parameters.get(name) ?? '').split(','))
    .slice(0, mostSets)
    .map((text) => Buffer.from(text, 'base64'))
    // Some cameras put start codes before them.
    .map((unit) => unit.subarray(startCodeLength(unit)))
    .filter((unit) => unit.length > 2 && parameterSetTypes[codec].includes(nalType(unit.readUInt8(0), codec)));
  return joinAnnexB(units);
}

/** Bytes of a start code at the beginning; 0 if there is none. */
function startCodeLength(unit: Buffer): number {
  return (/^0000(00)?01/.exec(unit.toString('hex', 0, 4))?.[0].length ?? 0) / 2;
}

const mostSets = 16;
const videoCodecs: Record<string, Codec> = { H264: 'H264', H265: 'H265', HEVC: 'H265' };
const audioCodecs: Record<string, AudioCodec> = {
  'MPEG4-GENERIC': 'AAC',
  PCMU: 'PCMU',
  PCMA: 'PCMA',
  G722: 'G722',
  OPUS: 'OPUS',
  L16: 'L16',
};
