import { type Child, startChild } from './child-process.ts';
import { until } from './until.ts';

/** The events of one viewer since all were live for the first time. */
export interface CrowdMember {
  /** Whether it has a session with a picture on every tile. */
  isLive: boolean;
  /** How often its session ended before it had the next one. */
  breaks: number;
  /** How often a device sent it to another one. */
  moves: number;
  /** Between two pictures of a tile, sessions apart or not. */
  longestGapMs: number;
}

export interface CrowdReport {
  label: string;
  members: CrowdMember[];
}

/** Headless viewers in a process of their own, which find another device when theirs ends. */
export class Crowd {
  readonly pid: number;
  readonly #child: Child;
  #asked = 0;

  private constructor(child: Child) {
    this.pid = child.pid;
    this.#child = child;
  }

  /** Resolves when every viewer has a picture on every tile. @param url of a device, or of a balancer before several */
  static async open(url: string, viewers: number, streams: readonly string[]): Promise<Crowd> {
    const program = 'device/test/support/crowd-process.ts';
    const child = startChild(process.execPath, [program, url, String(viewers), ...streams]);
    await child.says(/^open$/m, 120_000);
    return new Crowd(child);
  }

  async report(): Promise<CrowdMember[]> {
    const label = `report ${++this.#asked}`;
    this.#child.write(`${label}\n`);
    const line = await this.#child.says(new RegExp(`^.*"${label}".*$`, 'm'));
    return (JSON.parse(line) as CrowdReport).members;
  }

  /** Resolves when every viewer has a picture on every tile. */
  async live(): Promise<CrowdMember[]> {
    let members: CrowdMember[] = [];
    await until(async () => {
      members = await this.report();
      return members.every(({ isLive }) => isLive);
    });
    return members;
  }

  async close(): Promise<void> {
    await this.#child.end('SIGKILL');
  }
}
