import type {
  ClientMessage,
  DeviceMessage,
  SingleStreamMessage,
  SingleStreamReply,
} from '../../../src/protocol/messages.ts';

interface Asked {
  at: number;
  requestId: string | undefined;
}

/** Reads from the messages of one client how long its switches take: from the request to the `active` that answers it. */
export class SwitchTimer {
  readonly #took: (milliseconds: number) => void;
  /** The newest request of each slot. */
  readonly #asked = new Map<number, Asked>();

  constructor(took: (milliseconds: number) => void) {
    this.#took = took;
  }

  received(message: ClientMessage | SingleStreamMessage, now = performance.now()): void {
    switch (message.type) {
      case 'multistream/switch':
        this.#asked.set(message.slot, { at: now, requestId: message.request_id });
        break;
      case 'multistream/init':
      case 'multistream/close':
        this.#asked.clear();
        break;
    }
  }

  sent(message: DeviceMessage | SingleStreamReply, now = performance.now()): void {
    if (message.type !== 'multistream/status') {
      return;
    }
    const asked = this.#asked.get(message.slot);
    if (asked === undefined || asked.requestId !== message.request_id) {
      return;
    }
    switch (message.status.status) {
      case 'active':
        this.#took(now - asked.at);
        this.#asked.delete(message.slot);
        break;
      case 'error':
        this.#asked.delete(message.slot);
        break;
    }
  }
}
