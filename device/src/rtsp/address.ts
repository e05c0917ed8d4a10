import { type Credentials, credentialsOf } from './authentication.ts';
import { RtspError } from './rtsp-error.ts';

/** Where a camera is, taken apart. */
export interface RtspAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** As it is asked for: without user, password and fragment. */
  readonly uri: string;
  readonly credentials: Credentials | null;
}

/**
 * @param url `rtsp://user:password@host:port/path`, `rtsps://…`; IPv6 in brackets, user and password percent-encoded
 * @throws {RtspError} whose text does not have the address
 */
export function parseAddress(url: string): RtspAddress {
  const [, scheme] = /^(rtsps?):\/\//i.exec(url) ?? [];
  if (scheme === undefined || !URL.canParse(url) || /[\s\p{Cc}]/u.test(url)) {
    throw new RtspError('unreachable', 'the address is no rtsp:// or rtsps:// URL');
  }
  const parsed = new URL(url);
  const { hostname, port } = parsed;
  if (hostname === '') {
    throw new RtspError('unreachable', 'the address names no host');
  }
  const tls = scheme.toLowerCase() === 'rtsps';
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (tls ? 322 : 554) : Number(port),
    tls,
    uri: withoutUser(url).replace(/#.*$/s, ''),
    credentials: credentialsOf(parsed),
  };
}

/**
 * Where to go on after a redirect: to RTSP alone, and from TLS to TLS alone. A password is not told to another host.
 * @throws {RtspError}
 */
export function redirect(from: RtspAddress, location: string): RtspAddress {
  const to = parseAddress(location);
  if (from.tls && !to.tls) {
    throw new RtspError('refused', 'the camera redirects from rtsps:// to rtsp://, which would give up encryption');
  }
  return { ...to, credentials: to.credentials ?? (to.host === from.host ? from.credentials : null) };
}

/**
 * The URI of a track, or of all tracks: what `a=control` says, beside the base that the answer names. Cameras join the two as
 * texts and not by the rules of URLs: a base may end with a query.
 * @param base of Content-Base or Content-Location, or what was asked for
 * @param control null where the SDP has none
 */
export function controlUri(base: string, control: string | null): string {
  const clean = withoutUser(base);
  const text = control?.trim().replaceAll(/\s/g, '%20') ?? '';
  if (text === '' || text === '*') {
    return clean;
  }
  if (/^rtsps?:\/\//i.test(text)) {
    return withoutUser(text);
  }
  const isJoined = clean.endsWith('/') || /^[/?]/.test(text);
  return `${clean.endsWith('/') && text.startsWith('/') ? clean.slice(0, -1) : clean}${isJoined ? '' : '/'}${text}`;
}

/** The base that an answer to DESCRIBE gives, or what was asked for. Some cameras leave its scheme out. */
export function baseUri(asked: string, given: string | undefined): string {
  const text = given?.trim().replaceAll(/\s/g, '%20') ?? '';
  if (/^rtsps?:\/\//i.test(text)) {
    return withoutUser(text);
  }
  return /^[\w.[\]:-]+\//.test(text) && !text.startsWith('/') ? withoutUser(`rtsp://${text}`) : asked;
}

function withoutUser(url: string): string {
  return url.replace(/^(rtsps?:\/\/)[^/?#]*@/i, '$1');
}
