/**
 * Reads the attribute or property `ice-servers`: a list or its JSON; undefined if the page gives none.
 * @throws {TypeError}
 */
export function readIceServers(value: RTCIceServer[] | string | undefined | null): RTCIceServer[] | undefined {
  if (value === undefined || value === null || value === '') {
    return undefined;
  }
  const servers = typeof value === 'string' ? parse(value) : value;
  if (!Array.isArray(servers)) {
    throw new TypeError('ice-servers is not a JSON list such as [{"urls": "stun:stun.example.com"}]');
  }
  return servers;
}

/** Undefined for what is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
