import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';

const PAGES = [
  '/',
  '/lessons/',
  '/lessons/two-clocks-and-a-watermark/',
  '/exercises/',
  '/exercises/departures-per-quarter-hour/',
  '/designs/',
  '/designs/live-departures-board/',
  '/model/',
  '/data/',
  '/404.html',
];

/** What the browser complains about while a page is open: errors, and breaches of its policy. */
function complaints(page: Page): readonly string[] {
  const heard: string[] = [];
  page.on('pageerror', (error) => heard.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') heard.push(message.text());
  });
  return heard;
}

/** Scrolls through the page, so that what waits for being seen is there. */
async function seeWholePage(page: Page): Promise<void> {
  await page.evaluate(async () => {
    for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
      scrollTo(0, y);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    scrollTo(0, 0);
  });
  await page.waitForLoadState('networkidle');
}

for (const path of PAGES) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${path} is accessible in the ${colorScheme} theme, and quiet`, async ({ page }) => {
      const heard = complaints(page);
      await page.emulateMedia({ colorScheme });
      const response = await page.goto(path);
      await seeWholePage(page);
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
        .analyze();
      const found = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`,
      );
      expect(found).toEqual([]);
      // The browser itself complains about a page that says it is not there.
      if (response?.ok() === true) expect(heard).toEqual([]);
    });
  }

  test(`${path} fits a phone`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(path);
    await seeWholePage(page);
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overhang).toBeLessThanOrEqual(0);
  });
}

test('the first Tab leads to the content', async ({ page }) => {
  await page.goto('/model/');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('main')).toBeFocused();
});

test('a chosen theme is kept, is there before the first paint, and can be taken back', async ({
  page,
}) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/model/');
  const toggle = page.getByRole('button', { name: 'Theme' });
  await expect(toggle).toContainText('system');
  await toggle.click();
  await toggle.click();
  await expect(toggle).toContainText('dark');
  // A module script runs late; only the script in the head can have set this so early.
  await page.route('**/*.js', (route) => route.abort());
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.unroute('**/*.js');
  await page.reload();
  await toggle.click();
  await expect(page.locator('html')).not.toHaveAttribute('data-theme');
});

test('the header marks the section that the page belongs to', async ({ page }) => {
  await page.goto('/lessons/two-clocks-and-a-watermark/');
  const main = page.getByRole('navigation', { name: 'Main' });
  await expect(main.locator('[aria-current="page"]')).toHaveText('Lessons');
});
