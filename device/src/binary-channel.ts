/** The binary side of a client's connection: of its WebSocket, or of a response that does not end. */
export interface BinaryChannel {
  /** Sends the parts as one message, or drops them as a whole. */
  send(parts: readonly Uint8Array[]): void;
  /** Sends a ping. @param arrived is called once, when its answer or that of a later ping says that all that was sent before it has arrived */
  ping(arrived: () => void): void;
}
