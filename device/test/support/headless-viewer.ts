import type { SlotStatus } from '../../../src/protocol/messages.ts';
import type { Message } from './api-client.ts';
import { type Child, startChild } from './child-process.ts';

/** A wall without a screen: it counts what comes on each slot. */
export class HeadlessViewer {
  readonly #child: Child;
  /** How many of its words were looked at, by the slot that was asked for. */
  readonly #read = new Map<number, number>();

  private constructor(child: Child) {
    this.#child = child;
  }

  /** Resolves when the device has answered; the slots are numbered from 0. */
  static async open(url: string, streams: readonly string[], query = ''): Promise<HeadlessViewer> {
    const program = 'device/test/support/headless-viewer-process.ts';
    const child = startChild(process.execPath, [program, url, query, ...streams]);
    await child.says(/packets/);
    return new HeadlessViewer(child);
  }

  /** What was said of a slot so far. */
  statuses(slot: number): SlotStatus[] {
    return this.#words()
      .map(({ message }) => message)
      .filter((message) => message?.type === 'multistream/status' && message.slot === slot)
      .map((message) => message?.status as SlotStatus);
  }

  /** Until the slot's status is this one; what was waited for before does not count again. */
  async becomes(slot: number, wanted: SlotStatus['status']): Promise<SlotStatus> {
    for (;;) {
      const statuses = this.statuses(slot);
      const index = statuses.findIndex(({ status }, at) => status === wanted && at >= (this.#read.get(slot) ?? 0));
      if (index !== -1) {
        this.#read.set(slot, index + 1);
        return statuses[index] as SlotStatus;
      }
      await tick();
    }
  }

  /** Until this many more packets have come on the slot. */
  async receives(slot: number, packets = 20): Promise<void> {
    const before = this.#packets(slot);
    while (this.#packets(slot) < before + packets) {
      await tick();
    }
  }

  send(message: Message): void {
    this.#child.write(`${JSON.stringify(message)}\n`);
  }

  async close(): Promise<void> {
    await this.#child.end('SIGKILL');
  }

  #packets(slot: number): number {
    return this.#words().findLast(({ packets }) => packets !== undefined)?.packets?.[slot] ?? 0;
  }

  #words(): { message?: Message; packets?: number[] }[] {
    const lines = this.#child.stdout().split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
