/**
 * Calls back when the page has reason to think that a device can be reached again: the network is back, somebody
 * looks at the page, or the browser lets a page that it had frozen run again. Returns the way to stop.
 */
export function onWake(callback: () => void): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  addEventListener('online', callback, { signal });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && callback(), { signal });
  document.addEventListener('resume', callback, { signal });
  return () => stop.abort();
}
