import { knownLogins, type Refusal } from './authentication.ts';

/** Why a camera cannot be read over RTSP. Programs act on these codes; the texts of errors are for readers. */
export type RtspReason =
  /** No connection: the name, the address, the port, or TLS. */
  | 'unreachable'
  /** The camera refuses the user and password, or asks for some. */
  | 'unauthorized'
  /** The camera has no such path. */
  | 'not-found'
  /** The camera sends something that this client cannot read; another program may. */
  | 'unsupported'
  /** The camera refuses a request for a reason of its own, such as too many clients. */
  | 'refused'
  /** The camera breaks the protocol. */
  | 'malformed'
  /** The camera sends more than anyone could need. */
  | 'excessive'
  /** The camera does not answer, or sends nothing more. */
  | 'timeout'
  /** The connection ended. */
  | 'closed';

/** A camera that cannot be read, or no longer. Its text never has an address, a user or a password. */
export class RtspError extends Error {
  readonly reason: RtspReason;

  constructor(reason: RtspReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RtspError';
    this.reason = reason;
  }
}

const refusals: Record<Refusal, string> = {
  'no-password': 'asks for a user and a password: write rtsp://user:password@… as its address',
  'unknown-login': `asks for a login that this device does not have: it knows ${knownLogins}`,
  'wrong-password': 'refuses this user and password: check them in the address',
};

/** Maps a status other than 2xx to an error (RFC 2326 section 11). It omits the camera's own words, which are not trusted. */
export function errorOfStatus(status: number, refusal: Refusal): RtspError {
  switch (status) {
    case 401:
    case 403:
      return new RtspError('unauthorized', `the camera ${refusals[refusal]}`.replace(':', ` (${status}):`));
    case 404:
    case 410:
      return new RtspError('not-found', `the camera has no such stream (${status}): check the path of the address`);
    case 453:
    case 503:
      return new RtspError('refused', `the camera serves no more clients at the moment (${status})`);
    case 454:
      return new RtspError('closed', `the camera ended the session (${status})`);
    case 461:
      return new RtspError(
        'unsupported',
        `the camera does not send over this transport (${status}): try #transport=udp, or leave it out`,
      );
    default:
      return new RtspError('refused', `the camera refuses the request (${status})`);
  }
}
