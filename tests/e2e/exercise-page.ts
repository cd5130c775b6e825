import { readFileSync } from 'node:fs';
import { expect, type Locator, type Page } from '@playwright/test';

export const SLUG = 'departures-per-quarter-hour';
const FOLDER = new URL(`../../content/exercises/${SLUG}/`, import.meta.url);

export const STARTER = readFileSync(new URL('starter.ts', FOLDER), 'utf8');
export const SOLUTION = readFileSync(new URL('solution.ts', FOLDER), 'utf8');

/** An operator that does `body` for every flight, and nothing else. */
export function operatorDoing(body: string): string {
  const name = /export class (\w+) extends/.exec(SOLUTION)?.[1];
  if (name === undefined) throw new Error('solution.ts exports no class');
  return `import { type Collector, KeyedProcessFunction, type ProcessContext } from '#engine';

interface Flight {
  readonly origin: string;
}

let callCount = 0;

export class ${name} extends KeyedProcessFunction<string, Flight, unknown> {
  processElement(flight: Flight, context: ProcessContext<string>, out: Collector<unknown>): void {
    callCount += 1;
    void [flight, context, out];
    ${body}
  }
}
`;
}

/** The line, from 1, on which `text` first stands in `code`. */
export function lineOf(code: string, text: string): number {
  return code.split('\n').findIndex((line) => line.includes(text)) + 1;
}

/** The exercise as a reader handles it. */
export class ExercisePage {
  readonly page: Page;
  readonly outcome: Locator;
  readonly figure: Locator;
  readonly console: Locator;
  readonly editor: Locator;

  constructor(page: Page) {
    this.page = page;
    this.outcome = page.getByRole('region', { name: 'What came of it' });
    this.figure = page.getByRole('region', { name: 'The run', exact: true });
    this.console = page.getByRole('log', { name: 'Console' });
    this.editor = page.locator('.monaco-editor').first();
  }

  async open(): Promise<void> {
    await this.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await this.page.goto(`/exercises/${SLUG}/`);
    await this.whenReady();
  }

  async whenReady(): Promise<void> {
    await expect(this.page.locator('[data-ready=true]')).toBeVisible();
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Opens the editor unless it is open. */
  async edit(): Promise<void> {
    if ((await this.editor.count()) === 0) await this.button('Edit').click();
    await expect(this.editor.locator('.view-line').first()).toBeVisible({ timeout: 30_000 });
  }

  /** Replaces the text as a reader would: select all, paste. */
  async setCode(code: string): Promise<void> {
    await this.edit();
    await this.page.locator('.editor-box').click({ position: { x: 200, y: 100 } });
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.evaluate((text) => navigator.clipboard.writeText(text), code);
    await this.page.keyboard.press('ControlOrMeta+V');
    // The editor draws only the lines in view.
    await this.page.keyboard.press('ControlOrMeta+Home');
  }

  async run(): Promise<void> {
    await this.button('Run').click();
    await this.whenIdle();
  }

  async check(): Promise<void> {
    await this.button('Check').click();
    await this.whenIdle();
  }

  async whenIdle(): Promise<void> {
    await expect(this.button('Run')).toBeEnabled({ timeout: 45_000 });
  }
}
