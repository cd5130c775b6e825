/** Verdicts on finished traces. */
export { blameClock } from './blame-clock.ts';
export { findFailure } from './find-failure.ts';
export { judgeDelivery } from './judge-delivery.ts';
export type { DeliveryPromise } from './judge-delivery.ts';
export { judgeSink } from './judge-sink.ts';
export { judgeTable } from './judge-table.ts';
export { judgeWindows } from './judge-windows.ts';
export type { DueResult, WindowReport, WindowResult, WindowSpec } from './judge-windows.ts';
export { checkRunInvariants } from './run-invariants.ts';
export type { RunInvariantOptions, RunRule, Violation } from './run-invariants.ts';
export { shrinkList } from './shrink.ts';
export type { SearchBudget, Shrunk } from './shrink.ts';
export type {
  Anomaly,
  AnomalyName,
  Check,
  FailingRun,
  Finding,
  Verdict,
  VerdictCounts,
} from './verdict.ts';
