import { expect, test } from '@playwright/test';
import { ExercisePage, lineOf, operatorDoing, SOLUTION } from './exercise-page.ts';

let exercise: ExercisePage;

test.beforeEach(async ({ page }) => {
  exercise = new ExercisePage(page);
  await exercise.open();
});

test('an endless loop is stopped with words that help, and the page stays alive', async ({
  page,
}) => {
  await exercise.setCode(operatorDoing('for (;;) if (flight.origin === "") break;'));
  await page.evaluate(() => {
    const gaps = { last: performance.now(), longest: 0 };
    const watch = (): void => {
      const now = performance.now();
      gaps.longest = Math.max(gaps.longest, now - gaps.last);
      gaps.last = now;
      setTimeout(watch, 10);
    };
    watch();
    Object.assign(window, { gaps });
  });
  await exercise.button('Run').click();
  await expect(exercise.button('Cancel')).toBeVisible();
  // The page answers while the loop is running.
  await page.getByText('Show the solution').click();
  await expect(page.getByRole('region', { name: 'Solution' })).toBeVisible();
  await exercise.whenIdle();
  await expect(exercise.outcome).toContainText('probably an endless loop in processElement');
  await expect(exercise.outcome).toContainText(/processElement was called with .*origin/);
  const longestGapMs = await page.evaluate(
    () => (window as unknown as { gaps: { longest: number } }).gaps.longest,
  );
  expect(longestGapMs).toBeLessThan(1500);
  await exercise.setCode(SOLUTION);
  await exercise.run();
  await expect(exercise.outcome).toContainText('Ran to the end');
});

test('a loop at the top level of the file is told from one in a method', async () => {
  await exercise.setCode(`${SOLUTION}\nfor (;;) {}\n`);
  await exercise.run();
  await expect(exercise.outcome).toContainText('did not finish loading');
  await expect(exercise.outcome).toContainText('top level of the file');
});

test("a thrown error points at the learner's own line", async ({ page }) => {
  const code = operatorDoing("if (flight.origin) throw new RangeError('no such airport');");
  await exercise.setCode(code);
  await exercise.run();
  await expect(exercise.outcome).toContainText('In your code');
  await expect(exercise.outcome).toContainText('RangeError: no such airport');
  const line = lineOf(code, 'no such airport');
  await exercise.button(`Go to line ${line}`).click();
  await expect(page.locator('.monaco-editor .active-line-number')).toHaveText(String(line));
  await expect(page.locator('.monaco-editor .squiggly-error')).not.toHaveCount(0);
});

test('an export that is gone is a mistake in the file, not one of ours', async () => {
  await exercise.setCode('export const nothing = 1;\n');
  await exercise.run();
  await expect(exercise.outcome).toContainText('In your code');
  await expect(exercise.outcome).toContainText('The file must export');
});

test('a flood of output is capped', async () => {
  await exercise.setCode(
    operatorDoing("for (let i = 0; i < 100_000; i += 1) console.log('flood', i);"),
  );
  await exercise.run();
  await expect(exercise.outcome).toContainText('Ran to the end');
  await expect(exercise.console).toContainText('flood 0');
  expect(await exercise.console.locator('div').count()).toBeLessThanOrEqual(300);
  await expect(exercise.outcome).toContainText('prints more than can be shown');
});

test('a result too large to show is refused in words', async () => {
  await exercise.setCode(
    operatorDoing("if (callCount === 1) out.collect({ text: 'x'.repeat(9_000_000) });"),
  );
  await exercise.run();
  await expect(exercise.outcome).toContainText('The result is too large');
});

test('a run can be cancelled', async () => {
  await exercise.setCode(operatorDoing('for (;;) if (flight.origin === "") break;'));
  await exercise.button('Run').click();
  await exercise.button('Cancel').click();
  await exercise.whenIdle();
  await expect(exercise.outcome).toContainText('Cancelled');
});

test('hostile code finds no network, no storage, no page', async ({ page }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  const address = page.url();
  const attack = `
const g = globalThis as unknown as { readonly [name: string]: unknown };
const names = ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'importScripts', 'Worker',
  'indexedDB', 'caches', 'localStorage', 'sessionStorage', 'document', 'parent', 'top', 'window',
  'postMessage', 'BroadcastChannel', 'close'];
console.log('reachable:', names.filter((name) => g[name] !== undefined).join() || 'none');
for (const name of ['eval', 'Function']) {
  try {
    (g[name] as (code: string) => unknown)("import('https://canary.invalid/' + 1)");
    console.log(name, 'ran');
  } catch (error) {
    console.log(name, (error as Error).name);
  }
}
const scope = g['self'] as { onmessage: unknown };
scope.onmessage = (): void => console.log('overheard');
`;
  await exercise.setCode(SOLUTION + attack);
  await exercise.run();
  await expect(exercise.console).toContainText('reachable: none');
  await expect(exercise.console).toContainText('eval EvalError');
  await expect(exercise.console).toContainText('Function EvalError');
  await expect(exercise.console).not.toContainText('overheard');
  expect(requests.filter((url) => url.includes('canary'))).toEqual([]);
  expect(page.url()).toBe(address);
});

test('an import from elsewhere is refused before anything runs', async ({ page }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await exercise.setCode(`${SOLUTION}\n// @ts-ignore\nimport('https://canary.invalid/x.js');\n`);
  await exercise.run();
  await expect(exercise.outcome).toContainText('import() is not available here');
  await exercise.setCode(`// @ts-ignore\nimport 'https://canary.invalid/y.js';\n${SOLUTION}`);
  await exercise.run();
  await expect(exercise.outcome).toContainText('there is no module');
  expect(requests.filter((url) => url.includes('canary'))).toEqual([]);
});

test('the frame itself has no origin and no way out', async ({ page }) => {
  await exercise.setCode(SOLUTION);
  await exercise.run();
  // The spare frame stands ready.
  const frame = page.locator('iframe[title="Sandbox for your code"]').last();
  await expect(frame).toHaveAttribute('sandbox', 'allow-scripts');
  const inner = page.frames().find((candidate) => candidate.url() === 'about:srcdoc');
  const findings = await inner?.evaluate(async () => {
    const attempt = async (work: () => unknown): Promise<string> => {
      try {
        await work();
        return 'worked';
      } catch {
        return 'refused';
      }
    };
    return {
      origin: self.origin,
      storage: await attempt(() => localStorage.length),
      network: await attempt(() => fetch('https://canary.invalid/')),
      parent: await attempt(() => parent.document.title),
      navigation: await attempt(() => {
        if (top !== null) top.location.href = 'https://canary.invalid/';
      }),
    };
  });
  expect(findings).toEqual({
    origin: 'null',
    storage: 'refused',
    network: 'refused',
    parent: 'refused',
    navigation: 'refused',
  });
});
