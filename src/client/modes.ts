import { resolveStreamName } from '../protocol/stream-name.ts';
import { deviceAddress } from './address.ts';
import { ConnectionError, SwitchError } from './errors.ts';
import { iceServers } from './multistream-client.ts';
import { MultiStreamSession } from './multistream-session.ts';
import { Peer } from './peer.ts';
import { RetryTimer } from './retry-timer.ts';
import type { ActiveMode, Session, SessionSetup } from './session.ts';
import { DeviceSocket } from './socket.ts';

const modes = ['auto', 'multistream', 'webrtc', 'iframe'] as const;
/** `auto`: the first of the others that the device can be played in. */
export type Mode = (typeof modes)[number];

/** @throws {TypeError} which says what there is */
export function checkMode(mode: string): Mode {
  const known = modes.find((one) => one === mode);
  if (known === undefined) {
    throw new TypeError(`mode is one of ${modes.join(', ')}, not "${mode}"`);
  }
  return known;
}

/** What `auto` tries after a mode has failed; null where the failure says nothing of the mode. */
export function nextMode(mode: ActiveMode, { reason }: ConnectionError): ActiveMode | null {
  if (reason === 'unsupported') {
    return mode === 'multistream' ? 'webrtc' : 'iframe';
  }
  // A page of the device's may know other ways than WebRTC.
  return mode === 'webrtc' && (reason === 'media-failed' || reason === 'timeout') ? 'iframe' : null;
}

/** What the modes that few devices need are handed, so that they share no code with the bundle that loads them. */
const parts = {
  ConnectionError,
  deviceAddress,
  DeviceSocket,
  iceServers,
  Peer,
  resolveStreamName,
  RetryTimer,
  SwitchError,
};
export type Parts = typeof parts;

/** @throws {ConnectionError} */
export async function createSession(mode: ActiveMode, setup: SessionSetup): Promise<Session> {
  if (mode === 'multistream') {
    return new MultiStreamSession(setup);
  }
  const { StreamsSession, PagesSession } = await import('./single-stream.ts').catch((cause) => {
    throw new ConnectionError(
      'unsupported',
      'The device knows no multistream, and the code to play it otherwise could not be loaded',
      cause,
    );
  });
  return mode === 'webrtc' ? new StreamsSession(setup, parts) : new PagesSession(setup, parts);
}
