/** A device as it is in the field: ours, made to forget what it knows more than go2rtc. */

export interface Forgetful {
  /** Its answer to messages that it does not know: none, as go2rtc, or an error. */
  multistream: 'silent' | 'refused';
  /** Whether it still plays single streams by WebRTC. */
  webrtc?: boolean;
}

export interface StockDevice {
  /** Every WebSocket that the page has opened to a device. */
  readonly sockets: WebSocket[];
  restore(): void;
}

/** Keeps the page's `multistream/*` messages from all devices, until it is restored. What passes is really answered. */
export function forgetMultistream({ multistream, webrtc = true }: Forgetful): StockDevice {
  const real = window.WebSocket;
  const sockets: WebSocket[] = [];
  window.WebSocket = class extends real {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      if (new URL(url).pathname.endsWith('/api/ws')) {
        sockets.push(this);
      }
    }

    override send(data: string): void {
      const { type } = JSON.parse(data) as { type: string };
      if (type.startsWith('webrtc/') && webrtc) {
        super.send(data);
      } else if (multistream === 'refused') {
        const text = JSON.stringify({ type: 'error', value: `unknown message: ${type}` });
        queueMicrotask(() => this.onmessage?.(new MessageEvent('message', { data: text })));
      }
    }
  } as typeof WebSocket;
  return {
    sockets,
    restore: () => {
      window.WebSocket = real;
    },
  };
}
