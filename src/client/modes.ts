import { ConnectionError } from './errors.ts';
import { parts } from './parts.ts';
import type { ActiveMode, Session, SessionSetup } from './session.ts';
import { SharedSession } from './shared-session.ts';

/** @throws {ConnectionError} `unsupported` if the code for this mode cannot be loaded */
export async function createSession(mode: ActiveMode, setup: SessionSetup): Promise<Session> {
  try {
    if (mode === 'multistream') {
      return new SharedSession(setup);
    }
    if (mode === 'socket') {
      const { openSocketMedia } = await import('./socket-media.ts');
      return new SharedSession(setup, openSocketMedia);
    }
    return (await import('./single-stream.ts')).createSingleStreams(mode, setup, parts);
  } catch (cause) {
    throw new ConnectionError('unsupported', 'its code could not be loaded', { cause });
  }
}
