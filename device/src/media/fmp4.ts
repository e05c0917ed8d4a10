/**
 * Writes fragmented MP4 (ISO/IEC 14496-12), as MediaSource and `<video>` take it: an init segment, and then a fragment for each
 * picture, which is written as soon as the picture is there. FFmpeg's muxer and the libraries in npm hold a picture back until
 * they know its duration.
 */

import { readAacConfig } from './aac-config.ts';
import type { Codec } from './access-unit.ts';
import { findUnits } from './annex-b.ts';
import type { AudioFormat } from './audio-unit.ts';
import { withoutEmulationPrevention } from './bit-reader.ts';
import { withSlowTiming } from './h264-sps.ts';
import { parameterSetTypes, readNalUnit } from './nal-unit.ts';
import { readSps } from './sps.ts';

/** A track as the init segment describes it. */
export interface TrackFormat {
  readonly kind: 'video' | 'audio';
  /** The codec as `MediaSource.isTypeSupported` takes it (RFC 6381): `avc1.64001f`, `hvc1.1.6.L93.B0`. */
  readonly codecs: string;
  /** Ticks a second of all times of the track. */
  readonly timescale: number;
  /** Pixels; 0 for sound. */
  readonly width: number;
  readonly height: number;
  /** The sample entry, a whole box: `avc1`, `hvc1`; `Opus` or `mp4a` for sound. */
  readonly entry: Buffer;
}

/** One picture, or one frame of sound, in the track's form. */
export interface Sample {
  /** Ticks. */
  readonly duration: number;
  /** A decoder can start here. */
  readonly keyframe: boolean;
  readonly data: Buffer;
}

export interface Fragment {
  /** From 1 on, as in the init segment. */
  readonly track: number;
  /** Counts the fragments from 1 on. */
  readonly sequence: number;
  /** When the first sample is to be shown: ticks, at most 2^53 - 1. The others follow by their durations. */
  readonly time: number;
  readonly samples: readonly Sample[];
}

/** 90 kHz, as RTP has it: times can be passed on as they are. */
const videoTimescale = 90_000;

/**
 * Describes a video track by the parameter sets that a key frame brings.
 * @param keyframe Annex B
 * @returns null if a set is missing, or the sequence parameter set cannot be read
 */
export function videoFormat(keyframe: Buffer, codec: Codec): TrackFormat | null {
  const sets = parameterSetTypes[codec].map((type) => setsOf(keyframe, codec, type));
  const sps = sets.at(-2)?.[0];
  const sequence = sps === undefined ? null : readSps(sps, codec);
  if (sps === undefined || sequence === null || sets.some(({ length }) => length === 0)) {
    return null;
  }
  const { width, height } = sequence;
  const depths = { chroma: sequence.chroma, luma: sequence.lumaDepth - 8, chromas: sequence.chromaDepth - 8 };
  const general = withoutEmulationPrevention(sps);
  const [name, configuration, codecs] =
    codec === 'H264'
      ? (['avc1', avcC(sps, sets, depths), `avc1.${sps.toString('hex', 1, 4)}`] as const)
      : (['hvc1', hvcC(general, sets, depths), hevcCodecs(general)] as const);
  return {
    kind: 'video',
    codecs,
    timescale: videoTimescale,
    width,
    height,
    entry: videoEntry(name, width, height, configuration),
  };
}

/** Describes the sound of a camera; null for a codec that MediaSource does not take. */
export function soundFormat({ codec, clockRate, channels, config }: AudioFormat): TrackFormat | null {
  const track = { kind: 'audio', timescale: clockRate, width: 0, height: 0 } as const;
  if (codec === 'OPUS') {
    return { ...track, codecs: 'opus', entry: soundEntry('Opus', channels, clockRate, dOps(channels, clockRate)) };
  }
  const aac = codec === 'AAC' && config.length <= largestConfig ? readAacConfig(config) : null;
  if (aac === null) {
    return null;
  }
  return { ...track, codecs: `mp4a.40.${aac.object}`, entry: soundEntry('mp4a', channels, clockRate, esds(config)) };
}

/**
 * A picture as a sample has it: its NAL units behind their lengths. Delimiters and filler are left out, and a key frame's parameter
 * sets, which are in the init segment.
 * @param data Annex B
 */
export function toSampleData(data: Buffer, codec: Codec, keyframe: boolean): Buffer {
  const parts: Buffer[] = [];
  for (const { unit } of findUnits(data)) {
    const { type, isDisposable } = readNalUnit(unit, codec);
    if (!isDisposable && !(keyframe && parameterSetTypes[codec].includes(type))) {
      parts.push(u32(unit.length), unit);
    }
  }
  return Buffer.concat(parts);
}

/** The init segment of these tracks, whose numbers begin at 1. It names no duration: browsers then play with little delay. */
export function initSegment(tracks: readonly TrackFormat[]): Buffer {
  const moov = box(
    'moov',
    fullBox(
      'mvhd',
      0,
      0,
      zeros(8),
      u32(1000),
      u32(0),
      u32(0x0001_0000),
      u16(0x0100),
      zeros(10),
      matrix,
      zeros(24),
      u32(tracks.length + 1),
    ),
    ...tracks.map((track, index) => trak(track, index + 1)),
    box('mvex', ...tracks.map((_, index) => fullBox('trex', 0, 0, u32(index + 1), u32(1), zeros(12)))),
  );
  return Buffer.concat([box('ftyp', ascii('iso6'), u32(1), ascii('iso6mp41')), moov]);
}

/** A fragment: `moof` and `mdat`. */
export function fragment({ track, sequence, time, samples }: Fragment): Buffer {
  const rows = samples.map(({ duration, keyframe, data }) =>
    Buffer.concat([u32(duration), u32(data.length), u32(keyframe ? syncSample : otherSample)]),
  );
  const moof = (offset: number) =>
    box(
      'moof',
      fullBox('mfhd', 0, 0, u32(sequence)),
      box(
        'traf',
        fullBox('tfhd', 0, defaultBaseIsMoof, u32(track)),
        fullBox('tfdt', 1, 0, u64(time)),
        fullBox('trun', 0, withOffset | withDuration | withSize | withFlags, u32(samples.length), u32(offset), ...rows),
      ),
    );
  const head = moof(moof(0).length + boxHeader);
  const bytes = samples.reduce((sum, { data }) => sum + data.length, 0);
  return Buffer.concat([head, u32(bytes + boxHeader), ascii('mdat'), ...samples.map(({ data }) => data)]);
}

interface Depths {
  readonly chroma: number;
  /** Bits above 8. */
  readonly luma: number;
  readonly chromas: number;
}

/** The parameter sets of one type before the first slice. */
function setsOf(keyframe: Buffer, codec: Codec, wanted: number): Buffer[] {
  const found: Buffer[] = [];
  for (const { unit } of findUnits(keyframe)) {
    const { type, isSlice } = readNalUnit(unit, codec);
    if (isSlice) {
      break;
    }
    // Their lengths have 16 bits, and no more than 31 sequence parameter sets can be counted.
    if (type === wanted && unit.length >= 4 && unit.length <= 0xffff && found.length < 31) {
      found.push(unit);
    }
  }
  return found;
}

/** AVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 5.3.3.1). */
function avcC(sps: Buffer, [spss = [], ppss = []]: Buffer[][], { chroma, luma, chromas }: Depths): Buffer {
  const profile = sps.readUInt8(1);
  return box(
    'avcC',
    Buffer.from([1, profile, sps.readUInt8(2), sps.readUInt8(3), 0xff, 0xe0 | spss.length]),
    ...withLengths(spss.map(withSlowTiming)),
    Buffer.from([ppss.length]),
    ...withLengths(ppss),
    // Only the baseline, main and extended profiles are described without these.
    ...([66, 77, 88].includes(profile) ? [] : [Buffer.from([0xfc | chroma, 0xf8 | luma, 0xf8 | chromas, 0])]),
  );
}

/** HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 section 8.3.3.1). @param sps without emulation prevention */
function hvcC(sps: Buffer, sets: Buffer[][], { chroma, luma, chromas }: Depths): Buffer {
  const first = sps.readUInt8(2);
  const layers = ((first >> 1) & 7) + 1;
  return box(
    'hvcC',
    Buffer.from([1]),
    sps.subarray(3, 15),
    Buffer.from([0xf0, 0, 0xfc, 0xfc | chroma, 0xf8 | luma, 0xf8 | chromas, 0, 0]),
    // Units have lengths of four bytes.
    Buffer.from([(layers << 3) | ((first & 1) << 2) | 3, sets.length]),
    ...sets.flatMap((units, index) => [
      Buffer.from([0x80 | (parameterSetTypes.H265[index] as number)]),
      u16(units.length),
      ...withLengths(units),
    ]),
  );
}

/** ISO/IEC 14496-15 annex E.3. @param sps without emulation prevention */
function hevcCodecs(sps: Buffer): string {
  const profile = sps.readUInt8(3);
  let compatible = 0;
  for (let bit = 0; bit < 32; bit++) {
    compatible += ((sps.readUInt32BE(4) >>> bit) & 1) * 2 ** (31 - bit);
  }
  const constraints = [...sps.subarray(8, 14)];
  while (constraints.at(-1) === 0) {
    constraints.pop();
  }
  return [
    'hvc1',
    `${['', 'A', 'B', 'C'][profile >> 6]}${profile & 0x1f}`,
    compatible.toString(16).toUpperCase(),
    `${(profile & 0x20) === 0 ? 'L' : 'H'}${sps.readUInt8(14)}`,
    ...constraints.map((byte) => byte.toString(16).toUpperCase()),
  ].join('.');
}

/** VisualSampleEntry (ISO/IEC 14496-12 section 12.1.3). */
function videoEntry(name: string, width: number, height: number, configuration: Buffer): Buffer {
  const resolution = u32(72 << 16);
  return box(
    name,
    ...[zeros(6), u16(1), zeros(16), u16(width), u16(height), resolution, resolution],
    ...[zeros(4), u16(1), zeros(32), u16(24), u16(0xffff), configuration],
  );
}

/** AudioSampleEntry (ISO/IEC 14496-12 section 12.2.3). The rate has 16 bits before its point. */
function soundEntry(name: string, channels: number, rate: number, configuration: Buffer): Buffer {
  const samples = [u16(channels), u16(16), zeros(4), u32(rate > 0xffff ? 0 : rate * 0x1_0000)];
  return box(name, zeros(6), u16(1), zeros(8), ...samples, configuration);
}

/** Encapsulation of Opus in ISOBMFF, section 4.3.2: no samples are to be left out at the start, and the gain is 0. */
function dOps(channels: number, rate: number): Buffer {
  return box('dOps', Buffer.from([0, channels]), u16(0), u32(rate), u16(0), Buffer.from([0]));
}

/** The descriptors of an elementary stream (ISO/IEC 14496-1 section 7.2.6). */
function esds(config: Buffer): Buffer {
  const descriptor = (tag: number, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts);
    return Buffer.concat([Buffer.from([tag, body.length]), body]);
  };
  // Audio of MPEG-4, whose sizes and rates are not told.
  const decoder = descriptor(4, Buffer.from([0x40, 0x15]), zeros(11), descriptor(5, config));
  return fullBox('esds', 0, 0, descriptor(3, u16(0), zeros(1), decoder, descriptor(6, Buffer.from([2]))));
}

function trak({ kind, timescale, width, height, entry }: TrackFormat, id: number): Buffer {
  const isVideo = kind === 'video';
  const volume = isVideo ? 0 : 0x0100;
  const empty = ['stts', 'stsc', 'stco'].map((name) => fullBox(name, 0, 0, u32(0)));
  return box(
    'trak',
    // The track is enabled, and part of what is shown.
    fullBox(
      ...(['tkhd', 0, 3, zeros(8), u32(id), zeros(8), zeros(12), u16(volume), u16(0), matrix] as const),
      ...[u32(width * 0x1_0000), u32(height * 0x1_0000)],
    ),
    box(
      'mdia',
      fullBox('mdhd', 0, 0, zeros(8), u32(timescale), u32(0), u16(undetermined), u16(0)),
      fullBox('hdlr', 0, 0, u32(0), ascii(isVideo ? 'vide' : 'soun'), zeros(12), ascii('\0')),
      box(
        'minf',
        isVideo ? fullBox('vmhd', 0, 1, zeros(8)) : fullBox('smhd', 0, 0, zeros(4)),
        box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
        box('stbl', fullBox('stsd', 0, 0, u32(1), entry), ...empty, fullBox('stsz', 0, 0, u32(0), u32(0))),
      ),
    ),
  );
}

const boxHeader = 8;
/** Bytes of an AudioSpecificConfig: descriptors around it then have sizes of one byte. */
const largestConfig = 64;
/** Flags of `tfhd` and `trun` (ISO/IEC 14496-12 sections 8.8.7 and 8.8.8). */
const defaultBaseIsMoof = 0x02_0000;
const withOffset = 0x1;
const withDuration = 0x100;
const withSize = 0x200;
const withFlags = 0x400;
/** Flags of samples (section 8.8.3.1): depends on no other; depends on others, and is no place to start. */
const syncSample = 0x0200_0000;
const otherSample = 0x0101_0000;
/** ISO 639-2's "und", five bits a letter. */
const undetermined = 0x55c4;
const matrix = Buffer.concat([0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000].map(u32));

function box(type: string, ...parts: readonly Buffer[]): Buffer {
  const size = parts.reduce((sum, part) => sum + part.length, boxHeader);
  return Buffer.concat([u32(size), ascii(type), ...parts], size);
}

function fullBox(type: string, version: number, flags: number, ...parts: readonly Buffer[]): Buffer {
  return box(type, u32(version * 2 ** 24 + flags), ...parts);
}

function withLengths(units: readonly Buffer[]): Buffer[] {
  return units.flatMap((unit) => [u16(unit.length), unit]);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function u32(value: number): Buffer {
  const data = Buffer.alloc(4);
  data.writeUInt32BE(value);
  return data;
}

function u64(value: number): Buffer {
  return Buffer.concat([u32(Math.floor(value / 2 ** 32)), u32(value % 2 ** 32)]);
}

function zeros(count: number): Buffer {
  return Buffer.alloc(count);
}

function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
