/**
 * Calls back when a device may be reachable again: the network is back, the page becomes visible, or the browser resumes
 * a frozen page. `isOnline` is true for the first: it may be another network, in which every open connection is dead.
 * Returns a function that stops it.
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
