import type { Part } from '../part.ts';
import { connect } from './connect.ts';
import { switching } from './switch.ts';

/** In the order in which they run, and stand in the report. */
export const parts: readonly Part[] = [connect, switching];
