import type { ScriptedDevice } from '../client/scripted-device.ts';

/** Lets every WebSocket of the page that names `device.test` reach this device, until the returned function is called. */
export function connectTo(device: ScriptedDevice): () => void {
  const real = window.WebSocket;
  window.WebSocket = new Proxy(real, {
    construct: (target, [url, ...rest]) =>
      new URL(url).hostname === 'device.test' ? device.createSocket(url) : Reflect.construct(target, [url, ...rest]),
  });
  return () => {
    window.WebSocket = real;
    device.stop();
  };
}
