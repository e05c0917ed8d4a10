import type { ConnectionErrorReason } from '../client/errors.ts';
import type { MsErrorEvent } from '../elements/events.ts';
import type { MsGrid } from '../elements/ms-grid.ts';

/** Reasons that pass, or hold for the iframe as well: a tile goes on trying, as the page in the iframe would. */
const passing: readonly ConnectionErrorReason[] = ['unreachable', 'lost', 'media-failed', 'closed'];

/**
 * The connection to one device, which all its stand-ins share, held by a grid without tiles. It knows the token, and
 * learns why there is no session at all, which no tile reports, so that the iframes can come back.
 */
export class DeviceHold {
  readonly token: string;
  readonly #grid: MsGrid;
  readonly #onRefused: (message: string) => void;

  constructor(parent: Node, device: string, token: string, onRefused: (message: string) => void) {
    this.token = token;
    this.#onRefused = onRefused;
    this.#grid = document.createElement('ms-grid');
    this.#grid.deviceUrl = device;
    this.#grid.authorize = () => token;
    this.#grid.hidden = true;
    this.#grid.addEventListener('ms-error', this.#onError);
    document.addEventListener('securitypolicyviolation', this.#onViolation);
    parent.appendChild(this.#grid);
  }

  release(): void {
    document.removeEventListener('securitypolicyviolation', this.#onViolation);
    this.#grid.removeEventListener('ms-error', this.#onError);
    this.#grid.remove();
    this.#grid.letGo();
  }

  readonly #onError = ({ error }: MsErrorEvent) => {
    // Recognized by its fields: another copy of the package may have made it.
    if ('reason' in error && !(passing as readonly string[]).includes(error.reason)) {
      this.#onRefused(error.message);
    }
  };

  /** A connection that the page's own policy forbids looks like a device that does not answer. */
  readonly #onViolation = ({ effectiveDirective, disposition, blockedURI }: SecurityPolicyViolationEvent) => {
    const { host } = new URL(this.#grid.deviceUrl);
    if (disposition === 'enforce' && effectiveDirective === 'connect-src' && URL.parse(blockedURI)?.host === host) {
      this.#onRefused(`the page's Content-Security-Policy has to allow connect-src ws://${host} or wss://${host}`);
    }
  };
}
