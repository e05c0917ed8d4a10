import { fileURLToPath } from 'node:url';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { defaultReporter } from '@web/test-runner';
import { chromeLauncher } from '@web/test-runner-chrome';
import { bundledTests } from './scripts/bundled-tests.mjs';
import { chromiumArguments, findChromium } from './scripts/chromium.mjs';
import { firefoxLauncher } from './scripts/firefox.mjs';
import { processCommands } from './scripts/process-commands.mjs';
import { browserReporter } from './scripts/reporters/browser.mjs';
import { webkitLauncher } from './scripts/webkit.mjs';

const launchers = { chromium, webkit: webkitLauncher, firefox: firefoxLauncher };
const launcher = launchers[process.env.TEST_BROWSER ?? 'chromium'];
if (launcher === undefined) {
  throw new Error(`TEST_BROWSER is one of ${Object.keys(launchers).join(', ')}`);
}
const results = process.env.TEST_RESULTS;

export default {
  files: 'test/**/*.test.ts',
  nodeResolve: true,
  // One page at a time: tests measure what a page shows, and a page in the background is throttled.
  concurrency: 1,
  browsers: [launcher()],
  plugins: [
    bundledTests('/test/react/'),
    // The tsconfig of the build: with other class fields, Lit's reactive properties would be shadowed.
    esbuildPlugin({ ts: true, tsconfig: fileURLToPath(new URL('tsconfig.json', import.meta.url)) }),
    processCommands(),
  ],
  // A forgotten `only` would leave out the other tests of its file without a word.
  testFramework: { config: { ui: 'bdd', timeout: 20_000, forbidOnly: results !== undefined } },
  // The whole of one file; each test has mocha's timeout.
  testsFinishTimeout: 300_000,
  filterBrowserLogs: ({ args }) => !String(args[0]).startsWith('Lit is in dev mode'),
  reporters: [defaultReporter(), ...(results === undefined ? [] : [browserReporter(results)])],
};

function chromium() {
  const executablePath = findChromium();
  if (executablePath === null) {
    throw new Error('no Chromium found: install one, or name it in CHROME_PATH');
  }
  return chromeLauncher({ launchOptions: { executablePath, args: chromiumArguments } });
}
