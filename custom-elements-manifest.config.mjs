export default {
  globs: ['src/ms-*.ts', 'src/define.ts', 'src/events.ts'],
  exclude: ['src/*.styles.ts'],
  litelement: true,
  packagejson: false,
  plugins: [
    {
      // The analyzer takes the arguments of our event classes for names of events; those that the JSDoc names are all.
      name: 'documented-events',
      packageLinkPhase({ customElementsManifest }) {
        for (const declaration of customElementsManifest.modules.flatMap(({ declarations }) => declarations ?? [])) {
          declaration.events = declaration.events?.filter(({ description }) => description);
        }
      },
    },
  ],
};
