/**
 * Calls back when the page has reason to think that a device can be reached again: the network is back, somebody
 * looks at the page, or the browser lets a page that it had frozen run again. `isOnline` tells the first: it may be
 * another network, in which nothing that was open leads anywhere. Returns the way to stop.
 */
export function onWake(callback: (isOnline: boolean) => void): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const look = () => callback(false);
  addEventListener('online', () => callback(true), { signal });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && look(), { signal });
  document.addEventListener('resume', look, { signal });
  return () => stop.abort();
}
