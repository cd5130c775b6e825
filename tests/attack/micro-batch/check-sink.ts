import type { Row } from '#engine/spark';
import type { AttackedQuery } from './attack-batch-plan.ts';
import { rowText } from './batch-answer.ts';
import { TABLE } from './build-batch-scenario.ts';

/** A sink that knows its batches has each once; one that does not has each at least once. */
export function checkSink(attacked: AttackedQuery): string | undefined {
  const { plan, batches, written } = attacked;
  if (plan.sink === 'memory' || plan.sink === 'file') {
    for (const { batchId } of batches) {
      const taken = (written.get(batchId) ?? []).filter(({ isSkipped }) => !isSkipped);
      if (taken.length !== 1) return `batch ${batchId} was taken ${taken.length} times`;
    }
    return undefined;
  }
  if (plan.restartAtMs !== undefined) return undefined;
  return checkOutside(attacked);
}

/** What readers of a topic or table find, against the rows of every batch once. */
function checkOutside({ plan, runs, batches, written }: AttackedQuery): string | undefined {
  const [run] = runs;
  const rows = plan.sink === 'kafka' ? run!.rows : (run!.tables[TABLE] ?? []);
  const found = countsOf(rows.map(withoutId));
  const once = countsOf(batches.flatMap(({ batchId }) => written.get(batchId)?.at(-1)?.rows ?? []));
  const isExact =
    plan.sink === 'table-insert-once' || plan.sink === 'table-upsert' || plan.faults.length === 0;
  // A reader of a topic in complete mode is given the last batch only.
  const isLast = plan.sink === 'kafka' && 'mode' in plan.query && plan.query.mode === 'complete';
  if (isLast) return undefined;
  for (const [text, count] of once) {
    const foundCount = found.get(text) ?? 0;
    if (foundCount < count) return `lost: ${text} is there ${foundCount} times, not ${count}`;
    if (isExact && plan.sink !== 'kafka' && foundCount > count) {
      return `doubled: ${text} is there ${foundCount} times, not ${count}`;
    }
  }
  const strange = [...found.keys()].find((text) => !once.has(text));
  return strange === undefined ? undefined : `never given: ${strange}`;
}

function withoutId(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => column !== 'id'));
}

function countsOf(rows: readonly Row[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(rowText(row), (counts.get(rowText(row)) ?? 0) + 1);
  return counts;
}
