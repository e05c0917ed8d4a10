/** How long (ms) a page trusts that a device plays single streams only. After that, it may speak multistream. */
const lifetime = 3_600_000;
const key = 'multistream-webrtc-devices';

/** When earlier pages had to play a device in mode `webrtc`, by its address. */
type Known = Record<string, unknown>;

/** A page reads this once, and goes by its own experience from then on. */
let earlier: Known | undefined;

/** Whether an earlier page had to play a device in mode `webrtc`. A stock go2rtc costs each page 2 s of silence otherwise. */
export function playsSingleStreams(url: string): boolean {
  earlier ??= read();
  return Date.now() - Number(earlier[addressOf(url)]) < lifetime;
}

/**
 * Tells later pages whether a device had to be played in mode `webrtc`. An earlier entry keeps its time: it runs out, so
 * that a device which was only slow to answer is asked again.
 */
export function rememberSingleStreams(url: string, isSingle: boolean): void {
  if (playsSingleStreams(url) !== isSingle) {
    const { [addressOf(url)]: _, ...others } = read();
    const known = isSingle ? { ...others, [addressOf(url)]: Date.now() } : others;
    try {
      localStorage.setItem(key, JSON.stringify(known));
    } catch {
      // The storage is full, or kept from this page.
    }
  }
}

function read(): Known {
  try {
    return Object(JSON.parse(localStorage.getItem(key) ?? '{}'));
  } catch {
    // The storage is kept from a sandboxed page, or was written by another program.
    return {};
  }
}

function addressOf(url: string): string {
  return URL.parse(url || '/', location.href)?.href ?? url;
}
