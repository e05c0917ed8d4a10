import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** UDP packets that the whole machine has sent since it started (proc(5)). */
export function packetsSent(): number {
  const [names = [], values = []] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Udp: '))
    .map((line) => line.split(' '));
  const [, sixth] = /^Udp6OutDatagrams\s+(\d+)$/m.exec(readFileSync('/proc/net/snmp6', 'utf8')) ?? [];
  return Number(values[names.indexOf('OutDatagrams')]) + Number(sixth ?? 0);
}

/**
 * Measures the kernel's CPU time for a packet of a bare loop that sends as many to as many viewers, and does nothing else.
 * @param rate packets a second for each
 * @returns microseconds
 */
export async function bareSending(viewers: number, rate: number): Promise<number> {
  const [octets, seconds] = [900, 3];
  const program = new URL('bare-sender.py', import.meta.url).pathname;
  // The system's Python, which the cameras need, too.
  const run = promisify(execFile);
  const { stdout } = await run('/usr/bin/python3', [
    program,
    ...[viewers, Math.round(rate), octets, seconds].map(String),
  ]);
  return Number(stdout);
}
