/** Does what many clients ask for a few at a time, with a turn of the event loop between: pictures and health checks go there. */
export class Turns {
  readonly #perTurn: number;
  readonly #waiting: (() => void)[] = [];
  #isComing = false;

  /** @param perTurn jobs that are done in one turn */
  constructor(perTurn: number) {
    this.#perTurn = perTurn;
  }

  /** The job is done in the order in which it came, and never within this call. */
  take(job: () => void): void {
    this.#waiting.push(job);
    this.#come();
  }

  #come(): void {
    if (!this.#isComing && this.#waiting.length > 0) {
      this.#isComing = true;
      setImmediate(() => {
        this.#isComing = false;
        const jobs = this.#waiting.splice(0, this.#perTurn);
        this.#come();
        for (const job of jobs) {
          job();
        }
      });
    }
  }
}
