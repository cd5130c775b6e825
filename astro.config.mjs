import mdx from '@astrojs/mdx';
import svelte from '@astrojs/svelte';
import { defineConfig } from 'astro/config';

export default defineConfig({
  site: process.env.SITE_URL ?? 'http://localhost:4321',
  base: process.env.BASE_PATH ?? '/',
  trailingSlash: 'always',
  devToolbar: { enabled: false },
  markdown: {
    shikiConfig: {
      themes: { light: 'github-light', dark: 'github-dark' },
      defaultColor: 'light-dark()',
    },
  },
  integrations: [mdx(), svelte()],
  vite: {
    worker: { format: 'es' },
    optimizeDeps: { include: ['d3-scale', 'd3-shape', 'd3-array'] },
    build: { chunkSizeWarningLimit: 8000 },
  },
});
