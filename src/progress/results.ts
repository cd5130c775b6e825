import type { ProgressStore } from './store.ts';

/** What is remembered of an exercise besides its text. */
export interface ExerciseResult {
  readonly checkCount: number;
  /** Wall-clock time of the first pass, in ms since 1970; undefined before it. */
  readonly passedAtMs?: number;
  readonly hasSeenSolution: boolean;
}

const NOTHING_YET: ExerciseResult = { checkCount: 0, hasSeenSolution: false };

/** What is stored of the exercise, or that nothing was done yet. */
export function loadResult(store: ProgressStore, slug: string): ExerciseResult {
  return store.loadJson(`result.${slug}`, validateResult) ?? NOTHING_YET;
}

/** Merges `change` into what is stored now, so that two tabs don't undo each other's progress. */
export function saveResult(
  store: ProgressStore,
  slug: string,
  change: (before: ExerciseResult) => ExerciseResult,
): ExerciseResult {
  const after = change(loadResult(store, slug));
  store.saveJson(`result.${slug}`, after);
  return after;
}

function validateResult(value: unknown): ExerciseResult | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Partial<Record<keyof ExerciseResult, unknown>>;
  const { checkCount, passedAtMs, hasSeenSolution } = fields;
  if (typeof checkCount !== 'number' || typeof hasSeenSolution !== 'boolean') return undefined;
  return typeof passedAtMs === 'number'
    ? { checkCount, passedAtMs, hasSeenSolution }
    : { checkCount, hasSeenSolution };
}
