/**
 * A Vite plugin for Astro 7.3: keeps the style sheets of modules that an island imports on demand.
 * Astro deletes a sheet that belongs to no page ("orphaned"), also when a chunk still asks for it;
 * it spares the ones a chunk lists among its assets. Without this the editor has no styles.
 */
export function keepLazyStyles() {
  return {
    name: 'millrace-keep-lazy-styles',
    applyToEnvironment: (environment) => environment.name === 'client',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        const { importedCss, importedAssets } = chunk.viteMetadata ?? {};
        for (const sheet of importedCss ?? []) importedAssets?.add(sheet);
      }
    },
  };
}
