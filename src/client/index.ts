export * from './device-connection.ts';
export * from './errors.ts';
export type { Media, MediaEvents, OpenMedia, SlotSource, SlotTrack } from './media.ts';
export * from './multistream-client.ts';
export * from './retry.ts';
export type { Socket, SocketFactory } from './socket.ts';
