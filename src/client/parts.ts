import { codeOf } from '../protocol/device-words.ts';
import { resolveStreamName } from '../protocol/stream-name.ts';
import { deviceAddress } from './address.ts';
import { ConnectionError, SwitchError } from './errors.ts';
import { Peer } from './peer.ts';
import { RetryTimer } from './retry-timer.ts';
import { DeviceSocket } from './socket.ts';

/**
 * The code that `single-stream.ts` gets from the client instead of importing it. If both files imported it, the bundler
 * would move it into a third file, and the one script tag would load two.
 */
export const parts = {
  codeOf,
  ConnectionError,
  deviceAddress,
  DeviceSocket,
  Peer,
  resolveStreamName,
  RetryTimer,
  SwitchError,
};
export type Parts = typeof parts;
