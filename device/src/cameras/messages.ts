/** What a camera's process and its supervisor say to each other, over Node's IPC channel. */

import type { EncodeOutput, OutputConfig, SourceConfig } from '../config/source.ts';
import type { AccessUnit, StreamFormat } from '../streams/access-unit.ts';

export type { EncodeOutput, OutputConfig, SourceConfig };

/** To the process. The source travels here and not in its arguments: those are open to every user of the machine. */
export type CameraRequest =
  | { type: 'open'; source: SourceConfig }
  | { type: 'start'; output: string; config: OutputConfig }
  | { type: 'stop'; output: string }
  | { type: 'keyframe'; output: string };

/** From the process. */
export type CameraReport =
  | { type: 'format'; output: string; format: StreamFormat }
  | { type: 'unit'; output: string; unit: AccessUnit }
  /** One output cannot be made; the others go on. */
  | { type: 'refused'; output: string; reason: string }
  /** The source cannot be read, or no longer; the process ends. */
  | { type: 'failed'; reason: string };
