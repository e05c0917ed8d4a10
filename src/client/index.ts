export * from './device-connection.ts';
export * from './errors.ts';
export * from './multistream-client.ts';
export * from './retry.ts';
export type { Socket, SocketFactory } from './socket.ts';
