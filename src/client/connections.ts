import { DeviceConnection, type DeviceConnectionOptions } from './device-connection.ts';

/** The page's connections: walls that name the same device in the same way share one. */
const connections = new Map<string, { connection: DeviceConnection; users: number }>();

/** Give it back with `releaseConnection`. */
export function acquireConnection(url: string, options: DeviceConnectionOptions = {}): DeviceConnection {
  const key = JSON.stringify([url, options.pcConfig]);
  const entry = connections.get(key) ?? { connection: new DeviceConnection(url, options), users: 0 };
  entry.users += 1;
  connections.set(key, entry);
  return entry.connection;
}

/** The last user's release closes the connection. */
export function releaseConnection(connection: DeviceConnection): void {
  for (const [key, entry] of connections) {
    if (entry.connection === connection) {
      entry.users -= 1;
      if (entry.users === 0) {
        connections.delete(key);
        connection.close();
      }
    }
  }
}
