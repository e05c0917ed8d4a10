import type { DeviceConnection, Wish } from '../../client/device-connection.ts';

/** How long (ms) the device may take to say which cameras play. */
const patience = 1500;
/** Streams that a message may name, as `mostPrepared` of the protocol. */
const mostNamed = 64;
/** How long (ms) its answer holds for other tours of the same page. */
const freshFor = 250;

/** The cameras that a device has open for one tour, and those that it calls offline. */
export class TourCameras {
  /** Streams that were offline when it was their turn, the one first that was found so the longest ago. */
  readonly #offline = new Set<string>();
  /** The streams that the device has open for this tour, by their names there. */
  readonly #open = new Map<string, Wish>();

  isOffline(stream: string): boolean {
    return this.#offline.has(stream);
  }

  /** Notes that a tile plays this stream, which `prepare` lets go of once it is no longer shown. */
  note(wish: Wish): void {
    if (wish.stream) {
      this.#open.set(nameOf(wish), wish);
    }
  }

  /** Asks the device which of the started cameras are offline. */
  async look(connection: DeviceConnection): Promise<void> {
    const states = await statesOf(connection.address('api/streams'));
    const isKnown = Object.keys(states).length > 0;
    for (const [name, { stream }] of this.#open) {
      const { state, reason } = states[name] ?? {};
      if (state === 'offline' || (isKnown && states[name] === undefined)) {
        // Also where the device has no such camera.
        this.#offline.delete(stream);
        this.#offline.add(stream);
      } else if (state === 'live' || (state === 'starting' && reason)) {
        // A camera that sends, and has sent no key frame yet, is started with a reason.
        this.#offline.delete(stream);
      }
    }
  }

  /** Returns the camera of these that was tried the longest ago; null if none is offline. */
  longestOffline<T extends { readonly stream: string }>(cameras: readonly T[]): T | null {
    const [first] = [...this.#offline].filter((name) => cameras.some(({ stream }) => stream === name));
    return cameras.find(({ stream }) => stream === first) ?? null;
  }

  /**
   * Has the device start these cameras, and let go of those that are neither among them nor shown.
   * @param shown the wishes of the tiles
   */
  prepare(connection: DeviceConnection, wishes: readonly Wish[], shown: readonly Wish[]): void {
    const wanted = new Set(wishes.map(nameOf));
    const kept = new Set(shown.map(({ stream }) => stream));
    const left = this.#forget((name, { stream }) => !wanted.has(name) && !kept.has(stream));
    for (const wish of [...shown, ...wishes]) {
      this.note(wish);
    }
    send(connection, wishes, left);
  }

  /** Has the device let go of all cameras but these, each as soon as no tile shows it. */
  leaveOthers(connection: DeviceConnection, kept: ReadonlySet<string>): void {
    const left = this.#forget((_, { stream }) => !kept.has(stream));
    if (left.length > 0) {
      send(connection, [], left);
    }
  }

  #forget(isLeft: (name: string, wish: Wish) => boolean): Wish[] {
    const left = [...this.#open].filter(([name, wish]) => isLeft(name, wish));
    for (const [name] of left) {
      this.#open.delete(name);
    }
    return left.map(([, wish]) => wish);
  }
}

function send(connection: DeviceConnection, wishes: readonly Wish[], left: readonly Wish[]): void {
  connection.prepare(wishes, left.slice(0, mostNamed));
  for (let at = mostNamed; at < left.length; at += mostNamed) {
    connection.prepare([], left.slice(at, at + mostNamed));
  }
}

/** As `resolveStreamName`, which is a part of the elements' own file. */
function nameOf({ stream, quality }: Wish): string {
  return quality === '' || quality === 'native' ? stream : `${stream}-${quality}`;
}

interface StreamStates {
  readonly [name: string]: { readonly state?: unknown; readonly reason?: unknown } | undefined;
}

/** Reads a device's list of streams; it is empty where there is none in time. Tiles that ask at once share an answer. */
async function statesOf(address: URL | null): Promise<StreamStates> {
  if (address === null) {
    return {};
  }
  const { href } = address;
  const known = answers.get(href);
  if (known && performance.now() - known.askedAt < freshFor) {
    return known.states;
  }
  const states = fetch(href, { signal: AbortSignal.timeout(patience) })
    .then((response) => (response.ok ? response.json() : {}))
    .then((list: unknown) => Object(list) as StreamStates)
    .catch(() => ({}));
  answers.clear();
  answers.set(href, { states, askedAt: performance.now() });
  return states;
}

/** The last answer, by its address. */
const answers = new Map<string, { states: Promise<StreamStates>; askedAt: number }>();
