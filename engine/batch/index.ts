/** The batch runtime and what goes with it: the part of the engine's door about batches. */
export { historyUntil, liveFrom, offsetsAt, offsetsForTime } from './handover.ts';
export type { OffsetLine } from './handover.ts';
export { diffResults } from './result-diff.ts';
export type { ResultDiff, ResultKey } from './result-diff.ts';
export type {
  AttemptReason,
  AttemptSummary,
  BatchFailure,
  BatchRun,
  BatchScenario,
  LineageRecovery,
  StageCosts,
} from './scenario.ts';
export { rerun, simulateSchedule } from './scheduled-batches.ts';
export type { BatchSchedule, ScheduledRun } from './scheduled-batches.ts';
export { servedByLambda, servedByTable, timedWrites } from './serving-layer.ts';
export type { LambdaServing, ServedRow, TimedWrite } from './serving-layer.ts';
export { simulateBatch } from './simulate-batch.ts';
