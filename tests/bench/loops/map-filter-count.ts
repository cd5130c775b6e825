/** W1 by hand: each record doubled, the small ones left out, the others counted. */
import type { Row, WorkloadColumns } from '../workload-data.ts';

/** A doubled value must be above this to count. */
export const DOUBLED_MIN = 100;

/** The loop: what a good engineer would write. */
export function mapFilterCountLoop(records: readonly Row[]): number {
  let count = 0;
  for (const { ts, key, value } of records) {
    const doubled = { ts, key, value: value * 2 };
    if (doubled.value > DOUBLED_MIN) count++;
  }
  return count;
}

/** The limit: one column, no objects. */
export function mapFilterCountLimit({ value }: WorkloadColumns): number {
  let count = 0;
  for (let i = 0; i < value.length; i++) {
    if (value[i] * 2 > DOUBLED_MIN) count++;
  }
  return count;
}
