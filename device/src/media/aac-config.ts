/** AAC describes itself in an AudioSpecificConfig, or in an ADTS header before each frame (ISO/IEC 14496-3). */

import { BitReader } from './bit-reader.ts';

/** The part of an AudioSpecificConfig (section 1.6.2.1) that describes the coded frames. */
export interface AacConfig {
  /** Audio object type: 2 is AAC-LC, 5 and 29 are HE-AAC. */
  readonly object: number;
  /** Samples a second of the core, which is half the rate that is heard where a decoder adds the upper half (SBR). */
  readonly rate: number;
  /** 0 where the frames describe it. */
  readonly channels: number;
  /** Samples of a frame at the core's rate. */
  readonly frame: 960 | 1024;
}

/** Sampling frequencies by their index (section 1.6.3.4). */
const rates = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];
const explicitRate = 15;

/** @returns null for a config that cannot be read */
export function readAacConfig(config: Buffer): AacConfig | null {
  try {
    const bits = new BitReader(config);
    const object = readObject(bits);
    const rate = readRate(bits);
    const channels = bits.read(4);
    if (object === 5 || object === 29) {
      readRate(bits);
      readObject(bits);
    }
    return rate > 0 ? { object, rate, channels, frame: bits.flag() ? 960 : 1024 } : null;
  } catch {
    return null;
  }
}

/** The config of AAC-LC. @returns null for a rate that has no index */
export function aacConfig(rate: number, channels: number): Buffer | null {
  const index = rates.indexOf(rate);
  return index === -1 ? null : writeConfig(2, index, channels);
}

/** The rate that AAC-LC has closest to this one. */
export function nearestAacRate(rate: number): number {
  return rates.reduce((best, next) => (Math.abs(next - rate) < Math.abs(best - rate) ? next : best));
}

/**
 * Takes the ADTS headers (section 1.A.2) off: MPEG-TS and raw streams have one before each frame.
 * @returns null if there is none
 */
export function splitAdts(data: Buffer): { config: Buffer; frames: Buffer[] } | null {
  let config: Buffer | null = null;
  const frames: Buffer[] = [];
  for (let at = 0; at + shortHeader <= data.length; ) {
    const isAdts = (data.readUInt16BE(at) & 0xfff6) === 0xfff0;
    const [third, fourth] = [data.readUInt8(at + 2), data.readUInt8(at + 3)];
    const size = ((fourth & 3) << 11) | (data.readUInt16BE(at + 4) >> 5);
    const header = (data.readUInt8(at + 1) & 1) === 1 ? shortHeader : longHeader;
    const rate = (third >> 2) & 15;
    if (!isAdts || size <= header || at + size > data.length || rates[rate] === undefined) {
      break;
    }
    config ??= writeConfig((third >> 6) + 1, rate, ((third & 1) << 2) | (fourth >> 6));
    frames.push(data.subarray(at + header, at + size));
    at += size;
  }
  return config === null ? null : { config, frames };
}

/** Bytes of a header without and with a checksum. */
const shortHeader = 7;
const longHeader = 9;

function writeConfig(object: number, rateIndex: number, channels: number): Buffer {
  return Buffer.from([(object << 3) | (rateIndex >> 1), ((rateIndex & 1) << 7) | (channels << 3)]);
}

/** Types above 30 are written with six bits more. */
function readObject(bits: BitReader): number {
  const object = bits.read(5);
  return object === 31 ? 32 + bits.read(6) : object;
}

function readRate(bits: BitReader): number {
  const index = bits.read(4);
  return index === explicitRate ? bits.read(24) : (rates[index] ?? 0);
}
