/** What a reader has entered on a design question: plain JSON, kept on the device. */
import { DESIGN_RANGES } from '#engine';
import type { Design } from '#engine';
import type { DesignScenario, RubricLevel } from '#content/designs/schema.ts';
import { RUBRIC_LEVELS } from '#content/designs/schema.ts';

export interface DesignDraft {
  readonly design: Design;
  /** Ids of the clarifications that were asked, in order. */
  readonly asked: readonly string[];
  /** What was typed for each estimate, by id. */
  readonly estimates: Readonly<Record<string, string>>;
  /** The reader's own rating of each rubric dimension, by id. */
  readonly ratings: Readonly<Record<string, RubricLevel>>;
}

/** What a reader who has done nothing yet has entered. */
export function firstDraft(scenario: DesignScenario): DesignDraft {
  return { design: scenario.firstDesign, asked: [], estimates: {}, ratings: {} };
}

/** A stored draft as this version of the site reads it, or undefined when it is none. */
export function readDraft(value: unknown): DesignDraft | undefined {
  if (!isObject(value) || !Array.isArray(value.asked)) return undefined;
  const { asked, estimates, ratings } = value;
  const design = readDesign(value.design);
  if (design === undefined || !isObject(estimates) || !isObject(ratings)) return undefined;
  const areTexts = asked.every((id) => typeof id === 'string');
  const areNumbersTyped = Object.values(estimates).every((text) => typeof text === 'string');
  const areLevels = Object.values(ratings).every((level) => RUBRIC_LEVELS.some((l) => l === level));
  if (!areTexts || !areNumbersTyped || !areLevels) return undefined;
  return { design, asked, estimates, ratings } as DesignDraft;
}

/** An emptied number field is `null` in JSON and not a number in the form. */
function readDesign(value: unknown): Design | undefined {
  if (!isObject(value)) return undefined;
  const numbers: Record<string, number> = {};
  for (const { field } of DESIGN_RANGES) {
    const number = value[field] === null ? Number.NaN : value[field];
    if (typeof number !== 'number') return undefined;
    numbers[field] = number;
  }
  const { engine, keying, guarantee, sink } = value;
  for (const option of [engine, keying, guarantee, sink]) {
    if (typeof option !== 'string') return undefined;
  }
  return { ...numbers, engine, keying, guarantee, sink } as Design;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
