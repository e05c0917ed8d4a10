import type { IncomingHttpHeaders } from 'node:http';
import { matchesOrigin } from '../config/origin.ts';

/**
 * Whether a request may come from where it says it comes from. A browser names the page's origin on every WebSocket and
 * does not keep any page from opening one, so the device must; other programs name none and are not held by this.
 * @param allowed origins beside the device's own, as `api.origin` names them
 */
export function isAllowedOrigin({ origin, host }: IncomingHttpHeaders, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.some((pattern) => matchesOrigin(pattern, origin))) {
    return true;
  }
  return URL.canParse(origin) && new URL(origin).host === host;
}
