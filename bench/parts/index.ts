import type { Part } from '../part.ts';
import { browserCost } from './browser-cost.ts';
import { calm } from './calm.ts';
import { cameras } from './cameras.ts';
import { coldVariants } from './cold-variants.ts';
import { connect } from './connect.ts';
import { connections } from './connections.ts';
import { deviceCost } from './device-cost.ts';
import { edges } from './edges.ts';
import { fallback } from './fallback.ts';
import { hour } from './hour.ts';
import { latency } from './latency.ts';
import { quality } from './quality.ts';
import { reach } from './reach.ts';
import { size } from './size.ts';
import { sound } from './sound.ts';
import { switching } from './switch.ts';
import { thinLink } from './thin-link.ts';
import { tours } from './tours.ts';
import { viewerCost } from './viewer-cost.ts';
import { wall } from './wall.ts';

/** In the order in which they run, and stand in the report. */
export const parts: readonly Part[] = [
  connect,
  switching,
  quality,
  coldVariants,
  connections,
  cameras,
  deviceCost,
  viewerCost,
  edges,
  browserCost,
  calm,
  tours,
  latency,
  thinLink,
  reach,
  fallback,
  hour,
  sound,
  wall,
  size,
];
