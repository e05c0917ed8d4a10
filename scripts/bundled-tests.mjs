import { build } from 'esbuild';

/**
 * Serves the test files in `folder` as one bundle each, as a page of that framework would load them: React is published
 * as CommonJS, which no browser reads.
 * @param {string} folder as the browser names it: `/test/react/`
 * @returns {import('@web/test-runner-core').TestRunnerPlugin}
 */
export function bundledTests(folder) {
  return {
    name: 'bundled-tests',
    resolveMimeType: ({ path }) => (isTest(path) ? 'js' : undefined),
    async serve({ path }) {
      if (!isTest(path)) {
        return undefined;
      }
      const { outputFiles } = await build({
        entryPoints: [`.${path}`],
        bundle: true,
        write: false,
        format: 'esm',
        target: 'es2022',
        jsx: 'automatic',
        sourcemap: 'inline',
        // Answered by the runner itself.
        external: ['/__web-dev-server__*'],
        // `sideEffects` of package.json names the files of dist/, and here are the sources.
        ignoreAnnotations: true,
        // React tells its warnings only in development, and a test is to hear them.
        define: { 'process.env.NODE_ENV': '"development"' },
        logLevel: 'silent',
      });
      return outputFiles[0]?.text;
    },
  };

  function isTest(path) {
    return path.startsWith(folder) && path.endsWith('.test.ts');
  }
}
