/** Runs that a search may still take. Shared, so that all searches together stay bounded. */
export interface SearchBudget {
  left: number;
}

/** A smaller list that still fails, and how it fails. */
export interface Shrunk<T, F> {
  readonly items: readonly T[];
  readonly failure: F;
}

/**
 * Leaves out as many items as it can while `fails` still finds a failure: first large pieces, then
 * single items, until none can go. Deterministic; stops when the budget is used up.
 */
export function shrinkList<T, F>(
  start: Shrunk<T, F>,
  fails: (items: readonly T[]) => F | undefined,
  budget: SearchBudget,
): Shrunk<T, F> {
  let best = start;
  let size = Math.max(1, best.items.length >> 1);
  for (;;) {
    const before = best.items.length;
    best = dropPieces(best, size, fails, budget);
    if (budget.left <= 0) return best;
    if (size > 1) size >>= 1;
    else if (best.items.length === before) return best;
  }
}

/** One pass over the list, from its end: what came last is the likeliest to be superfluous. */
function dropPieces<T, F>(
  start: Shrunk<T, F>,
  size: number,
  fails: (items: readonly T[]) => F | undefined,
  budget: SearchBudget,
): Shrunk<T, F> {
  let best = start;
  for (let at = best.items.length - size; at > -size; at -= size) {
    if (budget.left <= 0) return best;
    const from = Math.max(at, 0);
    const items = [...best.items.slice(0, from), ...best.items.slice(at + size)];
    if (items.length === 0) continue;
    const failure = fails(items);
    if (failure !== undefined) best = { items, failure };
  }
  return best;
}
