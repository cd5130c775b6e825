/** The numbers in `answer.mdx`, out of runs of the model answer and of its neighbours. */
import {
  formatCount,
  formatDuration,
  formatPercent,
  freshnessQuantile,
  judgeDay,
  simulateDay,
} from '#engine';
import type { Day, Design } from '#engine';
import { estimates } from './estimates.ts';
import { microBatchDesign, modelDesign, scenario } from './scenario.ts';

const run = (change: Partial<Design>): Day =>
  simulateDay({ ...scenario, design: { ...modelDesign, ...change } });

function measured(day: Day, objectiveId: string): string {
  const verdict = judgeDay(day, scenario.objectives).find(
    ({ objective }) => objective.id === objectiveId,
  );
  if (verdict === undefined) throw new Error(`claims.ts: no objective "${objectiveId}"`);
  return verdict.measured;
}

function estimated(id: string): string {
  const estimate = estimates.find((candidate) => candidate.id === id);
  if (estimate === undefined) throw new Error(`claims.ts: no estimate "${id}"`);
  return formatCount(estimate.value);
}

/** Every number of the model answer, by the name the text uses. */
export function computeClaims() {
  const model = run({});
  const unsalted = run({ keying: 'natural' });
  const hasty = run({ watermarkDelaySeconds: 2 });
  const increment = run({ sink: 'increment', checkpointIntervalSeconds: 60 });
  const transaction = run({ sink: 'transactional' });
  const slowTransaction = run({ sink: 'transactional', checkpointIntervalSeconds: 120 });
  const microBatch = simulateDay({ ...scenario, design: microBatchDesign });
  const worst = (day: Day): string => formatDuration(freshnessQuantile(day, 1));
  return {
    averageRate: estimated('average-rate'),
    peakRate: estimated('peak-rate'),
    peakMegabytes: estimated('peak-bytes'),
    hotRate: estimated('hot-airport'),
    salts: estimated('salts'),
    catchUp: estimated('catch-up'),
    freshMedian: formatDuration(freshnessQuantile(model, 0.5)),
    freshShare: measured(model, 'fresh'),
    utilization: measured(model, 'headroom'),
    lateShare: measured(model, 'complete'),
    recovery: measured(model, 'recovered'),
    replayed: formatCount(model.totals.replayed),
    cost: measured(model, 'cost'),
    unsaltedWorst: worst(unsalted),
    unsaltedShare: measured(unsalted, 'fresh'),
    hastyLate: formatPercent(hasty.totals.lateDropped / hasty.totals.arrived),
    incrementTwice: formatCount(increment.totals.overcounted),
    transactionMedian: formatDuration(freshnessQuantile(transaction, 0.5)),
    slowTransactionShare: measured(slowTransaction, 'fresh'),
    microBatchMedian: formatDuration(freshnessQuantile(microBatch, 0.5)),
    microBatchRecovery: measured(microBatch, 'recovered'),
  } as const;
}
