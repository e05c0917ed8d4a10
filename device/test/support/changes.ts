/** Lets a test wait for a condition that only certain callbacks can change; they call `wake`. */
export class Changes {
  #waiting = Promise.withResolvers<void>();

  readonly wake = (): void => {
    this.#waiting.resolve();
    this.#waiting = Promise.withResolvers();
  };

  /** Resolves when the condition holds; it is looked at after each change. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await this.#waiting.promise;
    }
  }
}
