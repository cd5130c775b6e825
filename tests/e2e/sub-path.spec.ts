import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';

/** What a page asked this server for, and what went wrong while it loaded. */
async function visit(page: Page, url: string): Promise<{ asked: string[]; problems: string[] }> {
  const { origin } = new URL(url);
  const asked: string[] = [];
  const problems: string[] = [];
  page.removeAllListeners();
  page.on('response', (response) => {
    if (!response.url().startsWith(origin)) return;
    asked.push(new URL(response.url()).pathname);
    if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
  });
  page.on('pageerror', (error) => problems.push(`${url}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`${url}: ${message.text()}`);
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  return { asked, problems };
}

/** The pages that this page links to on its own origin, without fragments. */
async function linkedPages(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLAnchorElement>('a[href]')]
      .map((link) => new URL(link.href))
      .filter((url) => url.origin === location.origin)
      .map((url) => `${url.origin}${url.pathname}`),
  );
}

test('under a sub-path every link leads to a page and nothing is asked for outside', async ({
  page,
  baseURL,
}) => {
  test.setTimeout(180_000);
  const base = new URL(baseURL ?? '').pathname;
  const waiting = [String(baseURL)];
  const seen = new Set(waiting);
  const outside: string[] = [];
  const problems: string[] = [];
  for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
    // A page's address ends with a slash. Anything else is a file, which a browser may download.
    if (!url.endsWith('/')) {
      const response = await page.request.get(url);
      if (!response.ok()) problems.push(`${response.status()} ${url}`);
      continue;
    }
    const visited = await visit(page, url);
    problems.push(...visited.problems);
    outside.push(...visited.asked.filter((path) => !path.startsWith(base)));
    for (const link of await linkedPages(page)) {
      if (!new URL(link).pathname.startsWith(base)) outside.push(`${url} links to ${link}`);
      else if (!seen.has(link)) waiting.push(link);
      seen.add(link);
    }
  }
  expect(seen.size, 'pages found from the first one').toBeGreaterThan(3);
  expect(outside).toEqual([]);
  expect(problems).toEqual([]);
});
