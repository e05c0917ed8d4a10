import { defineConfig } from 'vite';

/** The two bundles that a page can load with one script tag. */
export default defineConfig({
  logLevel: 'warn',
  build: {
    target: 'es2022',
    sourcemap: true,
    emptyOutDir: false,
    copyPublicDir: false,
    lib: {
      entry: 'src/define.ts',
      name: 'MultiStream',
      formats: ['es', 'iife'],
      fileName: (format) => (format === 'iife' ? 'ms-grid.iife.js' : 'ms-grid.js'),
    },
    // In library mode vite leaves the whitespace of ES modules alone, for bundlers to come; none comes after this one.
    rolldownOptions: { output: { minify: true, chunkFileNames: 'ms-grid.[name].js' } },
  },
});
