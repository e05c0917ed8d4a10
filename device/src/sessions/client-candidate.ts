import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * A browser hides its addresses behind names that only its own network can resolve (draft-ietf-mmusic-mdns-ice-candidates),
 * but the WebSocket shows where it is. With that address the device can send the first check instead of waiting for the
 * browser's, which libjuice answers with its own only 50 ms later.
 * @param address the WebSocket's remote address
 * @returns the candidates to try; the given one alone where it names an address
 */
export function resolveCandidate(candidate: string, address: string | undefined): string[] {
  const fields = candidate.split(' ');
  const host = fields[4];
  if (!host?.endsWith('.local') || address === undefined) {
    return [candidate];
  }
  return addressesOf(address).map((known) => fields.with(4, known).join(' '));
}

/** A browser on this machine gathers the machine's addresses and not the loopback's. */
function addressesOf(address: string): string[] {
  const plain = address.replace(/^::ffff:/, '');
  if (plain !== '::1' && !plain.startsWith('127.')) {
    return isIPv4(plain) || isIPv6(plain) ? [plain] : [];
  }
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map((own) => own.address);
}
