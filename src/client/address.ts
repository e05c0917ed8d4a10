/**
 * Where something is on a device: `https://host/prefix` and `api/ws` → `https://host/prefix/api/ws`. An empty URL is the
 * page's own origin.
 * @throws {TypeError} where the URL is none
 */
export function deviceAddress(deviceUrl: string, path: string): URL {
  const base = new URL(deviceUrl || '/', location.href);
  // Without a slash at the end, the last part of the path would be replaced.
  const address = new URL(path, new URL(base.pathname.replace(/\/?$/, '/'), base));
  address.search = base.search;
  return address;
}
