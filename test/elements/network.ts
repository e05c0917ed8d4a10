import { absence } from '../../src/elements/portable-element.ts';
import type { ScriptedDevice } from '../client/scripted-device.ts';

/**
 * Lets every WebSocket of the page that names `device.test` reach this device, until the returned function is called.
 * Meanwhile elements that are removed let go a task later, so that no test meets those of the test before.
 */
export function connectTo(device: ScriptedDevice): () => void {
  const real = window.WebSocket;
  const { limit } = absence;
  absence.limit = 0;
  window.WebSocket = new Proxy(real, {
    construct: (target, [url, ...rest]) =>
      new URL(url).hostname === 'device.test' ? device.createSocket(url) : Reflect.construct(target, [url, ...rest]),
  });
  return () => {
    window.WebSocket = real;
    absence.limit = limit;
    device.stop();
  };
}
