import { DeviceConnection, type DeviceConnectionOptions } from './device-connection.ts';

/** The page's connections by address: all walls and tiles that name the same device share one. */
const connections = new Map<string, { connection: DeviceConnection; users: number }>();

/** One user's hold of a connection. The last user's release closes it. */
export class Lease {
  #key: string | null = null;

  /** The connection to this device, which takes the place of the one held so far; none for null. */
  take(url: string | null, options: DeviceConnectionOptions): DeviceConnection | null {
    const key = url === null ? null : address(url);
    if (key !== this.#key) {
      this.release();
      this.#key = key;
      if (key !== null) {
        // The first user's options count as long as the connection lives, since one device has one connection.
        const entry = connections.get(key) ?? { connection: new DeviceConnection(url ?? '', options), users: 0 };
        entry.users += 1;
        connections.set(key, entry);
      }
    }
    return key === null ? null : (connections.get(key)?.connection ?? null);
  }

  release(): void {
    const entry = connections.get(this.#key ?? '');
    if (entry && this.#key !== null) {
      entry.users -= 1;
      if (entry.users === 0) {
        connections.delete(this.#key);
        entry.connection.close();
      }
    }
    this.#key = null;
  }
}

/** `""`, `/` and `https://page.example/` may be the same device. What is no address stands for itself. */
function address(url: string): string {
  try {
    return new URL(url || '/', location.href).href.replace(/\/$/, '');
  } catch {
    return url;
  }
}
