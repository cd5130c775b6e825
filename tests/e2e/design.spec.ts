import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';

const PATH = '/designs/live-departures-board/';

async function open(page: Page): Promise<void> {
  await page.goto(PATH);
  await expect(page.locator('.workbench')).toHaveAttribute('data-ready', 'true');
}

async function runDay(page: Page, number: number): Promise<void> {
  await page.getByRole('button', { name: 'Run the day' }).click();
  await expect(page.locator('p.run')).toContainText(`Run ${number}:`);
}

async function loadModelAnswer(page: Page): Promise<void> {
  await page.getByText('Read it after you have run your own').click();
  await page.getByRole('button', { name: 'Load it into the form' }).click();
}

const objective = (page: Page, id: string) => page.locator(`[data-objective="${id}"]`);

test('the defaults break, the model answer holds, and the card says why', async ({ page }) => {
  await open(page);
  await runDay(page, 1);
  await expect(page.locator('#scorecard')).toHaveText('1 of 6 promises kept');
  await loadModelAnswer(page);
  await expect(page.getByText('Changed since the last run.')).toBeVisible();
  await runDay(page, 2);
  await expect(page.locator('#scorecard')).toHaveText('6 of 6 promises kept');
  await expect(objective(page, 'fresh')).toContainText('before:');
  await expect(page.locator('path.ghost').first()).toBeAttached();

  await page.getByRole('radio', { name: 'Add to a counter' }).check();
  await runDay(page, 3);
  await expect(objective(page, 'exact')).toHaveClass(/missed/);
  await expect(objective(page, 'exact')).toContainText('a replay added 18,600 records');
});

test('a verdict leads to its moment on the charts', async ({ page }) => {
  await open(page);
  await loadModelAnswer(page);
  await page.getByRole('radio', { name: 'Airport', exact: true }).check();
  await page.getByRole('checkbox', { name: /machine dies/ }).uncheck();
  await runDay(page, 1);
  await expect(objective(page, 'fresh')).toContainText('ORD is a hot key');
  await objective(page, 'fresh')
    .getByRole('button', { name: /Look at 13:00/ })
    .click();
  const slider = page.getByRole('slider', { name: /Time of day/ });
  await expect(slider).toBeFocused();
  await expect(slider).toHaveAttribute('aria-valuetext', /^13:00/);
  const reading = page.locator('[data-chart="freshness"] strong');
  await page.keyboard.press('PageDown');
  await expect(slider).toHaveAttribute('aria-valuetext', /^12:00/);
  await expect(reading).toHaveText('30 s');
  await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveAttribute('aria-valuetext', /^12:01/);
});

test('on a phone, a run brings its scorecard into sight', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page);
  await runDay(page, 1);
  await expect(page.locator('#scorecard')).toBeInViewport();
});

test('what was asked, estimated, chosen and rated survives a reload', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'How fresh must it be?' }).click();
  await expect(page.getByText('A closed window must be readable')).toBeVisible();
  await page.getByLabel('Updates per second, on average').fill('12k');
  await page.getByLabel('Partitions in partitions').fill('17');
  await page.getByRole('radio', { name: /^senior Peak/ }).check();
  await page.reload();
  await expect(page.locator('.workbench')).toHaveAttribute('data-ready', 'true');
  await expect(page.getByText('1 of 10')).toBeVisible();
  await expect(page.getByLabel('Updates per second, on average')).toHaveValue('12k');
  await expect(page.getByLabel('Partitions in partitions')).toHaveValue('17');
  await expect(page.getByRole('radio', { name: /^senior Peak/ })).toBeChecked();
});

test('a corrupted draft is reported, kept aside, and nothing else breaks', async ({ page }) => {
  await page.addInitScript(() =>
    localStorage.setItem('millrace.design.live-departures-board', '{oops'),
  );
  await open(page);
  await expect(page.getByText(/can't be read \(it is not JSON\)/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Download it' })).toBeVisible();
  await runDay(page, 1);
  const aside = await page.evaluate(() =>
    localStorage.getItem('millrace.design.live-departures-board.corrupt.1'),
  );
  expect(aside).toBe('{oops');
});

test('a field that can not be run says so beside itself', async ({ page }) => {
  await open(page);
  const partitions = page.getByLabel('Partitions in partitions');
  await partitions.fill('-3');
  await expect(page.getByText('partitions must be a whole number from 1 to 10000')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run the day' })).toBeDisabled();
  await partitions.fill('6');
  await page.getByLabel('Parallelism in slots').fill('9');
  await expect(page.getByText('3 of 9 subtasks have no partition')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run the day' })).toBeEnabled();
});

test('works by keyboard alone', async ({ page }) => {
  await open(page);
  await page.getByRole('button', { name: 'How much is it?' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('100,000 flights a day, and about')).toBeVisible();
  await page.getByRole('radio', { name: 'Record at a time' }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('radio', { name: 'Micro-batch' })).toBeChecked();
  await page.getByLabel('Partitions in partitions').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByText('needs a checkpoint location')).toBeVisible();
  await page.getByRole('radio', { name: 'Exactly once', exact: true }).check();
  await page.getByLabel('Partitions in partitions').focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('p.run')).toContainText('Run 1:');
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a finished run is accessible in the ${colorScheme} theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await open(page);
    await runDay(page, 1);
    await page.getByText('The day as a table').click();
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      .analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });
}

test('a finished run fits a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page);
  await runDay(page, 1);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBe(0);
});
