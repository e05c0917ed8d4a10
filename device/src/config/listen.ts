export interface ListenAddress {
  /** Undefined: every address of the machine. */
  host?: string;
  /** 0: a free port, chosen by the system. */
  port: number;
}

/** `:1984`, `127.0.0.1:1984` or `[::1]:1984`. */
export function parseListen(text: string): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new Error(`"${text}" is not an address; allowed: ":1984", "127.0.0.1:1984", "[::1]:1984"`);
  }
  const host = match[1] ?? match[2];
  return host ? { host, port } : { port };
}

/** go2rtc writes the transport behind the port; ours speaks ICE over UDP alone. */
export function parseIceListen(text: string): ListenAddress {
  const [address = '', transport = 'udp'] = text.split('/');
  if (transport !== 'udp') {
    throw new Error(`"${text}": only UDP is available; allowed: ":8555", ":8555/udp"`);
  }
  return parseListen(address);
}
