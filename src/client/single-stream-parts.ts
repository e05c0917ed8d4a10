import type { parts } from './parts.ts';

/** Gives the client's parts their names, which the elements' own file does without. */
export function nameParts([
  codeOf,
  ConnectionError,
  deviceAddress,
  DeviceSocket,
  iceServers,
  Peer,
  resolveStreamName,
  RetryTimer,
  SwitchError,
]: typeof parts) {
  return {
    codeOf,
    ConnectionError,
    deviceAddress,
    DeviceSocket,
    iceServers,
    Peer,
    resolveStreamName,
    RetryTimer,
    SwitchError,
  };
}

export type Parts = ReturnType<typeof nameParts>;
