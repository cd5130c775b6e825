import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { ExercisePage, lineOf, SLUG, SOLUTION, STARTER, operatorDoing } from './exercise-page.ts';

let exercise: ExercisePage;

test.beforeEach(async ({ page }) => {
  exercise = new ExercisePage(page);
});

test('the editor is fetched only when it is wanted', async ({ page }) => {
  const scripts: string[] = [];
  page.on('request', (request) => scripts.push(request.url()));
  await exercise.open();
  await expect(page.getByRole('region', { name: 'Your operator' })).toContainText('export class');
  expect(scripts.filter((url) => url.includes('monaco'))).toEqual([]);
  await exercise.edit();
  expect(scripts.filter((url) => url.includes('monaco')).length).toBeGreaterThan(0);
});

test('the code is readable in the editor when the reader wants no motion', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await exercise.open();
  await exercise.edit();
  const colorOf = (selector: string, property: 'color' | 'backgroundColor'): Promise<string> =>
    exercise.editor
      .locator(selector)
      .first()
      .evaluate((element, name) => getComputedStyle(element)[name], property);
  expect(await colorOf('.mtk1', 'color')).not.toBe(
    await colorOf('.monaco-editor-background', 'backgroundColor'),
  );
});

test('Ctrl+Enter runs the code from the editor and draws the run', async ({ page }) => {
  await exercise.open();
  await exercise.setCode(operatorDoing("console.log('saw', flight.origin);"));
  await page.keyboard.press('ControlOrMeta+Enter');
  await expect(exercise.outcome).toContainText('Ran to the end', { timeout: 45_000 });
  await expect(exercise.console).toContainText('saw ');
  await expect(exercise.figure).toContainText('Your run');
});

test('the editor completes and explains the operator API', async ({ page }) => {
  await exercise.open();
  await exercise.setCode(
    "import { KeyedProcessFunction, type ProcessContext } from '#engine';\n\n" +
      'export function f(ctx: ProcessContext<string>): void {\n  \n}\n' +
      'export type Base = KeyedProcessFunction<string, string, string>;\n',
  );
  await exercise.editor.getByText('export function').click();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await page.keyboard.type('ctx.timerService().reg');
  await expect(page.locator('.suggest-widget')).toContainText('registerEventTimeTimer', {
    timeout: 20_000,
  });
  await page.keyboard.press('Escape');
  await exercise.editor.getByText('KeyedProcessFunction').last().hover();
  await expect(page.locator('.monaco-hover-content').first()).toContainText('one key at a time', {
    timeout: 20_000,
  });
});

test('a type error is shown with its line, and nothing runs', async () => {
  const code = operatorDoing("const count: number = 'many'; console.log('ran', count);");
  await exercise.open();
  await exercise.setCode(code);
  await exercise.run();
  await expect(exercise.outcome).toContainText('Not run');
  await expect(exercise.outcome).toContainText("'string' is not assignable to type 'number'");
  await expect(exercise.button(`Line ${lineOf(code, "'many'")}`)).not.toHaveCount(0);
  await expect(exercise.console).toHaveCount(0);
  await expect(exercise.figure).toHaveCount(0);
});

test('fail, see where, fix, pass, reload', async ({ page }) => {
  await exercise.open();
  await exercise.check();
  await expect(exercise.outcome).toContainText('Not yet');
  await exercise.button('Show me').first().click();
  await expect(exercise.figure).toContainText('Check failed');
  await expect(exercise.figure).toBeInViewport();
  await expect(exercise.figure).toBeFocused();

  await exercise.setCode(SOLUTION);
  await expect(exercise.outcome).toContainText('Before your last edit');
  await exercise.check();
  await expect(exercise.outcome).toContainText('Passed');
  await expect(exercise.outcome).not.toContainText('Not yet');
  await expect(page.getByRole('region', { name: 'Discussion' })).toBeVisible();

  await page.reload();
  await exercise.whenReady();
  await expect(page.getByRole('region', { name: 'Discussion' })).toBeVisible();
  await expect(page.getByText('You have solved this one before')).toBeVisible();
});

test('work in progress survives a reload', async ({ page }) => {
  await exercise.open();
  await exercise.setCode(`// my own thought\n${SOLUTION}`);
  await expect(exercise.editor).toContainText('my own thought');
  // No wait: leaving the page saves what the delay has not.
  await page.reload();
  await exercise.whenReady();
  await expect(page.getByRole('region', { name: 'Your operator' })).toContainText('my own thought');
});

test('a reset asks first, and can be undone', async ({ page }) => {
  await exercise.open();
  await exercise.setCode(`// my own thought\n${SOLUTION}`);
  await exercise.button('Reset').click();
  await exercise.button('Keep my text').click();
  await expect(exercise.editor).toContainText('my own thought');
  await exercise.button('Reset').click();
  await exercise.button('Reset to the starter').click();
  await expect(exercise.editor).not.toContainText('my own thought');
  await page.getByText('Earlier versions of your text').click();
  await exercise.button('Bring back').first().click();
  await expect(exercise.editor).toContainText('my own thought');
});

test('a second tab never overwrites the first in silence', async ({ page, context }) => {
  await exercise.open();
  const other = new ExercisePage(await context.newPage());
  await other.open();
  await other.setCode(`// from the other tab\n${SOLUTION}`);
  await expect(other.editor).toContainText('from the other tab');
  await other.page.waitForFunction(
    (key) => localStorage.getItem(key)?.includes('from the other tab'),
    `millrace.draft.${SLUG}`,
  );
  await page.bringToFront();
  await exercise.setCode(`// from this tab\n${SOLUTION}`);
  await expect(page.getByText('Another tab has saved')).toBeVisible();
  await exercise.button('Load theirs').click();
  await expect(exercise.editor).toContainText('from the other tab');
  await page.getByText('Earlier versions of your text').click();
  await exercise.button('Bring back').first().click();
  await expect(exercise.editor).toContainText('from this tab');
});

test('an unreadable draft is set aside and told, and the starter shown', async ({ page }) => {
  const key = `millrace.draft.${SLUG}`;
  await page.addInitScript((name) => {
    if (localStorage.getItem(`${name}.corrupt.1`) === null) localStorage.setItem(name, '{"form');
  }, key);
  await exercise.open();
  await expect(page.locator('.notice')).toContainText(`Kept as "${key}.corrupt.1"`);
  const aside = await page.evaluate((name) => localStorage.getItem(`${name}.corrupt.1`), key);
  expect(aside).toBe('{"form');
  const shown = page.getByRole('region', { name: 'Your operator' });
  await expect(shown).toContainText(STARTER.trim().split('\n').at(0) ?? '');
});

test('the keyboard gets into the editor, runs, and gets out again', async ({ page }) => {
  await exercise.open();
  await exercise.button('Edit').focus();
  await page.keyboard.press('Enter');
  await expect(exercise.editor.locator('.view-line').first()).toBeVisible({ timeout: 30_000 });
  const isInside = (): Promise<boolean> =>
    page.evaluate(() => document.activeElement?.closest('.monaco-editor') !== null);
  await expect.poll(isInside).toBe(true);
  await page.keyboard.press('Tab');
  expect(await isInside()).toBe(true);
  await page.keyboard.press('Control+M');
  await page.keyboard.press('Tab');
  await expect.poll(isInside).toBe(false);
});

test('the exercise fits a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await exercise.open();
  const overflow = (): Promise<number> =>
    page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(await overflow()).toBeLessThanOrEqual(0);
  await exercise.check();
  await expect(exercise.outcome).toContainText('Not yet');
  expect(await overflow()).toBeLessThanOrEqual(0);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious with editor and verdict open, ${colorScheme}`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme });
    await exercise.open();
    await exercise.edit();
    await exercise.check();
    await expect(exercise.outcome).toContainText('Not yet');
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      .analyze();
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`,
    );
    expect(found).toEqual([]);
  });
}

test('what the sinks hold can be asked in SQL, in this tab', async ({ page }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await exercise.open();
  await exercise.setCode(SOLUTION);
  await exercise.run();
  expect(requests.filter((url) => /sql/i.test(url))).toEqual([]);
  await exercise.figure.getByText('Ask the sinks with SQL').click();
  const answer = exercise.figure.getByRole('region', { name: 'Answer' });
  await expect(answer.getByRole('row').first()).toBeVisible({ timeout: 30_000 });
  const query = exercise.figure.getByRole('textbox', { name: 'A query, in SQL' });
  await query.fill('SELECT count(*) AS panes, count(DISTINCT origin) AS airports FROM board');
  await query.press('ControlOrMeta+Enter');
  await expect(answer.getByRole('columnheader')).toHaveText(['panes', 'airports']);
  await query.fill('SELECT flights FROM bord');
  await exercise.button('Ask').click();
  await expect(exercise.figure).toContainText('No such table: bord. The tables are board.');
  const axe = await new AxeBuilder({ page }).include('details').analyze();
  expect(axe.violations).toEqual([]);
});
