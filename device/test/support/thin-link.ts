import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { type Link, startUdpRelay, type UdpRelay } from './udp-relay.ts';

export interface ReachedDevice {
  /** `http://HOST:PORT` */
  url: string;
  /** UDP, shared by all viewers. */
  port: number;
}

export interface ThinLink {
  /** The device's address for a page behind the link. */
  url: string;
  /** The relay that all media pass. */
  relay: UdpRelay;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Puts a device behind a link: media go through a UDP relay, pages and signalling through a proxy that takes as long for
 * each way. The proxy names the relay in the place of the device's addresses, and an unused address in the place
 * of the browser's, so that there is no other way for the media.
 */
export async function openThinLink(device: ReachedDevice, link: Link): Promise<ThinLink> {
  const relay = await startUdpRelay({ host: '127.0.0.1', port: device.port });
  Object.assign(relay.down, link);
  Object.assign(relay.up, link);
  const server = createServer(async (incoming, outgoing) => {
    await sleep(link.delay);
    const { method } = incoming;
    // A connection for each: one that is kept may be closed by the device just as it is used again.
    const headers = { ...incoming.headers, connection: 'close' };
    const forwarded = request(
      `${device.url}${incoming.url}`,
      { method: method ?? 'GET', headers, agent: false },
      async (answer) => {
        await sleep(link.delay);
        const { connection: _, ...kept } = answer.headers;
        outgoing.writeHead(answer.statusCode ?? 500, kept);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, { url, headers }) =>
    join(socket, device, relay.port, link.delay, { url, headers }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    relay,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets.clients) {
        socket.terminate();
      }
      server.closeAllConnections();
      server.close();
      relay.close();
    },
  };
}

function join(
  near: WebSocket,
  device: ReachedDevice,
  port: number,
  delay: number,
  { url, headers }: Pick<IncomingMessage, 'url' | 'headers'>,
): void {
  const far = new WebSocket(`${device.url.replace('http', 'ws')}${url}`, { headers: { origin: headers.origin ?? '' } });
  const opened = new Promise((resolve) => far.once('open', resolve));
  const carry = (to: WebSocket, rewrite: (message: Message) => Message | null) => async (data: RawData) => {
    const message = rewrite(JSON.parse(String(data)));
    await Promise.all([sleep(delay), opened]);
    if (message !== null && to.readyState === WebSocket.OPEN) {
      to.send(JSON.stringify(message));
    }
  };
  near.on('message', carry(far, toDevice));
  far.on(
    'message',
    carry(near, (message) => toBrowser(message, port)),
  );
  near.on('close', () => far.terminate());
  far.on('close', () => near.terminate());
  far.on('error', () => near.terminate());
}

interface Message {
  type: string;
  value?: unknown;
  candidate?: unknown;
}

/** The port of the discard protocol (RFC 863), where no system takes UDP any more. */
const nowhere = 9;

function toDevice({ type, ...rest }: Message): Message | null {
  switch (type) {
    case 'multistream/ice': {
      const candidate = redirected(rest.candidate, nowhere);
      return candidate === null ? null : { type, ...rest, candidate };
    }
    case 'webrtc/candidate': {
      const value = redirected(rest.value, nowhere);
      return value === null ? null : { type, ...rest, value };
    }
    default:
      return { type, ...rest };
  }
}

function toBrowser(message: Message, port: number): Message | null {
  if (message.type !== 'multistream/ice' && message.type !== 'webrtc/candidate') {
    return message;
  }
  const value = redirected(message.value, port);
  return value === null ? null : { ...message, value };
}

/** A candidate for UDP at another place; null for others. */
function redirected(candidate: unknown, port: number): string | null {
  const fields = String(candidate).split(' ');
  const isUdp = fields[2]?.toUpperCase() === 'UDP';
  return isUdp ? fields.with(4, '127.0.0.1').with(5, String(port)).join(' ') : null;
}
