/** The batch runtime: what others may use of it. */
export type {
  AttemptReason,
  AttemptSummary,
  BatchFailure,
  BatchRun,
  BatchScenario,
  LineageRecovery,
  StageCosts,
} from './scenario.ts';
export { simulateBatch } from './simulate-batch.ts';
