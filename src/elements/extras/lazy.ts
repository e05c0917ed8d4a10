import type { ReactiveControllerHost } from 'lit';

/** Code that few tiles need. It is loaded with the first look at it, and the tile renders anew when it is there. */
export class Lazy<T> {
  readonly #host: ReactiveControllerHost;
  readonly #load: () => Promise<T>;
  #loading: Promise<T | null> | undefined;
  /** Null until it is there; does not load it. */
  present: T | null = null;
  /** The page has no such file. */
  isMissing = false;

  constructor(host: ReactiveControllerHost, load: () => Promise<T>) {
    this.#host = host;
    this.#load = load;
  }

  /** Null until it is there, and in a page that has no such file. */
  get value(): T | null {
    this.load();
    return this.present;
  }

  load(): Promise<T | null> {
    this.#loading ??= this.#load()
      .catch(() => null)
      .then((value) => {
        this.present = value;
        this.isMissing = value === null;
        this.#host.requestUpdate();
        return value;
      });
    return this.#loading;
  }
}
