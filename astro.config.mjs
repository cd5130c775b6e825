import mdx from '@astrojs/mdx';
import svelte from '@astrojs/svelte';
import { defineConfig } from 'astro/config';
import { engineBundle } from './tools/engine-bundle.mjs';
import { frameScriptHashes } from './tools/frame-script-hashes.mjs';
import { keepLazyStyles } from './tools/keep-lazy-styles.mjs';
import { normalizeBase } from './tools/static-server.mjs';

export default defineConfig({
  site: process.env.SITE_URL ?? 'http://localhost:4321',
  base: normalizeBase(process.env.BASE_PATH ?? '/'),
  trailingSlash: 'always',
  devToolbar: { enabled: false },
  markdown: {
    // The colours are tokens of src/styles/tokens.css: one set, both themes, enough contrast.
    shikiConfig: { theme: 'css-variables' },
  },
  integrations: [mdx(), svelte()],
  security: {
    csp: {
      directives: [
        "default-src 'self'",
        // Only srcdoc frames: a frame that navigates itself elsewhere could carry data out.
        "frame-src 'none'",
        "worker-src 'self' blob:",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
      ],
      // A srcdoc frame inherits this policy: its own script needs its hash, its worker blob:.
      scriptDirective: { resources: ["'self'", 'blob:'], hashes: frameScriptHashes() },
      // Monaco, Shiki and Svelte set inline styles.
      styleDirective: {
        resources: [
          { resource: "'unsafe-inline'", kind: 'attribute' },
          { resource: "'unsafe-inline'", kind: 'element' },
          { resource: "'self'", kind: 'element' },
        ],
      },
    },
  },
  vite: {
    worker: { format: 'es' },
    plugins: [engineBundle(), keepLazyStyles()],
    optimizeDeps: { include: ['d3-scale', 'd3-shape', 'd3-array'] },
    build: { chunkSizeWarningLimit: 8000 },
  },
});
