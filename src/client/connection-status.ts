import type { ConnectionError } from './errors.ts';

/** `idle`: there is no wish. `waiting`: the connection is lost, and the next attempt is due. `closed` is final. */
export type ConnectionState = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed';

export type StateListener = (state: ConnectionState, error: ConnectionError | null) => void;

/** The state of a connection, and its listeners. */
export class ConnectionStatus {
  readonly #listeners = new Set<StateListener>();
  #state: ConnectionState = 'idle';
  #error: ConnectionError | null = null;

  get state(): ConnectionState {
    return this.#state;
  }

  get error(): ConnectionError | null {
    return this.#error;
  }

  /** Returns a function that unsubscribes. */
  subscribe(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  become(state: ConnectionState, error: ConnectionError | null): void {
    if (state !== this.#state || error !== this.#error) {
      this.#state = state;
      this.#error = error;
      for (const listener of [...this.#listeners]) {
        listener(state, error);
      }
    }
  }
}
