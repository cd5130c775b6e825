/** The flow-level simulator behind design questions: rates, backlog, freshness, state, cost. */
export type { CapacityCluster } from './cluster.ts';
export { DAY_CAUSES, causeOf } from './day.ts';
export type { DayCause, Day, DayColumns, DayScenario, DayTotals } from './day.ts';
export { DESIGN_RANGES, checkDesign, reviewDesign } from './design.ts';
export type {
  CapacitySink,
  Design,
  DesignField,
  DesignProblem,
  EngineMode,
  Guarantee,
  Keying,
} from './design.ts';
export {
  backlogAfterCrash,
  catchUpSeconds,
  partitionsNeeded,
  saltsNeeded,
  windowStateBytes,
} from './formulas.ts';
export { causeAt, freshnessQuantile } from './freshness.ts';
export { DAY_SECONDS, baseArrivals, lateDropShare, shareLaterThan } from './load.ts';
export type { LatenessPoint, DayLoad } from './load.ts';
export type { DayObjective, ObjectiveVerdict } from './objectives.ts';
export { judgeDay } from './scorecard.ts';
export { dollarsPerDay, simulateDay } from './simulate-day.ts';
export { twistInterval } from './twists.ts';
export type { Twist } from './twists.ts';
export {
  formatBytes,
  formatClockTime,
  formatCount,
  formatDuration,
  formatPercent,
} from './wording.ts';
