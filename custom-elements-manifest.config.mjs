export default {
  globs: ['src/elements/ms-*.ts', 'src/define.ts', 'src/elements/events.ts'],
  exclude: ['src/elements/*.styles.ts'],
  litelement: true,
  packagejson: false,
  plugins: [
    {
      // The analyzer takes the arguments of our event classes for names of events; those that the JSDoc names are all.
      name: 'documented-events',
      packageLinkPhase({ customElementsManifest }) {
        for (const declaration of declarationsIn(customElementsManifest)) {
          declaration.events = declaration.events?.filter(({ description }) => description);
        }
      },
    },
    {
      // What a page cannot use is no part of the description.
      name: 'only-public',
      packageLinkPhase({ customElementsManifest }) {
        for (const declaration of declarationsIn(customElementsManifest)) {
          const hidden =
            declaration.members?.filter(({ privacy }) => privacy !== undefined && privacy !== 'public') ?? [];
          declaration.members = declaration.members?.filter((member) => !hidden.includes(member));
          declaration.attributes = declaration.attributes?.filter(
            ({ fieldName }) => !hidden.some(({ name }) => name === fieldName),
          );
        }
      },
    },
    {
      // Paths are those of the package, which holds no sources.
      name: 'published-paths',
      packageLinkPhase({ customElementsManifest }) {
        const rename = (value) => {
          for (const [key, inner] of Object.entries(value)) {
            if ((key === 'path' || key === 'module') && typeof inner === 'string') {
              value[key] = inner.replace(/^\/?src\/(.*)\.ts$/, 'dist/esm/$1.js');
            } else if (typeof inner === 'object' && inner !== null) {
              rename(inner);
            }
          }
        };
        rename(customElementsManifest);
      },
    },
  ],
};

function declarationsIn({ modules }) {
  return modules.flatMap(({ declarations }) => declarations ?? []);
}
