import { ConnectionError } from './errors.ts';
import { parts } from './parts.ts';
import type { ActiveMode, Session, SessionSetup } from './session.ts';
import { SharedSession } from './shared-session.ts';

/** @throws {ConnectionError} `unsupported` if the code for this mode cannot be loaded */
export async function createSession(mode: ActiveMode, setup: SessionSetup): Promise<Session> {
  if (mode === 'multistream') {
    return new SharedSession(setup);
  }
  const { StreamsSession, PagesSession } = await import('./single-stream.ts').catch((cause) => {
    throw new ConnectionError(
      'unsupported',
      'The device does not speak multistream, and the code to play it otherwise could not be loaded',
      cause,
    );
  });
  return mode === 'webrtc' ? new StreamsSession(setup, parts) : new PagesSession(setup, parts);
}
