/**
 * The messages between a coder's process and the device, over Node's IPC channel. A process has one job, which is one source and
 * its outputs; synthetic cameras, which read nothing from outside, share a process.
 */

import type { OutputConfig } from '../config/output.ts';
import type { SourceConfig } from '../config/source.ts';
import type { AccessUnit, Codec, StreamFormat } from '../media/access-unit.ts';
import type { AudioFormat, AudioUnit } from '../media/audio-unit.ts';
import type { EncodedFormat } from '../media/encoded-sound.ts';
import type { GopLimits } from '../media/gop.ts';

/** A camera's promise of how much it will send is memory: these hold where its bytes come in. */
export interface CoderLimits {
  /** Bytes of one coded picture. */
  pictureBytes: number;
  /** Bytes of memory beyond which the supervisor replaces the process. A source that takes more before it opens has failed. */
  memoryBytes: number;
  /** The pictures that are kept to prime a decoder that starts. */
  gop: GopLimits;
}

/** Pictures that the device reads itself, and hands to the process as `unit` messages. */
export interface UnitSource {
  kind: 'units';
  codec: Codec;
  /** Pixels. */
  width: number;
  height: number;
  /** The pictures come in another order than they are shown. */
  hasBFrames: boolean;
}

/** Sound that the device has, and hands to the process as `audio` messages: it comes back in the target's codec. */
export interface SoundSource {
  kind: 'sound';
  format: AudioFormat;
  target: EncodedFormat;
}

/** The sound that a source sends; null for none, with the reason. Comes once, and again after a change. */
export interface AudioFormatReport {
  type: 'audio-format';
  format: AudioFormat | null;
  reason: string;
}

/** Everything that a process may get to work on. */
export type CoderSource = SourceConfig | UnitSource | SoundSource;

/** A message as it travels: which job it is of. */
export interface OfJob<T> {
  job: number;
  message: T;
}

/** To the process. The source travels here and not in its arguments: those are open to every user of the machine. */
export type CoderRequest =
  /** @param silenceMs how long the source may send nothing at all before its first picture, in milliseconds */
  | { type: 'open'; source: CoderSource; limits: CoderLimits; silenceMs: number }
  | { type: 'start'; output: string; config: OutputConfig }
  | { type: 'stop'; output: string }
  /** The next picture of a `UnitSource`; the first one is a key frame. */
  | { type: 'unit'; unit: AccessUnit }
  /** The next frame of a `SoundSource`. */
  | { type: 'audio'; unit: AudioUnit }
  | { type: 'keyframe'; output: string }
  /** Whether the source's own sound is wanted from now on; at first it is not. */
  | { type: 'listen'; isHeard: boolean }
  /** The job is over; others go on. */
  | { type: 'close' }
  /** A still of the present picture. */
  | { type: 'still'; id: number; width: number | undefined };

/** From the process. */
export type CoderReport =
  | { type: 'format'; output: string; format: StreamFormat }
  | { type: 'unit'; output: string; unit: AccessUnit }
  | AudioFormatReport
  /** The next frame of the source's own sound, or of what was made of a `SoundSource`. */
  | { type: 'audio'; unit: AudioUnit }
  /** The source is fine, and no browser takes what it sends: of use only to outputs that encode. */
  | { type: 'unplayable'; output: string; reason: string }
  /** One output cannot be made; the others go on. */
  | { type: 'refused'; output: string; reason: string }
  /** A note for the owner of the device: which encoder was chosen, or that a stream is transcoded. */
  | { type: 'note'; output: string; text: string }
  /** The source answers, and will send. Not every source tells. */
  | { type: 'open' }
  /** The first packet, and each second without a key frame another one of these; and the first key frame. */
  | { type: 'packets'; hasKeyframe: boolean }
  /** The job's share of what its process takes. */
  | { type: 'memory'; bytes: number }
  /** JPEG; without data where there is no picture to be had. */
  | { type: 'still'; id: number; data?: Buffer; error?: string }
  /** The source cannot be read, or no longer; the process ends. */
  | { type: 'failed'; reason: string };

/** A unit as it comes out of the channel. */
export function received<Unit extends { readonly data: Buffer }>(unit: Unit): Unit {
  return { ...unit, data: receivedBytes(unit.data) };
}

/** Structured clone makes a plain Uint8Array of a Buffer. */
export function receivedBytes(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.length);
}
