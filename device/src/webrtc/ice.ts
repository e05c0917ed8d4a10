/** Turns the configured addresses and ICE servers into what libdatachannel and the browser take. */

import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { IceServer } from '../../../src/protocol/messages.ts';

/** An address or a name, and a port. */
export interface Place {
  host: string;
  port: number;
}

/** By which viewers reach the device. */
export interface Transports {
  udp: boolean;
  tcp: boolean;
}

/**
 * Priority of a configured host candidate (RFC 8445 section 5.1.2.1). It is below that of the machine's own addresses:
 * inside a NAT those are nearer.
 */
const typePreference = 126;
const localPreference = 1;

/**
 * Where the device is and cannot know itself, since a NAT stands between: told to the browser like its own addresses. A
 * name is looked up each time, since the address behind it may change, as a household's does.
 * @throws {Error} where the name is not known
 */
export async function toCandidates({ host, port }: Place, index: number, { udp, tcp }: Transports): Promise<string[]> {
  const addresses = isIP(host) > 0 ? [{ address: host }] : await lookup(host, { all: true });
  const priority = typePreference * 2 ** 24 + localPreference * 2 ** 8 + 255;
  return addresses.flatMap(({ address }) => {
    const foundation = `static${index}${isIPv6(address) ? 6 : 4}`;
    return [
      ...(udp ? [`candidate:${foundation} 1 UDP ${priority} ${address} ${port} typ host`] : []),
      ...(tcp ? [passive(`${foundation}tcp`, { host: address, port })] : []),
    ];
  });
}

/** The TCP candidates of a door (RFC 6544), one for each address of the machine that it can be reached at. */
export function ownCandidates({ host, port }: Place): string[] {
  const addresses = ['::', '0.0.0.0'].includes(host)
    ? Object.values(networkInterfaces())
        .flatMap((list) => list ?? [])
        .filter(({ internal, scopeid, family }) => !internal && !scopeid && (host === '::' || family === 'IPv4'))
        .map(({ address }) => address)
    : [host];
  return addresses.map((address, index) => passive(`tcp${index}`, { host: address, port }));
}

/** Writes a candidate of the lowest priority: TCP is for viewers to whom nothing else gets through. */
function passive(foundation: string, { host, port }: Place): string {
  return `candidate:${foundation} 1 tcp 1 ${host} ${port} typ host tcptype passive`;
}

/**
 * The servers that libdatachannel can use for the device itself: its TURN client speaks UDP alone, and asks a server of
 * another transport in vain. Those are for browsers behind a wall.
 */
export function toNativeServers({ urls, username, credential }: IceServer) {
  return urls.flatMap((url) => {
    const [, scheme, host = '', port, query = ''] =
      /^(stun|turn):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(\?.*)?$/.exec(url) ?? [];
    const hostname = host.replace(/^\[(.*)\]$/, '$1');
    if (scheme === undefined || !['', '?transport=udp'].includes(query)) {
      return [];
    }
    if (scheme === 'stun') {
      return [{ hostname, port: Number(port ?? 3478) }];
    }
    return [
      {
        hostname,
        port: Number(port ?? 3478),
        ...(username === undefined ? {} : { username }),
        ...(credential === undefined ? {} : { password: credential }),
        relayType: 'TurnUdp' as const,
      },
    ];
  });
}
