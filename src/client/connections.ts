import { DeviceConnection, type DeviceConnectionOptions } from './device-connection.ts';

type Options = DeviceConnectionOptions;

/** A device's connection, and the options of each of its users. */
interface Entry {
  readonly connection: DeviceConnection;
  readonly users: Map<Lease, Options>;
}

/** The page's connections: all walls and tiles that name the same device in the same mode share one. */
const connections = new Map<string, Entry>();

/** One user's hold of a connection. The last user's release closes it. */
export class Lease {
  #key: string | null = null;

  /**
   * The connection to this device, which takes the place of the one held so far; none for null. What the options say is
   * put together with those of the other users, see `shared`.
   */
  take(url: string | null, options: Options): DeviceConnection | null {
    const key = url === null ? null : `${options.mode ?? 'auto'} ${address(url)}`;
    if (key !== this.#key) {
      this.release();
      this.#key = key;
    }
    if (key === null) {
      return null;
    }
    const entry = connections.get(key) ?? open(url ?? '', options);
    connections.set(key, entry);
    if (entry.users.get(this)?.pcConfig !== options.pcConfig) {
      warn(url ?? '', options, entry.users.values());
    }
    entry.users.set(this, options);
    return entry.connection;
  }

  release(): void {
    const entry = connections.get(this.#key ?? '');
    if (entry && this.#key !== null) {
      entry.users.delete(this);
      if (entry.users.size === 0) {
        connections.delete(this.#key);
        entry.connection.close();
      }
    }
    this.#key = null;
  }
}

function open(url: string, options: Options): Entry {
  const users = new Map<Lease, Options>();
  return { users, connection: new DeviceConnection(url, shared(users, options)) };
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
      return all().find(({ pcConfig }) => pcConfig)?.pcConfig;
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

/** Warns a developer who names other ICE servers, and would otherwise look for the reason in the network. */
function warn(url: string, { pcConfig }: Options, others: Iterable<Options>): void {
  const first = [...others].find((other) => other.pcConfig)?.pcConfig;
  if (pcConfig && first && JSON.stringify(pcConfig) !== JSON.stringify(first)) {
    console.warn(`Different ICE servers are named for ${url || location.origin}: the first ones count`);
  }
}

/** Normalizes an address: `""`, `/` and `https://page.example/` may be the same device. Invalid ones stay as they are. */
function address(url: string): string {
  try {
    return new URL(url || '/', location.href).href.replace(/\/$/, '');
  } catch {
    return url;
  }
}
