import { execFile } from 'node:child_process';

/**
 * Tells systemd that the device is ready and, where the unit has a `WatchdogSec`, again and again that it works
 * (sd_notify(3)). Node has no datagram sockets of the file system, so systemd's own program sends the messages; the unit
 * needs `NotifyAccess=all` for that. The main thread starts it: when that hangs, systemd hears nothing.
 * @param failed is told once why systemd cannot be reached
 */
export function tellServiceManager(environment: NodeJS.ProcessEnv, failed: (error: Error) => void): void {
  const { NOTIFY_SOCKET, WATCHDOG_USEC } = environment;
  if (NOTIFY_SOCKET === undefined) {
    return;
  }
  let told = false;
  let sending = false;
  const send = (message: string) => {
    if (sending) {
      return;
    }
    sending = true;
    execFile('systemd-notify', [message], (error) => {
      sending = false;
      if (error !== null && !told) {
        told = true;
        failed(error);
      }
    });
  };
  send('READY=1');
  const microseconds = Number(WATCHDOG_USEC);
  if (microseconds > 0) {
    setInterval(() => send('WATCHDOG=1'), microseconds / 1000 / 3).unref();
  }
}
