import { matches, otherColumns, ownColumns, rowText } from './batch-answer.ts';
import type { AttackedQuery } from './attack-batch-plan.ts';
import type { PlannedRow } from './batch-plan.ts';

interface Arrived {
  readonly row: PlannedRow;
  readonly batchId: number;
}

/**
 * In an outer join, a row without a match comes out with nulls once: when no row that is not late
 * can match it any more, and no later than a batch whose watermark is behind all that could.
 */
export function checkOuterRows(attacked: AttackedQuery): string | undefined {
  const { plan, batches } = attacked;
  const { query } = plan;
  if (query.type !== 'join' || query.joinType === 'inner' || query.joinType === 'left_semi') {
    return undefined;
  }
  // What tasks have written before they failed is there twice.
  if (plan.sink === 'kafka' && plan.faults.length > 0) return undefined;
  const arrived = [0, 1].map((stream) =>
    batches.flatMap(({ batchId, inputs, lateMs }): Arrived[] =>
      (inputs[stream] ?? [])
        .flat()
        .filter(({ timeMs }) => timeMs > lateMs)
        .map((row) => ({ row, batchId })),
    ),
  );
  const [lefts = [], rights = []] = arrived;
  const unmatched = (own: Arrived[], others: Arrived[]): Arrived[] =>
    own.filter(({ row }) => !others.some((other) => matches(row, other.row, query.withinMs)));
  const expected = [
    ...unmatched(lefts, rights).map((one) => {
      return { ...one, text: rowText({ ...ownColumns(one.row), ...otherColumns(undefined) }) };
    }),
    ...(query.joinType === 'full_outer' ? unmatched(rights, lefts) : []).map((one) => {
      return { ...one, text: rowText({ ...ownColumns(undefined), ...otherColumns(one.row) }) };
    }),
  ];
  return compare(attacked, expected, query.withinMs);
}

function compare(
  { batches, written }: AttackedQuery,
  expected: readonly (Arrived & { readonly text: string })[],
  withinMs: number,
): string | undefined {
  const waiting = [...expected];
  for (const { batchId, watermarkMs } of batches) {
    const rows = written.get(batchId)?.at(-1)?.rows ?? [];
    const told = rows.filter((row) => row['otherKey'] === null || row['key'] === null).map(rowText);
    for (const text of told) {
      const at = waiting.findIndex((one) => one.text === text && one.batchId <= batchId);
      const one = waiting[at];
      if (one === undefined) return `batch ${batchId} gave ${text}, which has or had a match`;
      if (watermarkMs < one.row.timeMs + withinMs) return `batch ${batchId} gave ${text} too early`;
      waiting.splice(at, 1);
    }
    const overdue = waiting.find(
      (one) => one.batchId <= batchId && one.row.timeMs + withinMs + 1 < watermarkMs,
    );
    if (overdue !== undefined) return `batch ${batchId} should have given ${overdue.text}`;
  }
  return undefined;
}
