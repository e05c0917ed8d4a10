/**
 * Returns the address of a path on a device: `https://host/prefix` and `api/ws` → `https://host/prefix/api/ws`. An empty
 * URL is the page's own origin.
 * @throws {TypeError} if the URL is invalid
 */
export function deviceAddress(deviceUrl: string, path: string): URL {
  const base = new URL(deviceUrl || '/', location.href);
  // The base needs a slash at its end: without one, the last part of its path would be replaced.
  const address = new URL(path, new URL(base.pathname.replace(/\/?$/, '/'), base));
  address.search = base.search;
  return address;
}

/** Returns the full form of a device's URL, so that two ways to write it are seen to be the same; one that is invalid as it is. */
export function hrefOf(deviceUrl: string): string {
  return URL.canParse(deviceUrl || '/', location.href) ? deviceAddress(deviceUrl, '').href : deviceUrl;
}
