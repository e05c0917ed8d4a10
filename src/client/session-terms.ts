import type { ConnectionError } from './errors.ts';

/** The seed's default for a device; one that allows fewer refuses, and is then asked for the wished ones only. */
const defaultMaxSlots = 9;

/** On which terms a device opens sessions, as far as it has said so by refusing others. */
export class SessionTerms {
  #limit = Number.POSITIVE_INFINITY;
  #refusesSpare = false;
  #bundlePolicy: RTCBundlePolicy = 'max-bundle';

  /** How many slots the device allows. */
  get limit(): number {
    return this.#limit;
  }

  /** One transport for all is gathered and opened sooner than one for each. */
  get bundlePolicy(): RTCBundlePolicy {
    return this.#bundlePolicy;
  }

  /** How many slots to ask for, spare ones included. */
  size(maxSlots = defaultMaxSlots): number {
    return this.#refusesSpare ? 0 : Math.min(maxSlots, this.#limit);
  }

  /**
   * Learns from a session that was not opened.
   * @param size how many slots it would have had
   * @param wished how many of them were not spare
   * @returns whether the device may open one on the new terms
   */
  learn(error: ConnectionError, size: number, wished: number): boolean {
    const { slotLimit } = error;
    if (slotLimit !== null && slotLimit < size && slotLimit > 0) {
      this.#limit = slotLimit;
      return true;
    }
    if (error.reason === 'media-failed') {
      // Chromium cannot bundle from the start with a device that rejects the first m-line.
      this.#bundlePolicy = 'balanced';
    }
    if (error.reason === 'refused' && size > wished) {
      // It does not say how many it allows: no spare ones, then.
      this.#refusesSpare = true;
      return true;
    }
    return false;
  }
}
