import { defineConfig } from '@playwright/test';
import { chromePath } from './tools/find-chrome.mjs';
import { SUB_PATH, SUB_PATH_DIST } from './tools/test-stages.mjs';

// E2E_BASE_URL tests a site that is already served, e.g. a development server.
const servedUrl = process.env.E2E_BASE_URL;
const sitePort = Number(process.env.E2E_PORT ?? 4173);
const subPathPort = sitePort + 1;
const serve = 'node tools/static-server.mjs';

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: chromePath(),
      args: [
        // Chromium's own sandbox can't start as root; the pages' sandbox doesn't depend on it.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    {
      name: 'site',
      testIgnore: 'sub-path.spec.ts',
      use: { baseURL: servedUrl ?? `http://localhost:${sitePort}` },
    },
    ...(servedUrl === undefined
      ? [
          {
            name: 'sub-path',
            testMatch: 'sub-path.spec.ts',
            use: { baseURL: `http://localhost:${subPathPort}${SUB_PATH}` },
          },
        ]
      : []),
  ],
  webServer:
    servedUrl === undefined
      ? [
          {
            command: `${serve} --root ${process.env.E2E_DIST ?? 'dist'} --port ${sitePort}`,
            port: sitePort,
          },
          {
            command: `${serve} --root ${SUB_PATH_DIST} --base ${SUB_PATH} --port ${subPathPort}`,
            port: subPathPort,
          },
        ]
      : [],
});
