import { ConfigError } from '../core/errors.ts';
import type { Configuration } from '../datastream/configuration.ts';
import type { BatchTask } from './batch-task.ts';
import type { TaskAttempt } from './task-attempt.ts';

/**
 * Finds attempts that take much longer than others of their stage. Models Flink 2.3
 * ExecutionTimeBasedSlowTaskDetector: once the baseline ratio of a stage's tasks has finished, the
 * median of the first of their times, times the multiplier, is the baseline; times are weighed with
 * what the tasks read.
 * Simplified: what a task reads is counted in records instead of bytes.
 */
export function findSlowAttempts(
  stages: readonly (readonly BatchTask[])[],
  configuration: Configuration,
  nowMs: number,
  finishedMs: (attempt: TaskAttempt) => number,
): TaskAttempt[] {
  const ratio = configuration['slow-task-detector.execution-time.baseline-ratio'];
  const multiplier = configuration['slow-task-detector.execution-time.baseline-multiplier'];
  const lowestMs = configuration['slow-task-detector.execution-time.baseline-lower-bound'];
  const slow: TaskAttempt[] = [];
  for (const tasks of stages) {
    const winners = tasks.flatMap(({ winner }) => winner ?? []);
    if (winners.length === tasks.length || winners.length < ratio * tasks.length) continue;
    const times = winners
      .map((attempt) => weighed(finishedMs(attempt) - attempt.startMs, attempt))
      .sort((left, right) => left - right);
    const counted = Math.round(tasks.length * ratio);
    const baseline = counted === 0 ? 0 : (times[Math.floor(counted / 2)] as number) * multiplier;
    for (const attempt of tasks.flatMap(({ running }) => running)) {
      const takenMs = nowMs - attempt.startMs;
      if (takenMs >= lowestMs && weighed(takenMs, attempt) >= baseline) slow.push(attempt);
    }
  }
  return slow;
}

/** Time for what the task has to read. */
function weighed(timeMs: number, { inputCount }: TaskAttempt): number {
  return timeMs / Math.max(inputCount, Number.MIN_VALUE);
}

/** @throws ConfigError for options that Flink's detector refuses. */
export function checkDetector(configuration: Configuration): void {
  const baseline = 'slow-task-detector.execution-time.baseline';
  const intervalMs = configuration['slow-task-detector.check-interval'];
  check('slow-task-detector.check-interval', intervalMs, intervalMs > 0, 'positive');
  const ratio = configuration[`${baseline}-ratio`];
  check(`${baseline}-ratio`, ratio, ratio >= 0 && ratio < 1, 'in [0, 1)');
  const multiplier = configuration[`${baseline}-multiplier`];
  check(`${baseline}-multiplier`, multiplier, multiplier > 0, 'positive');
}

function check(name: string, value: number, isRight: boolean, rule: string): void {
  if (isRight) return;
  throw new ConfigError(`${name} should be ${rule}`, value, 'set it in env.configure()');
}
