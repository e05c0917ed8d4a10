import { deviceAddress } from './address.ts';
import { ConnectionError } from './errors.ts';

type Authorize = (isRenewal?: boolean) => string | Promise<string>;

/** The access of a page to a device: the page's token, and why the device refused it. */
export class Access {
  readonly #url: string;
  readonly #authorize: Authorize | undefined;
  /** The last token that `authorize` gave; empty until then, and when the device has refused it. */
  #token = '';
  #explanation: ConnectionError | null = null;

  constructor(url: string, authorize: Authorize | undefined) {
    this.#url = url;
    this.#authorize = authorize;
  }

  /** An address on the device with the token in it, since images cannot send headers; null if the device's URL is invalid. */
  address(path: string): URL | null {
    if (!URL.canParse(this.#url || '/', location.href)) {
      return null;
    }
    const address = deviceAddress(this.#url, path);
    if (this.#token !== '') {
      address.searchParams.set('token', this.#token);
    }
    return address;
  }

  /** A better explanation than `unreachable`, from the last diagnosis; null without one. */
  get explanation(): ConnectionError | null {
    return this.#explanation;
  }

  /** The token, a new one for a renewal; a promise only where the page has to be asked for it. Empty where there is none. */
  readonly authorize = (isRenewal = false): string | Promise<string> => {
    const known = isRenewal ? '' : this.#token;
    const given = known || !this.#authorize ? this.#token : tokenOf(this.#authorize);
    const keep = (token: string) => {
      this.#token = token;
      return token;
    };
    return typeof given === 'string' ? keep(given) : given.then(keep);
  };

  /** Finds out why the device is not to be reached. A page that has only `ms-grid.js` does without: null. */
  async explain(error: ConnectionError): Promise<ConnectionError | null> {
    const file = await import('./diagnosis.ts').catch(() => null);
    const found = (await file?.diagnoseForSure(this.address('api/streams'), this.#token !== '')) ?? null;
    if (found?.message !== this.#explanation?.message) {
      this.#explanation = found && new ConnectionError(found.reason, found.message, { cause: error });
    }
    if (found?.reason === 'unauthorized') {
      this.#token = '';
    }
    return this.#explanation;
  }
}

/** @throws {ConnectionError} `unauthorized`, in words for the reader; so does the promise */
export function tokenOf(authorize: Authorize, isRenewal = false): string | Promise<string> {
  try {
    const given = authorize(isRenewal);
    return typeof given === 'string' ? given : Promise.resolve(given).catch(refuse);
  } catch (cause) {
    return refuse(cause);
  }
}

function refuse(cause: unknown): never {
  throw cause instanceof ConnectionError
    ? cause
    : new ConnectionError('unauthorized', `No token for the device: ${cause}`, { cause });
}
