/** Arguments → configuration → device → signals. */

import { parseArgs } from 'node:util';
import type { Logger } from 'pino';
import { type Config, parseConfig, readConfig } from './config/config.ts';
import { ConfigError } from './config/config-error.ts';
import { demoConfig } from './config/demo.ts';
import { watchFile } from './config/watch-file.ts';
import { Device } from './device.ts';
import { openLogs } from './log.ts';
import { tellServiceManager } from './service-manager.ts';
import type { DeviceNews, Heritage } from './supervisor.ts';
import { startWatchdog } from './watchdog.ts';

/** Seconds without work of the main thread after which the device counts as hung. */
const usualHang = 5;

const usage = `usage: multistream-device [--config FILE] [--no-restart] [--watchdog SECONDS]
  --config FILE       the configuration; without it the device shows six synthetic cameras
  --no-restart        do not start the device again when it ends by itself
  --watchdog SECONDS  end the device when it has hung for so long: 1 to 3600, by default ${usualHang}`;

/** Milliseconds that SIGUSR2 gives viewers to go elsewhere, where the configuration does not say. */
const usualDrain = 30_000;
/** Milliseconds between two looks at which streams are watched. */
const newsInterval = 250;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      config: { type: 'string', short: 'c' },
      // `start.ts` has read it.
      'no-restart': { type: 'boolean' },
      watchdog: { type: 'string', default: String(usualHang) },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const hang = Number(values.watchdog);
  if (!(hang >= 1 && hang <= 3600)) {
    throw new ConfigError('invalid-value', '--watchdog', `"${values.watchdog}"; allowed: 1 to 3600 seconds`);
  }
  const file = values.config;
  const config = file === undefined ? parseConfig(demoConfig, 'the embedded configuration') : readConfig(file);
  const logs = openLogs(config.log);
  startWatchdog(hang, config.log, (error) => logs.app.error({ error: error.stack }, 'the watchdog failed'));
  tellPassedOver(config, logs.app);
  const heritage = new Promise<Heritage>((resolve) => process.once('message', resolve));
  const device = await Device.start(config, logs, heritage);
  const stopReloading = file === undefined ? () => {} : reloadOnChange(device, file, config.watch, logs.app);
  console.log(`multistream device: ${device.url}`);
  keepInformed(device);
  tellServiceManager(process.env, (error) =>
    logs.app.warn({ error: error.message }, 'systemd cannot be told that the device works'),
  );

  let draining = false;
  let stopping = false;
  const stop = () => {
    if (!stopping) {
      stopping = true;
      stopReloading();
      // A second signal ends it at once.
      process.once('SIGINT', () => process.exit(1));
      device.close().then(
        () => process.exit(0),
        (error) => {
          logs.app.error({ error: error.stack }, 'the device did not stop cleanly');
          process.exit(1);
        },
      );
    }
  };
  /** @param longest milliseconds */
  const drain = (longest: number) => {
    // A signal that comes again is in a hurry.
    if (draining || longest === 0) {
      stop();
    } else {
      draining = true;
      device.drain(longest).then(stop);
    }
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', () => drain(device.drainTime));
  process.on('SIGUSR2', () => drain(device.drainTime || usualDrain));
  // The supervisor is gone.
  process.on('disconnect', stop);
}

/** Tells the supervisor, where there is one, that the device is ready, and which streams are watched. */
function keepInformed(device: Device): void {
  const tell = (news: DeviceNews) => process.connected && process.send?.(news);
  tell({ type: 'ready' });
  let told = '';
  setInterval(() => {
    const streams = device.watched;
    if (streams.join('\n') !== told) {
      told = streams.join('\n');
      tell({ type: 'watched', streams });
    }
  }, newsInterval).unref();
}

/** On SIGHUP, and when the file changes where that is wanted. A file with a mistake changes nothing. */
function reloadOnChange(device: Device, file: string, watch: boolean, log: Logger): () => void {
  const reload = () => {
    try {
      const config = readConfig(file);
      tellPassedOver(config, log);
      device.reconfigure(config);
    } catch (error) {
      const reason = error instanceof ConfigError ? error.message : (error as Error).stack;
      log.error({ error: reason }, 'the configuration is not reloaded; the present one stays');
    }
  };
  process.on('SIGHUP', reload);
  const unwatch = watch
    ? watchFile(file, reload, (error) => log.error({ error: error.message }, 'watch failed'))
    : () => {};
  return () => {
    process.off('SIGHUP', reload);
    unwatch();
  };
}

function tellPassedOver({ passedOver }: Config, log: Logger): void {
  for (const what of passedOver) {
    log.warn(`passed over, ${what}`);
  }
}

main().catch((error: NodeJS.ErrnoException) => {
  const readable = error instanceof ConfigError || error.code?.startsWith('ERR_PARSE_ARGS');
  console.error(readable ? error.message : error.stack);
  process.exit(1);
});
