/**
 * Cameras that start at once would all wait for each other: opening a source and its first encoder takes far more of the
 * machine than going on. So only a few start at a time, in the order they came.
 */
export class StartQueue {
  readonly #limit: number;
  readonly #waiting = new Set<() => void>();
  #starting = 0;

  constructor(limit = 4) {
    this.#limit = limit;
  }

  /**
   * Calls `start` when its turn comes, perhaps at once.
   * @param start gets what `enter` returns, since it may be called before that returns
   * @returns to be called when the start is over, or no longer wanted; again does nothing
   */
  enter(start: (leave: () => void) => void): () => void {
    let state: 'waiting' | 'starting' | 'left' = 'waiting';
    const leave = () => {
      if (state === 'starting') {
        this.#starting--;
      }
      state = 'left';
      this.#waiting.delete(turn);
      this.#next();
    };
    const turn = () => {
      this.#waiting.delete(turn);
      state = 'starting';
      this.#starting++;
      start(leave);
    };
    this.#waiting.add(turn);
    this.#next();
    return leave;
  }

  #next(): void {
    for (const turn of this.#waiting) {
      if (this.#starting >= this.#limit) {
        return;
      }
      turn();
    }
  }
}
