import type { ConnectionErrorReason } from './errors.ts';

export interface Diagnosis {
  readonly reason: ConnectionErrorReason;
  readonly message: string;
}

/** The last reason that was found for each device. */
const suspicions = new Map<string, ConnectionErrorReason | undefined>();

/**
 * The same as `diagnose`, but a proxy is named only if it is found twice in a row: a device that has just come back answers, too.
 * @param url null if the page's address of the device is invalid
 */
export async function diagnoseForSure(url: URL | null, hasToken: boolean): Promise<Diagnosis | null> {
  const diagnosis = url && (await diagnose(url, hasToken));
  const device = `${url?.origin}${url?.pathname}`;
  const isCertain = diagnosis?.reason !== 'no-upgrade' || diagnosis.reason === suspicions.get(device);
  suspicions.set(device, diagnosis?.reason);
  return isCertain ? diagnosis : null;
}

/**
 * Finds out why a WebSocket did not open. The browser does not tell a page, but HTTP answers often do. Null if the device
 * really does not answer. This file is loaded only when it is needed, and imports only types from the client.
 * @param url `api/streams` of the device, with the page's token
 */
export async function diagnose(url: URL, hasToken: boolean): Promise<Diagnosis | null> {
  const device = url.href.replace(/\/api\/streams.*$/, '');
  const page = location.origin;
  const messages: Partial<Record<ConnectionErrorReason, string>> = {
    'local-network': `The browser blocks this page from ${device}: allow “local network access” for ${page} in the settings of the site`,
    'origin-refused': `${device} does not allow pages of ${page}: its configuration has to name them in api.origin`,
    unauthorized: `${device} refuses this page: ${hasToken ? 'its token is not valid' : 'it has no token'}; give the grid an \`authorize\` function`,
    'no-upgrade': `${device} answers, but a proxy in between does not pass WebSockets on: it has to forward the header Upgrade`,
    'login-required': `A log-in page stands before ${device}: log in there, and reload this page`,
    'not-a-device': `Another program, or a log-in page, answers at ${device}: check the address and the port`,
  };
  const reason = (await isLocalNetworkDenied(url)) ? 'local-network' : await findReason(url);
  const message = reason && messages[reason];
  return message ? { reason, message } : null;
}

async function findReason(url: URL): Promise<ConnectionErrorReason | null> {
  const answer = await ask(url);
  if (answer === null) {
    return findReasonUnread(url);
  }
  const { status, type } = answer;
  const isPage = (answer.headers.get('content-type') ?? '').includes('html');
  if (type === 'opaqueredirect' || (isPage && (status === 401 || status === 403))) {
    return 'login-required';
  }
  if (status === 401) {
    return 'unauthorized';
  }
  if (status === 403) {
    return 'origin-refused';
  }
  if (status >= 500) {
    // A proxy answers in the place of a device that does not.
    return null;
  }
  const text = await answer.text().catch(() => '');
  if (isPage && /password|log.?in|sign.?in/i.test(text)) {
    return 'login-required';
  }
  return answer.ok && isList(text) ? findReasonOfSocket(url) : 'not-a-device';
}

/** Finds out why the WebSocket fails although HTTP reaches the device. */
async function findReasonOfSocket(url: URL): Promise<ConnectionErrorReason | null> {
  const socket = new URL('ws', url);
  socket.search = url.search;
  // Within one origin, only a POST carries the page's origin, as its WebSocket does.
  if ((await ask(socket, { method: 'POST' }))?.status === 403) {
    return 'origin-refused';
  }
  const status = (await ask(socket))?.status;
  // Ours says 426 to a request without Upgrade, go2rtc 400.
  return status === 426 || status === 400 ? 'no-upgrade' : null;
}

/** Finds the reason without an answer that this page may read: its sender has not allowed it, or there is none. */
async function findReasonUnread(url: URL): Promise<ConnectionErrorReason | null> {
  if ((await ask(url, { mode: 'no-cors', redirect: 'follow' })) === null) {
    return null;
  }
  // A device gives its script to every page.
  const script = await ask(new URL('../ms-grid.js', url));
  return script?.ok ? 'origin-refused' : 'not-a-device';
}

async function ask(url: URL, init: RequestInit = {}): Promise<Response | null> {
  try {
    const signal = AbortSignal.timeout(3000);
    return await fetch(url, { cache: 'no-store', redirect: 'manual', signal, ...init });
  } catch {
    return null;
  }
}

/** Devices list their streams as an object; `null` is a list without streams. */
function isList(text: string): boolean {
  try {
    const list: unknown = JSON.parse(text);
    return typeof list === 'object' && !Array.isArray(list);
  } catch {
    return false;
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
