import { ConfigError } from '../core/errors.ts';
import type { LogInput, LogRecord } from '../logs/log.ts';
import type { BatchRun, BatchScenario } from './scenario.ts';
import { selectRecords } from './select-records.ts';
import { simulateBatch } from './simulate-batch.ts';

/**
 * A job that runs once for every period of event time, some time after the period's end: a nightly
 * batch. What arrives after a run has begun is not in it.
 */
export interface BatchSchedule {
  /** Its logs hold all periods, and their records have timestamps. */
  readonly scenario: Omit<BatchScenario, 'cutOffMs' | 'startMs'>;
  /** Event time at which the first period begins, in ms. */
  readonly firstPeriodMs: number;
  readonly periodMs: number;
  readonly periodCount: number;
  /** From the end of a period until its run begins, in ms. */
  readonly waitMs: number;
  /** `period`: a run reads its period alone. `history`: all that lies before its period's end. */
  readonly reads: 'period' | 'history';
}

/** One run of a schedule. */
export interface ScheduledRun {
  /** Event times that the run is about: [from, until). */
  readonly fromMs: number;
  readonly untilMs: number;
  /** When it began: it has read what had arrived by then. */
  readonly cutOffMs: number;
  /** When its results were there. */
  readonly readyMs: number;
  /** Records of its event times that came after its cut-off. */
  readonly missedCount: number;
  readonly run: BatchRun;
}

/**
 * Runs a schedule, a run after the other.
 * @throws ConfigError for a period that is none, and for records without a timestamp.
 */
export function simulateSchedule(schedule: BatchSchedule): ScheduledRun[] {
  checkSchedule(schedule);
  const { firstPeriodMs, periodMs, periodCount, waitMs } = schedule;
  return Array.from({ length: periodCount }, (_, place) => {
    const untilMs = firstPeriodMs + (place + 1) * periodMs;
    return runOnce(schedule, untilMs, untilMs + waitMs);
  });
}

/** Runs one period of a schedule again, at a later time: with what has come in since. */
export function rerun(schedule: BatchSchedule, before: ScheduledRun, atMs: number): ScheduledRun {
  checkSchedule(schedule);
  if (atMs < before.cutOffMs) {
    throw new ConfigError(
      'a run is repeated after it was run',
      `${atMs} ms, but it ran at ${before.cutOffMs} ms`,
      'give a later time',
    );
  }
  return runOnce(schedule, before.untilMs, atMs);
}

function runOnce(schedule: BatchSchedule, untilMs: number, cutOffMs: number): ScheduledRun {
  const { scenario, periodMs, reads } = schedule;
  const fromMs = reads === 'period' ? untilMs - periodMs : -Infinity;
  const logs: Record<string, LogInput> = {};
  let missedCount = 0;
  for (const [name, log] of Object.entries(scenario.logs)) {
    const within = selectRecords(log, (record) => isWithin(record, fromMs, untilMs));
    logs[name] = within;
    missedCount += within.partitions.flat().filter(({ arrivalMs }) => arrivalMs > cutOffMs).length;
  }
  const run = simulateBatch({ ...scenario, logs, cutOffMs });
  return { fromMs, untilMs, cutOffMs, readyMs: run.endMs, missedCount, run };
}

function isWithin(record: LogRecord, fromMs: number, untilMs: number): boolean {
  const { timestampMs } = record;
  if (timestampMs !== undefined) return timestampMs >= fromMs && timestampMs < untilMs;
  throw new ConfigError(
    'a record of scheduled batches needs a timestamp: it says which period it is of',
    record.value,
    'give timestampMs',
  );
}

function checkSchedule({ periodMs, periodCount, waitMs }: BatchSchedule): void {
  if (!(periodMs > 0)) {
    throw new ConfigError('periodMs must be positive', periodMs, 'use for example days(1)');
  }
  if (!Number.isInteger(periodCount) || periodCount < 1) {
    throw new ConfigError('periodCount must be 1 or more', periodCount, 'use for example 7');
  }
  if (!(waitMs >= 0))
    throw new ConfigError('waitMs must be ≥ 0', waitMs, 'use for example hours(2)');
}
