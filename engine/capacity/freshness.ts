/** Why the board was stale: which wait was longest at a second, and which spoiled the day. */
import { DAY_CAUSES, causeCode, causeOf } from './day.ts';
import type { DayCause, Day } from './day.ts';
import { DAY_SECONDS } from './load.ts';
import { formatBytes, formatClockTime, formatCount, formatDuration } from './wording.ts';

/** The seconds in which the board was older than a limit. */
export interface StaleSeconds {
  readonly count: number;
  readonly firstSecond: number;
  readonly worstSecond: number;
  readonly worstFreshnessSeconds: number;
  /** The cause of most of these seconds. */
  readonly cause: DayCause;
  /** The first second with that cause. */
  readonly causeSecond: number;
}

/** The staleness of a day beyond `limitSeconds`, or undefined when there was none. */
export function findStaleSeconds(day: Day, limitSeconds: number): StaleSeconds | undefined {
  const { freshnessSeconds } = day.columns;
  const byCause = DAY_CAUSES.map(() => ({ count: 0, firstSecond: -1 }));
  let staleCount = 0;
  let firstSecond = -1;
  let worstSecond = 0;
  for (let second = 0; second < DAY_SECONDS; second += 1) {
    const freshness = freshnessSeconds[second] as number;
    if (freshness <= limitSeconds) continue;
    staleCount += 1;
    if (firstSecond < 0) firstSecond = second;
    if (freshness > (freshnessSeconds[worstSecond] as number)) worstSecond = second;
    const entry = byCause[causeCode(causeAt(day, second))];
    if (entry === undefined) continue;
    entry.count += 1;
    if (entry.firstSecond < 0) entry.firstSecond = second;
  }
  if (staleCount === 0) return undefined;
  const main = byCause.reduce((best, entry) => (entry.count > best.count ? entry : best));
  return {
    count: staleCount,
    firstSecond,
    worstSecond,
    worstFreshnessSeconds: freshnessSeconds[worstSecond] as number,
    cause: causeOf(byCause.indexOf(main)),
    causeSecond: main.firstSecond,
  };
}

/** What the reader waits for longest at a second: a disturbance, the watermark or the rhythm. */
export function causeAt({ columns, scenario }: Day, second: number): DayCause {
  const disturbance = causeOf(columns.disturbance[second] ?? 0);
  if (disturbance !== 'none') return disturbance;
  const { design } = scenario;
  const freshness = columns.freshnessSeconds[second] ?? 0;
  const rhythmWait = freshness - design.watermarkDelaySeconds;
  if (design.watermarkDelaySeconds >= rhythmWait) return 'watermark-delay';
  if (design.engine === 'micro-batch') return 'trigger';
  return design.sink === 'transactional' ? 'commit' : 'parallelism';
}

/** One sentence with the numbers of a cause, as they were at `second`. */
export function explainCause(day: Day, cause: DayCause, second: number): string {
  const { columns, scenario } = day;
  const { design, load } = scenario;
  const perSubtask = formatCount(day.capacityPerSecondPerSubtask);
  const hot = formatCount(columns.hotArrivals[second] ?? 0);
  const arrivals = formatCount(columns.arrivals[second] ?? 0);
  const capacity = formatCount(day.capacityPerSecond);
  const backlog = formatCount(columns.backlog[second] ?? 0);
  const snapshot = formatDuration(columns.snapshotSeconds[second] ?? 0);
  const state = formatBytes(columns.stateBytes[second] ?? 0);
  switch (cause) {
    case 'none':
      return 'Nothing disturbed the job.';
    case 'global-key':
      return (
        `One global key sends all ${arrivals} records/s to one subtask that does ` +
        `${perSubtask}/s.`
      );
    case 'hot-key':
      return (
        `${load.hotKeyName} is a hot key: its subtask gets ${hot} records/s and does ` +
        `${perSubtask}/s. The watermark is the minimum of all inputs, so every key waits.`
      );
    case 'partitions':
      return (
        `${design.partitions} partitions keep only ${design.partitions} of ` +
        `${design.parallelism} subtasks busy: ${arrivals} records/s come in, ${capacity}/s go out.`
      );
    case 'parallelism':
      return (
        `Parallelism ${design.parallelism} is too small: ${arrivals} records/s come in, the ` +
        `subtasks do ${capacity}/s.`
      );
    case 'crash':
      return (
        `After the crash the job was down, read ${state} of state ` +
        `back and had ${backlog} records to catch up with ${capacity}/s.`
      );
    case 'sink-outage':
      return `The serving table refused writes; ${backlog} records waited in the log.`;
    case 'watermark-delay':
      return (
        'The watermark alone holds each result back for ' +
        `${formatDuration(design.watermarkDelaySeconds)}.`
      );
    case 'trigger':
      return (
        `A trigger interval of ${formatDuration(design.triggerIntervalSeconds)} plus a batch of ` +
        `${snapshot}, and append mode shows a window one ` +
        'batch after the watermark passed it.'
      );
    case 'commit':
      return (
        'A transactional sink shows results only when a checkpoint completes, every ' +
        `${formatDuration(design.checkpointIntervalSeconds)}.`
      );
  }
}

/** `worst at 16:00:00 with 3 h 20 min, most of it since 13:00:38`. */
export function describeStaleSeconds(stale: StaleSeconds): string {
  const age = formatDuration(stale.worstFreshnessSeconds);
  const since = formatClockTime(stale.causeSecond);
  return `worst at ${formatClockTime(stale.worstSecond)} with ${age}, most of it since ${since}`;
}

/** Quantile of the day's freshness in s: half of all seconds were at most `quantile` 0.5 old. */
export function freshnessQuantile(day: Day, quantile: number): number {
  const sorted = day.columns.freshnessSeconds.slice().sort();
  const index = Math.min(sorted.length - 1, Math.ceil(quantile * sorted.length) - 1);
  return sorted[Math.max(0, index)] as number;
}
