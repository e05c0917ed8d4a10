/**
 * `npm start` and the package's program: starts the device as a child process and starts it again when it ends by
 * itself. With `--no-restart` this process is the device, for service managers that restart it themselves.
 */

import { supervise } from './supervisor.ts';

const restart = !process.argv.includes('--no-restart');

// The kernel lets no process kill process 1 of its own container, so the watchdog could not end a device that is it.
if (restart || process.pid === 1) {
  supervise(process.argv.slice(2), restart);
} else {
  await import('./main.ts');
}
