import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** libjuice keeps twenty of a viewer's candidates, and tries them one after the other. */
const mostCandidates = 20;
/** RFC 8839 section 5.1, as far as the library needs it; extensions follow. */
const syntax =
  /^(?:a=)?candidate:([\w+/-]{1,64}) 1 udp (\d{1,10}) (\S{1,256}) (\d{1,5}) typ (host|srflx|prflx|relay)(?: (.*))?$/i;

export interface ClientCandidatesOptions {
  /** The WebSocket's remote address. */
  address: string | undefined;
  /** The ICE user name of the m-line whose transport is used. */
  user: string;
}

/**
 * The candidates of one viewer, wherever they come from. Each is written anew from what was understood: an IP address, UDP,
 * of the transport in use, and no more than the library keeps. So the library looks up no name.
 *
 * A browser hides its addresses behind names that only its own network can resolve (draft-ietf-mmusic-mdns-ice-candidates),
 * but the WebSocket shows where it is. With that address the device can send the first check instead of waiting for the
 * browser's, which libjuice answers with its own only 50 ms later.
 */
export class ClientCandidates {
  readonly #options: ClientCandidatesOptions;
  readonly #taken = new Set<string>();
  #count = 0;

  constructor(options: ClientCandidatesOptions) {
    this.#options = options;
  }

  /** @returns the candidates to try; none for one that is of no use */
  take(candidate: string): string[] {
    const match = syntax.exec(candidate.trim());
    if (match === null) {
      return [];
    }
    const [, foundation = '', priority = '', host = '', port = '', type = '', extensions = ''] = match;
    const user = /(?:^| )ufrag (\S+)/.exec(extensions)?.[1] ?? this.#options.user;
    if (user !== this.#options.user || Number(priority) >= 2 ** 32 || !isPort(Number(port))) {
      return [];
    }
    // Within a transport no two candidates share both (RFC 8445 section 5.1.2). Chromium gives all its m-lines the same
    // user name, so these tell the candidates of a transport that BUNDLE makes superfluous: the first m-line's come first.
    const name = `${foundation} ${priority}`;
    if (this.#taken.has(name) || this.#count >= mostCandidates) {
      return [];
    }
    const addresses = this.#resolve(host).slice(0, mostCandidates - this.#count);
    if (addresses.length > 0) {
      this.#taken.add(name);
      this.#count += addresses.length;
    }
    return addresses.map(
      (known) => `candidate:${foundation} 1 UDP ${priority} ${known} ${port} typ ${type.toLowerCase()}`,
    );
  }

  #resolve(host: string): string[] {
    const { address } = this.#options;
    if (host.endsWith('.local')) {
      return address === undefined ? [] : addressesOf(address);
    }
    return isAddress(host) ? [host] : [];
  }
}

/** A browser on this machine gathers the machine's addresses and not the loopback's. */
function addressesOf(address: string): string[] {
  const plain = address.replace(/^::ffff:/, '');
  if (plain !== '::1' && !plain.startsWith('127.')) {
    return isAddress(plain) ? [plain] : [];
  }
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map((own) => own.address);
}

/** Without a zone: `fe80::1%eth0` means something on one machine alone. */
function isAddress(host: string): boolean {
  return isIPv4(host) || (isIPv6(host) && !host.includes('%'));
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
