/**
 * The origins that `api.origin` may list, and whether a page's origin is one of them. Both are here, so that every text
 * that the configuration accepts can match: the gate in `http/` calls `matchesOrigin` and `namesHost`.
 */

import { isIP } from 'node:net';

/** A host name has at most 253 characters (RFC 1035), and a page may send as many as a header holds. */
const longestOrigin = 300;

const allowed =
  'allowed: "*", or such as "https://example.org", "https://*.example.org", "http://localhost:*", ' +
  '"capacitor://localhost" or "null", without a path';

/** Schemes whose origins a browser writes with the port left out where it is the usual one (URL Standard). */
const web = /^(https?):\/\/([^/?#@]+?)(:\*)?$/i;
/** Everything else that has a host: apps, extensions, `file://`. */
const app = /^(?!https?:)[a-z][a-z\d+.-]*:\/\/[a-z\d._*-]*(:\d{1,5})?$/i;

/**
 * An entry of `api.origin` in the form that `matchesOrigin` compares: lower case, without the usual port.
 *
 * `*` alone is every origin. As the first label of a host, `*` stands for one or more labels (`https://*.example.org`
 * is not `https://example.org`), inside a label for any characters without a dot, as a port for any port.
 * @throws {Error} that says what is allowed
 */
export function parseOrigin(text: string): string {
  if (text === '*' || text === 'null') {
    return text;
  }
  const [, scheme, address, port = ''] = web.exec(text) ?? [];
  if (scheme === undefined || address === undefined) {
    if (app.test(text) && !/^(data|blob|javascript):/i.test(text)) {
      return checked(text.toLowerCase(), text);
    }
    throw new Error(`"${text}" is not an origin; ${allowed}`);
  }
  const url = `${scheme}://${address}`;
  if (!URL.canParse(url)) {
    throw new Error(`"${text}" is not an origin; ${allowed}`);
  }
  return checked(new URL(url).origin + port, text);
}

function checked(pattern: string, text: string): string {
  const labels = hostOf(pattern).split('.');
  if (labels.some((label) => label.split('*').length > 2)) {
    throw new Error(`"${text}" has two "*" in one part of the name; ${allowed}`);
  }
  const isOpen = labels.length > 1 && pattern.includes('*') && !isNetwork(labels);
  const last = labels.at(-1) as string;
  if (isOpen && last.includes('*')) {
    throw new Error(`"${text}" leaves the end of the name open, which anyone can register; ${allowed}`);
  }
  // A browser reads a name that ends with a number as an IPv4 address (URL Standard, "ends in a number checker").
  if (isOpen && (labels.includes('') || /^(\d+|0x[\da-f]*)$/i.test(last))) {
    throw new Error(`"${text}" is no name that a page can have; ${allowed}`);
  }
  return pattern;
}

/** `192.168.1.*` */
function isNetwork(labels: readonly string[]): boolean {
  return labels[0] !== '*' && isIP(labels.map((label) => (label === '*' ? '0' : label)).join('.')) === 4;
}

/**
 * Whether a page of this origin is meant by an entry of `api.origin`.
 * @param pattern as `parseOrigin` returns it
 * @param origin the value of a request's `Origin` header
 */
export function matchesOrigin(pattern: string, origin: string): boolean {
  if (pattern === '*') {
    return true;
  }
  if (origin.length > longestOrigin) {
    return false;
  }
  const page = web.test(origin) && URL.canParse(origin) ? new URL(origin).origin : origin.toLowerCase();
  return page === pattern || (pattern.includes('*') && toExpression(pattern).test(page));
}

/**
 * Whether an entry of `api.origin` names this host, so that the device may be known by it.
 * @param host without a port
 */
export function namesHost(pattern: string, host: string): boolean {
  if (pattern === '*') {
    return true;
  }
  const name = web.test(pattern) ? hostOf(pattern) : '';
  return name !== '' && host.length <= longestOrigin && new RegExp(`^${hostExpression(name)}$`).test(host);
}

function hostOf(pattern: string): string {
  return /:\/\/(\[[^\]]*\]|[^:/]*)/.exec(pattern)?.[1] ?? '';
}

/** Linear in the length of the text: a label has one `*`, which stands for no dot. */
function toExpression(pattern: string): RegExp {
  const [scheme = '', rest = ''] = pattern.split('://', 2);
  const host = hostOf(pattern);
  const port = rest.slice(host.length);
  return new RegExp(`^${literal(scheme)}://${hostExpression(host)}${port === ':*' ? '(:\\d+)?' : literal(port)}$`);
}

function hostExpression(host: string): string {
  const labels = host.split('.');
  const inLabel = isNetwork(labels) ? '\\d+' : '[^.:/]*';
  return labels
    .map((label, index) =>
      label === '*' && index === 0 ? '[^.:/]+(?:\\.[^.:/]+)*' : label.split('*').map(literal).join(inLabel),
    )
    .join('\\.');
}

function literal(text: string): string {
  return text.replaceAll(/[^\w]/g, '\\$&');
}
