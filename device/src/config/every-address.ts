import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * The address that stands for every address of this machine: `::`, which takes IPv4 as well, or `0.0.0.0` on a machine
 * without IPv6.
 */
export async function everyAddress(): Promise<string> {
  const probe = createServer();
  try {
    await once(probe.listen(0, '::'), 'listening');
    return '::';
  } catch {
    return '0.0.0.0';
  } finally {
    probe.close();
  }
}
