import { expect, test } from 'vitest';
import { KIND, TRACE_KINDS } from '#engine';
import { attackLogPlan } from './attack-log-plan.ts';
import { drawLogPlan } from './draw-log-plan.ts';

test(
  'the attack meets every kind of fact about logs and their readers',
  { timeout: 60_000 },
  () => {
    const seen = new Set<number>();
    for (let seed = 0; seed < 1000; seed += 1) {
      attackLogPlan(drawLogPlan(seed), (trace) => {
        for (const kind of trace?.columns.kind ?? []) seen.add(kind);
      });
    }
    const logKinds = TRACE_KINDS.slice(KIND['record-appended'], KIND['record-settled'] + 1);
    expect(logKinds.filter((kind) => !seen.has(KIND[kind]))).toEqual([]);
  },
);
