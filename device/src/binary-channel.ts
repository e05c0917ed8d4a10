/** The binary side of a client's connection: of its WebSocket, or of a response that does not end. */
export interface BinaryChannel {
  /** Sends the parts as one message, or drops them as a whole. */
  send(parts: readonly Uint8Array[]): void;
  /** Sends a ping. @param arrived is called when its answer is here, and so all that was sent before it */
  ping(arrived: () => void): void;
}
