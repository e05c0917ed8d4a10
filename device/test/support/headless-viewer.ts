import type { SlotStatus } from '../../../src/protocol/messages.ts';
import type { Message } from './api-client.ts';
import { type Child, startChild } from './child-process.ts';
import type { HeadlessPeerOptions, Received } from './headless-peer.ts';

/** RTCP packets that a viewer sends in turn. */
export interface Flood {
  /** Hexadecimal. */
  packets: string[];
  perSecond: number;
  seconds: number;
}

export interface Report {
  /** By slot. */
  received: Received[];
  at: number;
}

/** A wall without a screen: it counts what comes on each slot. */
export class HeadlessViewer {
  readonly #child: Child;
  /** How many of its words were looked at, by the slot that was asked for. */
  readonly #read = new Map<number, number>();

  private constructor(child: Child) {
    this.#child = child;
  }

  /**
   * Resolves when the device has answered; the slots are numbered from 0.
   * @param within what goes before its command, where it is to run in another network
   */
  static async open(
    url: string,
    streams: readonly string[],
    { query = '', codecs = ['H264'], within = [] }: HeadlessPeerOptions & { within?: readonly string[] } = {},
  ): Promise<HeadlessViewer> {
    const script = 'device/test/support/headless-viewer-process.ts';
    const [program, ...args] = [...within, process.execPath, script, url, query, codecs.join(), ...streams];
    const child = startChild(program as string, args);
    try {
      await child.says(/received/);
    } catch (error) {
      await child.end('SIGKILL');
      throw error;
    }
    return new HeadlessViewer(child);
  }

  /** The statuses of a slot so far, from the answer on. */
  statuses(slot: number): SlotStatus[] {
    const told = this.#words().flatMap(({ message }) => {
      switch (message?.type) {
        case 'multistream/answer':
          return message.slots as SlotStatus[];
        case 'multistream/status':
          return [message.status as SlotStatus];
        default:
          return [];
      }
    });
    return told.filter((status) => status.slot === slot);
  }

  /**
   * Until the slot's status is this one; what was waited for before does not count again.
   * @param also what else it says: a device repeats a status when it knows more of it, such as the camera's time
   */
  async becomes(slot: number, wanted: SlotStatus['status'], also: Partial<SlotStatus> = {}): Promise<SlotStatus> {
    const says = Object.entries({ ...also, status: wanted });
    for (;;) {
      const statuses = this.statuses(slot);
      const index = statuses.findIndex(
        (status, at) =>
          at >= (this.#read.get(slot) ?? 0) && says.every(([key, value]) => status[key as keyof SlotStatus] === value),
      );
      if (index !== -1) {
        this.#read.set(slot, index + 1);
        return statuses[index] as SlotStatus;
      }
      await tick();
    }
  }

  /** Until this many more packets have come on the slot. */
  async receives(slot: number, packets = 20): Promise<void> {
    const before = this.received(slot).packets;
    await this.receivedWhere(slot, (now) => now.packets >= before + packets);
  }

  received(slot: number): Received {
    return this.report.received[slot] as Received;
  }

  /** The viewer's last word on what had come on each slot, and when it said so, in its own milliseconds. */
  get report(): Report {
    return this.#words().findLast(({ received }) => received !== undefined) as Report;
  }

  /** Resolves with what has come when the condition first holds. */
  async receivedWhere(slot: number, condition: (received: Received) => boolean): Promise<Received> {
    for (;;) {
      const received = this.received(slot);
      if (condition(received)) {
        return received;
      }
      await tick();
    }
  }

  send(message: Message): void {
    this.#child.write(`${JSON.stringify(message)}\n`);
  }

  /** The SSRCs of the slots, as the answer announces them. */
  get ssrcs(): number[] {
    return this.#words().find(({ ssrcs }) => ssrcs !== undefined)?.ssrcs ?? [];
  }

  /** Sends RTCP packets; resolves when the last one is out. */
  async flood(flood: Flood): Promise<void> {
    const before = this.#words().filter(({ flooded }) => flooded !== undefined).length;
    this.#child.write(`${JSON.stringify({ flood })}\n`);
    while (this.#words().filter(({ flooded }) => flooded !== undefined).length === before) {
      await tick();
    }
  }

  /** Its process stands still from now on, and reads nothing. */
  halt(): void {
    process.kill(this.#child.pid, 'SIGSTOP');
  }

  async close(): Promise<void> {
    await this.#child.end('SIGKILL');
  }

  #words(): (Partial<Report> & { message?: Message; ssrcs?: number[]; flooded?: number })[] {
    const lines = this.#child.stdout().split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
