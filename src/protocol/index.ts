export * from './codec.ts';
export * from './decode-device-message.ts';
export * from './messages.ts';
export * from './protocol-error.ts';
export * from './stream-name.ts';
