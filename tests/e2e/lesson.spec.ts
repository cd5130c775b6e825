import { expect, test, type Page } from '@playwright/test';

const LESSON = '/lessons/two-clocks-and-a-watermark/';

const dropped = (page: Page): Promise<number> =>
  page
    .locator('.lab .readings strong')
    .first()
    .innerText()
    .then((text) => Number(text.replace(/\D/g, '')));

test.describe('a lesson', () => {
  test('is readable without JavaScript: text, tables, a still, and every answer', async ({
    browser,
    baseURL,
  }) => {
    const context = await browser.newContext({
      javaScriptEnabled: false,
      ...(baseURL === undefined ? {} : { baseURL }),
    });
    const page = await context.newPage();
    await page.goto(LESSON);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Two clocks and a watermark');
    await expect(page.locator('.lab svg').first()).toBeVisible();
    await expect(page.locator('.lab .knob')).toBeHidden();
    await page.getByText('Show what the run says').click();
    await expect(page.locator('.predict .answer')).toContainText('flights');
    await context.close();
  });

  test('marks a prediction against the run and shows why', async ({ page }) => {
    await page.goto(LESSON);
    const predict = page.locator('.predict');
    await predict.getByLabel('Your guess').fill('many');
    await predict.getByRole('button', { name: 'Commit to it' }).click();
    await expect(predict.getByRole('status')).toContainText('“many” is not a count');
    await predict.getByLabel('Your guess').fill('100');
    await predict.getByLabel('Your guess').press('Enter');
    await expect(predict.getByRole('status')).toContainText('Too low, by a factor of');
    await expect(predict.locator('.reveal')).toBeVisible();
  });

  test('runs again when the delay is moved, by keyboard alone', async ({ page }) => {
    await page.goto(LESSON);
    await page.locator('.lab').scrollIntoViewIfNeeded();
    const knob = page.getByRole('slider', { name: 'Watermark delay' });
    await expect(knob).toBeEnabled();
    const before = await dropped(page);
    await knob.focus();
    await page.keyboard.press('End');
    await expect(page.locator('.lab .knob output')).toHaveText('300 minutes');
    await expect.poll(() => dropped(page)).toBeLessThan(before / 10);
    expect(await dropped(page)).toBeGreaterThan(0);
    await expect(page.locator('.lab .readings')).toHaveAttribute('aria-busy', 'false');
  });

  test('says whether an answer is right, and explains', async ({ page }) => {
    await page.goto(LESSON);
    const check = page.locator('check-choice').first();
    await check.getByRole('radio', { name: 'No', exact: true }).check();
    await expect(check.getByRole('status')).toContainText('Not that one');
    await check.getByRole('radio', { name: 'Yes', exact: true }).check();
    await expect(check.getByRole('status')).toContainText('Right');
    await expect(check.locator('details')).toHaveAttribute('open', '');
  });

  test('times a spoken answer', async ({ page }) => {
    await page.goto(LESSON);
    const clock = page.locator('speaking-clock');
    await clock.getByRole('button', { name: 'Start the clock' }).click();
    await expect(clock.locator('output')).not.toHaveText('60 s');
    await clock.getByRole('button', { name: 'Stop' }).click();
    await expect(clock.locator('.verdict')).toContainText('Compare');
  });

  test('has a source for each footnote', async ({ page }) => {
    await page.goto(LESSON);
    const notes = page.locator('.compare sup a');
    expect(await notes.count()).toBe(15);
    for (const note of await notes.all()) {
      const target = await note.getAttribute('href');
      await expect(page.locator(`[id="${target?.slice(1)}"] a`)).toHaveAttribute('href', /^https:/);
    }
  });
});
