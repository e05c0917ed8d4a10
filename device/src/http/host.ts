import { isIP } from 'node:net';
import { namesHost } from '../config/origin.ts';

/** Top-level names that no public name server answers for (RFC 6761, 6762, 8375; ICANN reserved `internal`). */
const privateSuffix = /(^|\.)(localhost|local|internal|home\.arpa)$/;

/**
 * Whether a Host header can only mean this device. A page may point its own name at the device's address after it was
 * loaded (DNS rebinding) and is then of the same origin in the browser's eyes; but its requests still name that host.
 * An address, a name without a dot and one of a private domain cannot be such a name; others have to be configured.
 * @param origins those of the configuration, whose hosts are known
 */
export function isKnownHost(
  host: string | undefined,
  listenHost: string | undefined,
  origins: readonly string[],
): boolean {
  const address = `http://${host ?? ''}`;
  if (host === undefined || !URL.canParse(address)) {
    return false;
  }
  const name = new URL(address).hostname.replace(/\.$/, '');
  return (
    isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0 ||
    !name.includes('.') ||
    privateSuffix.test(name) ||
    name === listenHost ||
    origins.some((origin) => namesHost(origin, name))
  );
}
