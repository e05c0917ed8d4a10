import type { parts as client } from './parts.ts';

/** The client's parts by their names, handed over by the client that loads these files; see `parts.ts`. */
export let parts: ReturnType<typeof nameParts>;

export function provideParts(given: typeof client): void {
  parts = nameParts(given);
}

function nameParts([
  codeOf,
  ConnectionError,
  deviceAddress,
  DeviceSocket,
  iceServers,
  Peer,
  resolveStreamName,
  RetryTimer,
  SwitchError,
]: typeof client) {
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
