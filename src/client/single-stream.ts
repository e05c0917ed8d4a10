/**
 * The ways to play a device that knows no multistream. Loaded only for such a device; of the rest of the client it
 * imports only types, and is handed what it needs.
 */
export { PagesSession } from './pages-session.ts';
export { StreamsSession } from './streams-session.ts';
