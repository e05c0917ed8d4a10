import type { ActiveMode } from './session.ts';

/** How long (ms) a page trusts the mode that an earlier page took. After that, the device may speak multistream. */
const lifetime = 86_400_000;
const key = 'multistream-modes';

type Known = Record<string, { mode: ActiveMode; at: number } | undefined>;

/** The modes that earlier pages took. A page reads them once, and goes by its own experience from then on. */
let earlier: Known | undefined;

/** The mode in which an earlier page had to play a device; a stock go2rtc lets each page wait for its silence otherwise. */
export function knownMode(url: string): ActiveMode | null {
  earlier ??= read();
  const { mode, at } = earlier[addressOf(url)] ?? { mode: null, at: 0 };
  return Date.now() - at < lifetime ? mode : null;
}

/** Remembers the mode for later pages. Multistream is asked for first anyway. */
export function rememberMode(url: string, mode: ActiveMode): void {
  earlier ??= read();
  const known = read();
  const address = addressOf(url);
  if (mode !== 'multistream') {
    known[address] = { mode, at: Date.now() };
  } else if (known[address]) {
    delete known[address];
  } else {
    return;
  }
  try {
    localStorage.setItem(key, JSON.stringify(known));
  } catch {
    // Full, or kept from this page.
  }
}

function read(): Known {
  try {
    return Object(JSON.parse(localStorage.getItem(key) ?? '{}'));
  } catch {
    // Kept from a sandboxed page, or written by another program.
    return {};
  }
}

function addressOf(url: string): string {
  return URL.parse(url || '/', location.href)?.href ?? url;
}
