/** A device as it is in the field: ours, made to forget what it knows more than go2rtc. */

export interface Forgetful {
  /** Its answer to messages that it does not know: none, as go2rtc, or an error. */
  multistream: 'silent' | 'refused';
  /** Whether it still plays single streams by WebRTC; `answered`: it answers, and no candidate gets through. */
  webrtc?: boolean | 'answered';
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
      if (type === 'webrtc/candidate' && webrtc === 'answered') {
        return;
      }
      if (type.startsWith('webrtc/') && webrtc) {
        super.send(data);
      } else if (multistream === 'refused') {
        const text = JSON.stringify({ type: 'error', value: `unknown message: ${type}` });
        queueMicrotask(() => this.onmessage?.(new MessageEvent('message', { data: text })));
      }
    }

    override set onmessage(handler: WebSocket['onmessage']) {
      super.onmessage = (event) => {
        const { type, value } = typeof event.data === 'string' ? JSON.parse(event.data) : { type: '', value: '' };
        if (webrtc !== 'answered' || !type.startsWith('webrtc/')) {
          handler?.call(this, event);
        } else if (type === 'webrtc/answer') {
          const data = JSON.stringify({ type, value: value.replace(/^a=candidate.*\r\n/gm, '') });
          handler?.call(this, new MessageEvent('message', { data }));
        }
      };
    }

    override get onmessage(): WebSocket['onmessage'] {
      return super.onmessage;
    }
  } as typeof WebSocket;
  return {
    sockets,
    restore: () => {
      window.WebSocket = real;
    },
  };
}
