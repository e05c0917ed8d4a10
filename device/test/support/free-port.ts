import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/**
 * Takes a port of this machine and gives it back.
 * @param port 0: any that is free
 * @returns its number
 * @throws {Error} where the port is in use
 */
export async function freePort(kind: 'tcp' | 'udp', port = 0): Promise<number> {
  if (kind === 'tcp') {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return address.port;
  }
  const socket = createSocket('udp6').bind(port);
  await once(socket, 'listening');
  const address = socket.address();
  await new Promise<void>((resolve) => socket.close(resolve));
  return address.port;
}
