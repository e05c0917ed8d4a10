/**
 * Reads the attribute or property `ice-servers`: a list or its JSON; undefined if the page gives none.
 * @throws {TypeError}
 */
export function readIceServers(value: RTCIceServer[] | string | undefined | null): RTCIceServer[] | undefined {
  if (!value) {
    return undefined;
  }
  try {
    const servers: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    if (Array.isArray(servers)) {
      return servers;
    }
  } catch {
    // It is no JSON.
  }
  throw new TypeError('ice-servers is not a JSON list such as [{"urls": "stun:stun.example.com"}]');
}
