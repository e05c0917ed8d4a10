/** Arguments → configuration → device → signals. */

import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { parseConfig, readConfig } from './config/config.ts';
import { ConfigError } from './config/config-error.ts';
import { demoConfig } from './config/demo.ts';
import { Device } from './device.ts';

const usage = 'usage: multistream-device [--config FILE]   (without a file: six synthetic cameras)';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { config: { type: 'string', short: 'c' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  const config =
    values.config === undefined ? parseConfig(demoConfig, 'the embedded configuration') : readConfig(values.config);
  // Standard output is for the address alone.
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  if (config.ignored.length > 0) {
    log.info({ sections: config.ignored }, 'sections of go2rtc that this device has no use for are passed over');
  }
  const device = await Device.start(config, log);
  console.log(`multistream device: ${device.url}`);

  let stopping = false;
  const stop = () => {
    if (!stopping) {
      stopping = true;
      // A second signal ends it at once.
      process.once('SIGINT', () => process.exit(1));
      device.close().then(
        () => process.exit(0),
        (error) => {
          log.error({ error: error.stack }, 'the device did not stop cleanly');
          process.exit(1);
        },
      );
    }
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

main().catch((error: NodeJS.ErrnoException) => {
  const readable = error instanceof ConfigError || error.code?.startsWith('ERR_PARSE_ARGS');
  console.error(readable ? error.message : error.stack);
  process.exit(1);
});
