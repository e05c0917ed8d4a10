/** Waits for what is being closed, and keeps nothing of what has been: a camera is opened and closed for years. */
export class Departures {
  readonly #leaving = new Set<Promise<unknown>>();

  /** @param one what is being closed */
  add(one: Promise<unknown>): void {
    this.#leaving.add(one);
    const forget = () => this.#leaving.delete(one);
    one.then(forget, forget);
  }

  /** Resolves when all are gone that were added before. */
  async allGone(): Promise<void> {
    await Promise.all(this.#leaving);
  }
}
