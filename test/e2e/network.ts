/** Puts the way between a page and its device in the test's hands: it can cut the WebSocket, and the media. */

import { type Relay, startRelay } from '../support/device.ts';

const candidate = /candidate:\S+ \d+ UDP \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host/i;

export interface Network {
  /** Closes every WebSocket to a device. */
  cutSockets(): void;
  /** Loses every packet of the media paths that there are by now; those of later sessions are whole. */
  cutMedia(): Promise<void>;
  /** Lets no media through any more on those same paths, which stay open; nor on the WebSockets that there are by now. */
  muteMedia(): Promise<void>;
  /** Loses the next packet that begins a picture with a parameter set. */
  loseParameterSet(): Promise<void>;
  /** WebSockets to devices that are not closed. */
  readonly sockets: number;
  /** How many were ever opened. */
  readonly opened: number;
  restore(): void;
}

/**
 * Takes all media through relays: the device's candidates are replaced by a relay's, and the page's are not told to the
 * device, so that there is no other way.
 */
export function interceptNetwork({ media = false } = {}): Network {
  const real = window.WebSocket;
  const sockets: WebSocket[] = [];
  const relays: Relay[] = [];
  const muted = new Set<WebSocket>();

  window.WebSocket = class extends real {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      if (new URL(url).pathname.endsWith('/api/ws')) {
        sockets.push(this);
      }
    }

    override set onmessage(handler: ((event: MessageEvent) => void) | null) {
      let relayed = false;
      super.onmessage =
        handler &&
        (async (event) => {
          if (typeof event.data !== 'string') {
            muted.has(this) || handler(event);
            return;
          }
          const found = media && !relayed ? candidate.exec(event.data) : null;
          if (found) {
            relayed = true;
            const relay = await startRelay(found[1] as string, Number(found[2]));
            relays.push(relay);
            const line = found[0].replace(`${found[1]} ${found[2]}`, `127.0.0.1 ${relay.port}`);
            handler(new MessageEvent('message', { data: event.data.replace(found[0], line) }));
          } else if (!media || !event.data.includes('multistream/ice')) {
            handler(event);
          }
        });
    }

    override send(data: string): void {
      if (!media || !data.includes('multistream/ice')) {
        super.send(data);
      }
    }
  } as typeof WebSocket;

  return {
    cutSockets: () => {
      for (const socket of sockets) {
        socket.close();
      }
    },
    cutMedia: async () => {
      await Promise.all(relays.splice(0).map((relay) => relay.cut()));
    },
    muteMedia: async () => {
      sockets.forEach((socket) => {
        muted.add(socket);
      });
      await Promise.all(relays.splice(0).map((relay) => relay.mute()));
    },
    loseParameterSet: async () => {
      await Promise.all(relays.map((relay) => relay.loseParameterSet()));
    },
    get sockets() {
      return sockets.filter(({ readyState }) => readyState !== WebSocket.CLOSED).length;
    },
    get opened() {
      return sockets.length;
    },
    restore: () => {
      window.WebSocket = real;
    },
  };
}
