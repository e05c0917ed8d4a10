import type { ListeningMessage } from '../protocol/messages.ts';
import type { ProtocolError } from '../protocol/protocol-error.ts';
import type { ConnectionError } from './errors.ts';
import type { SocketFactory } from './socket.ts';

/** The slot that is heard, -1 for none; its `codec`, or `error` and `code` if it cannot be heard, as soon as that is known. */
export type Listening = Pick<ListeningMessage, 'slot' | 'codec' | 'error' | 'code'>;

export interface MultiStreamClientOptions {
  /** A token that the device wants to see; asked for at each session, and again (`isRenewal`) before the token expires. */
  authorize?: ((isRenewal?: boolean) => string | Promise<string>) | undefined;
  /** `iceServers` is by default what the device names, or one public STUN server; `[]` asks none. */
  pcConfig?: RTCConfiguration | undefined;
  /** Milliseconds from `connect` to the media connection; 10,000 by default. */
  connectTimeout?: number;
  /** Milliseconds that a device may take for its first answer, before it counts as one that knows no multistream. */
  readyTimeout?: number | undefined;
  /** Milliseconds from the device's answer to the media connection, where that shall fail sooner than `connectTimeout`. */
  mediaTimeout?: number | undefined;
  /** Milliseconds from `switchStream` to the device's `active`; 10,000 by default. */
  switchTimeout?: number;
  /** Milliseconds that the media path may be without contact before the session is given up; 5,000 by default. */
  mediaGrace?: number;
  /** The device is about to end: time to open the next session, while this one plays on. */
  onMoving?: (reason: string) => void;
  /** Called if the session ends by itself after `connect` has resolved; not called for `disconnect`. */
  onClosed?: (error: ConnectionError) => void;
  /** Whose sound `audioTrack` carries: after each `listen`, and when the slot's stream or what is known of it changes. */
  onListening?: (listening: Listening) => void;
  /** Called for a text that is not a message of the protocol. The session goes on. */
  onProtocolError?: (error: ProtocolError) => void;
  /** Opens the WebSocket; for tests and for pages that bring their own. */
  createSocket?: SocketFactory;
}
