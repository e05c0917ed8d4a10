import { isAbout } from '../protocol/device-words.ts';
import type { ErrorMessage, SlotStatus } from '../protocol/messages.ts';
import { SwitchError, type SwitchErrorReason } from './errors.ts';

interface PendingSwitch {
  readonly requestId: string;
  /** The device's last status; at first our own `buffering`. */
  last: SlotStatus;
  resolve(status: SlotStatus): void;
  fail(reason: SwitchErrorReason, status?: SlotStatus): void;
}

/** The switches that the device has not settled yet: at most one a slot, since the newest wish wins. */
export class PendingSwitches {
  readonly #pending = new Map<number, PendingSwitch>();
  /** The newest request of each slot, settled or not. */
  readonly #newest = new Map<number, string>();

  /** @param timeout milliseconds */
  add(slot: number, stream: string, requestId: string, timeout: number): Promise<SlotStatus> {
    this.#pending.get(slot)?.fail('superseded');
    this.#newest.set(slot, requestId);
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.#pending.delete(slot);
      };
      const pending: PendingSwitch = {
        requestId,
        last: { slot, stream, status: 'buffering' },
        resolve: (status) => {
          settle();
          resolve(status);
        },
        fail: (reason, status = pending.last) => {
          settle();
          reject(new SwitchError(reason, status));
        },
      };
      const timer = setTimeout(() => pending.fail('timeout'), timeout);
      this.#pending.set(slot, pending);
    });
  }

  /** Whether a refused request no longer matters, since a newer one on the same slot replaced it. */
  isStale({ slot, status }: SlotStatus, requestId: string | undefined): boolean {
    return status === 'error' && requestId !== undefined && requestId !== (this.#newest.get(slot) ?? requestId);
  }

  /** A device that echoes no request id is matched by the name that was asked for. */
  onStatus(status: SlotStatus, requestId: string | undefined): void {
    const pending = this.#pending.get(status.slot);
    const matches = requestId === undefined ? pending?.last.stream === status.stream : pending?.requestId === requestId;
    if (pending === undefined || !matches) {
      return;
    }
    pending.last = status;
    if (status.status === 'active') {
      pending.resolve(status);
    } else if (status.status === 'error') {
      pending.fail(status.code === 'superseded' ? 'superseded' : 'error');
    }
  }

  /** The device refused a request as such. Without an id it is the oldest switch that is meant. */
  onRefusal({ value: error, code, request_id }: ErrorMessage): void {
    const pending = [...this.#pending.values()].find((one) =>
      request_id === undefined
        ? isAbout(error, 'multistream/switch', 'multistream/resume')
        : one.requestId === request_id,
    );
    pending?.fail('error', { ...pending.last, status: 'error', error, ...(code && { code }) });
  }

  failAll(reason: SwitchErrorReason): void {
    for (const pending of this.#pending.values()) {
      pending.fail(reason);
    }
  }
}
