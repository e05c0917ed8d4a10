import type { ConnectionErrorReason } from './errors.ts';

export interface Diagnosis {
  readonly reason: ConnectionErrorReason;
  readonly message: string;
}

/**
 * Why a WebSocket did not open: a browser tells nobody, yet other ways of asking do. Null where the device really does
 * not answer. `url` is any that needs a token, with the page's. A file of its own, since it is needed only then; it imports only types from the client.
 */
export async function diagnose(url: URL, hasToken: boolean): Promise<Diagnosis | null> {
  if (await isLocalNetworkDenied(url)) {
    return {
      reason: 'local-network',
      message: `The browser does not let this page reach the local network, where ${url.origin} is: allow "local network access" for ${location.origin} in the site's settings`,
    };
  }
  const status = await statusOf(url, 'cors');
  if (status === 401) {
    return {
      reason: 'unauthorized',
      message: `${url.origin} does not accept ${hasToken ? 'this token' : 'a page without a token'}: give the grid an \`authorize\` function that returns a valid one`,
    };
  }
  if (status === null && (await statusOf(url, 'no-cors')) !== null) {
    return {
      reason: 'origin-refused',
      message: `${url.origin} does not allow pages of ${location.origin}: add it to api.origin in the device's configuration`,
    };
  }
  return null;
}

/** The HTTP status, 0 where the page may not know it, null where there is no answer that it may have. */
async function statusOf(url: URL, mode: 'cors' | 'no-cors'): Promise<number | null> {
  try {
    return (await fetch(url, { mode, cache: 'no-store', signal: AbortSignal.timeout(3000) })).status;
  } catch {
    return null;
  }
}

/** Chromium's permission; it has had more than one name, and other browsers have none. */
async function isLocalNetworkDenied({ origin }: URL): Promise<boolean> {
  if (origin === location.origin) {
    return false;
  }
  for (const name of ['local-network-access', 'local-network', 'loopback-network']) {
    try {
      const { state } = await navigator.permissions.query({ name: name as PermissionName });
      if (state === 'denied') {
        return true;
      }
    } catch {
      // A name that this browser does not know.
    }
  }
  return false;
}
