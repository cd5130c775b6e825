import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Tests render components as the server does; the browser's side is tested in tests/e2e.
  plugins: [svelte()],
  test: {
    environment: 'node',
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/e2e/**'],
    // A slow machine is no reason to fail: only a test that never ends is.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
