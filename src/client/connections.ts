import { hrefOf } from './address.ts';
import { DeviceConnection, type DeviceConnectionOptions } from './device-connection.ts';

type Options = DeviceConnectionOptions;

/** A device's connection, and the options of each of its users. */
interface Entry {
  readonly key: string;
  readonly connection: DeviceConnection;
  readonly users: Map<Lease, Options>;
}

/** The page's connections: all walls and tiles that name the same device in the same mode share one. */
const connections = new Map<string, Entry>();

/** One user's hold of a connection. The last user's release closes it. */
export class Lease {
  #entry: Entry | null = null;

  /**
   * The connection to this device, which takes the place of the one held so far; none for null. What the options say is
   * put together with those of the other users, see `shared`.
   */
  take(url: string | null, options: Options): DeviceConnection | null {
    const key = url === null ? null : `${options.mode ?? 'auto'} ${hrefOf(url)}`;
    if (key !== this.#entry?.key) {
      this.release();
    }
    if (url === null || key === null) {
      return null;
    }
    const entry = this.#entry ?? connections.get(key) ?? open(key, url, options);
    const { users } = entry;
    const { pcConfig } = options;
    const first = firstConfig(users);
    if (
      pcConfig &&
      first &&
      users.get(this)?.pcConfig !== pcConfig &&
      JSON.stringify(pcConfig) !== JSON.stringify(first)
    ) {
      // A developer who names other servers would otherwise look for the reason in the network.
      console.warn(`Different ICE servers for ${url || location.origin}: the first count`);
    }
    users.set(this, options);
    this.#entry = entry;
    return entry.connection;
  }

  release(): void {
    const entry = this.#entry;
    this.#entry = null;
    if (entry?.users.delete(this) && entry.users.size === 0) {
      connections.delete(entry.key);
      entry.connection.close();
    }
  }
}

function open(key: string, url: string, options: Options): Entry {
  const users = new Map<Lease, Options>();
  const entry = { key, users, connection: new DeviceConnection(url, shared(users, options)) };
  connections.set(key, entry);
  return entry;
}

/**
 * Merges the options of all users of a connection, anew for each session: the token of the first user that has one, room
 * for the largest wall, and the ICE servers of the first user that names some.
 */
function shared(users: ReadonlyMap<Lease, Options>, first: Options): Options {
  const all = () => [...users.values()];
  return {
    ...first,
    authorize: () => firstToken(all().flatMap(({ authorize }) => authorize ?? [])),
    get pcConfig() {
      return firstConfig(users);
    },
    get maxSlots() {
      const wanted = all().flatMap(({ maxSlots }) => maxSlots ?? []);
      return wanted.length === 0 ? undefined : Math.max(...wanted);
    },
  };
}

/** Stays synchronous when a token is already known. */
function firstToken([ask, ...others]: NonNullable<Options['authorize']>[]): string | Promise<string> {
  const given = ask?.() ?? '';
  if (typeof given !== 'string') {
    return given.then((token) => token || firstToken(others));
  }
  return given || others.length === 0 ? given : firstToken(others);
}

function firstConfig(users: ReadonlyMap<Lease, Options>): RTCConfiguration | undefined {
  return [...users.values()].find(({ pcConfig }) => pcConfig)?.pcConfig;
}
