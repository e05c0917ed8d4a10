/** What the configuration says of reaching each other, as libdatachannel and the browser take it. */

import { isIPv6 } from 'node:net';

export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

export interface Address {
  address: string;
  port: number;
}

/** Of a host candidate (RFC 8445 section 5.1.2.1), below those that were found: inside a NAT those are nearer. */
const typePreference = 126;
const localPreference = 1;

/** An address that the device cannot know itself, since a NAT stands between: told to the browser like its own. */
export function toCandidate({ address, port }: Address, index: number): string {
  const priority = typePreference * 2 ** 24 + localPreference * 2 ** 8 + 255;
  return `candidate:static${index}${isIPv6(address) ? 6 : 4} 1 UDP ${priority} ${address} ${port} typ host`;
}

/** libdatachannel's own TURN client speaks UDP alone; where that is blocked, the browser relays. */
export function toNativeServers({ urls, username, credential }: IceServer) {
  return urls.map((url) => {
    const turn = /^turn:([^:?]+|\[[^\]]+\])(?::(\d+))?/.exec(url);
    if (turn === null) {
      return url;
    }
    return {
      hostname: turn[1] ?? '',
      port: Number(turn[2] ?? 3478),
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { password: credential }),
      relayType: 'TurnUdp' as const,
    };
  });
}
