import { hrefOf } from './address.ts';

/** How long (ms) a page trusts that a device plays single streams only. After that, it may speak multistream. */
const lifetime = 3_600_000;

/** Whether an earlier page had to play a device in mode `webrtc`. A stock go2rtc costs each page 2 s of silence otherwise. */
export function playsSingleStreams(url: string): boolean {
  try {
    return Date.now() - Number(localStorage.getItem(keyOf(url))) < lifetime;
  } catch {
    // The storage is kept from a sandboxed page.
    return false;
  }
}

/**
 * Tells later pages whether a device had to be played in mode `webrtc`. An earlier entry keeps its time: it runs out, so
 * that a device which was only slow to answer is asked again.
 */
export function rememberSingleStreams(url: string, isSingle: boolean): void {
  if (playsSingleStreams(url) !== isSingle) {
    try {
      isSingle ? localStorage.setItem(keyOf(url), `${Date.now()}`) : localStorage.removeItem(keyOf(url));
    } catch {
      // The storage is full, or kept from this page.
    }
  }
}

/** Each device has an entry, with the time (ms since 1970) at which it had to be played so. */
function keyOf(url: string): string {
  return `multistream-webrtc ${hrefOf(url)}`;
}
