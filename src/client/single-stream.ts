import { PagesSession } from './pages-session.ts';
import type { Parts } from './parts.ts';
import type { ActiveMode, Session, SessionSetup } from './session.ts';
import { provideParts } from './single-stream-parts.ts';
import { StreamsSession } from './streams-session.ts';

/**
 * Creates a session with a device that knows no multistream. Loaded only for such a device; of the rest of the client this file
 * imports only types, and is handed what it needs.
 */
export function createSingleStreams(mode: ActiveMode, setup: SessionSetup, given: Parts): Session {
  provideParts(given);
  const Session = mode === 'webrtc' ? StreamsSession : PagesSession;
  return new Session(setup);
}
