import type { SourceConfig } from '../config/source.ts';
import type { OpensSource } from './camera-source.ts';
import { openInCoder } from './coder-source.ts';
import { openOverRtsp } from './rtsp-source.ts';

/** How each kind of source is read. */
export const sourceKinds: Record<SourceConfig['kind'], OpensSource> = {
  rtsp: openOverRtsp,
  http: openInCoder,
  file: openInCoder,
  virtual: openInCoder,
};
