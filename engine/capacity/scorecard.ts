/**
 * Judges a finished day by its objectives: met or missed, what was measured, and the evidence, with
 * the second to look at and the cause. It reads columns only. Invariant: the same day and the same
 * objectives give the same words.
 */
import { unreachable } from '../core/assert.ts';
import type { Day } from './day.ts';
import { describeStaleSeconds, explainCause, findStaleSeconds } from './freshness.ts';
import { DAY_SECONDS, baseArrivals } from './load.ts';
import { checkObjective } from './objectives.ts';
import type { DayObjective, ObjectiveVerdict } from './objectives.ts';
import { formatClockTime, formatCount, formatDuration, formatPercent } from './wording.ts';

type Judged<Type extends DayObjective['type']> = Extract<DayObjective, { type: Type }>;

/** One verdict for each objective, in their order. Throws a `ConfigError` for a bad limit. */
export function judgeDay(
  day: Day,
  objectives: readonly DayObjective[],
): readonly ObjectiveVerdict[] {
  return objectives.map((objective) => {
    checkObjective(objective);
    return judge(day, objective);
  });
}

function judge(day: Day, objective: DayObjective): ObjectiveVerdict {
  switch (objective.type) {
    case 'freshness':
      return judgeFreshness(day, objective);
    case 'recovery':
      return judgeRecovery(day, objective);
    case 'completeness':
      return judgeCompleteness(day, objective);
    case 'exactness':
      return judgeExactness(day, objective);
    case 'headroom':
      return judgeHeadroom(day, objective);
    case 'cost':
      return judgeCost(day, objective);
    default:
      return unreachable(objective);
  }
}

function judgeFreshness(day: Day, objective: Judged<'freshness'>): ObjectiveVerdict {
  const stale = findStaleSeconds(day, objective.limitSeconds);
  const limit = formatDuration(objective.limitSeconds);
  if (stale === undefined) {
    const worst = day.columns.freshnessSeconds.reduce((most, value) => Math.max(most, value), 0);
    const evidence = `Never older than ${formatDuration(worst)}.`;
    return { objective, isMet: true, measured: '100 % of the day', evidence };
  }
  const share = 1 - stale.count / DAY_SECONDS;
  return {
    objective,
    isMet: share >= objective.shareMin,
    measured: `${formatPercent(share)} of the day`,
    evidence:
      `Older than ${limit} for ${formatDuration(stale.count)}: ${describeStaleSeconds(stale)}. ` +
      explainCause(day, stale.cause, stale.causeSecond),
    atSecond: stale.causeSecond,
    cause: stale.cause,
  };
}

/** Fresh again means: fresh for a whole minute, so that one lucky second doesn't count. */
function judgeRecovery(day: Day, objective: Judged<'recovery'>): ObjectiveVerdict {
  const crash = day.scenario.twists.find((twist) => twist.type === 'crash');
  if (crash === undefined) {
    return { objective, isMet: true, measured: 'no crash', evidence: 'No machine died this day.' };
  }
  const recovered = findRecovery(day, crash.atSecond, objective.freshnessSeconds);
  const atSecond = crash.atSecond;
  if (recovered === undefined) {
    const stale = findStaleSeconds(day, objective.freshnessSeconds);
    const cause = stale?.cause ?? 'crash';
    return {
      objective,
      isMet: false,
      measured: 'not before midnight',
      evidence:
        `The machine died at ${formatClockTime(atSecond)} and the board was not under ` +
        `${formatDuration(objective.freshnessSeconds)} again that day. ` +
        explainCause(day, cause, stale?.causeSecond ?? atSecond),
      atSecond,
      cause,
    };
  }
  const seconds = recovered - atSecond;
  return {
    objective,
    isMet: seconds <= objective.limitSeconds,
    measured: seconds <= 0 ? 'never stale' : formatDuration(seconds),
    evidence:
      `The machine died at ${formatClockTime(atSecond)}; the board was under ` +
      `${formatDuration(objective.freshnessSeconds)} again at ${formatClockTime(recovered)}, ` +
      `after replaying ${formatCount(day.totals.replayed)} records.`,
    atSecond,
    cause: 'crash',
  };
}

function findRecovery(day: Day, fromSecond: number, limitSeconds: number): number | undefined {
  const { freshnessSeconds } = day.columns;
  let lastStale = -1;
  for (let second = fromSecond; second < DAY_SECONDS; second += 1) {
    if ((freshnessSeconds[second] as number) > limitSeconds) lastStale = second;
    else if (lastStale >= 0 && second - lastStale >= 60) return lastStale + 1;
    else if (lastStale < 0 && second - fromSecond >= 600) return fromSecond;
  }
  return undefined;
}

function judgeCompleteness(day: Day, objective: Judged<'completeness'>): ObjectiveVerdict {
  const { lateDropped, arrivals } = day.columns;
  const { totals, scenario } = day;
  const share = totals.arrived === 0 ? 0 : totals.lateDropped / totals.arrived;
  let worstSecond = 0;
  for (let second = 0; second < DAY_SECONDS; second += 1) {
    const isWorse = (lateDropped[second] as number) > (lateDropped[worstSecond] as number);
    if (isWorse) worstSecond = second;
  }
  const worst = formatPercent(
    (lateDropped[worstSecond] as number) / Math.max(1, arrivals[worstSecond] as number),
  );
  const delay = formatDuration(scenario.design.watermarkDelaySeconds);
  const isMet = share <= objective.lateShareMax;
  return {
    objective,
    isMet,
    measured: `${formatPercent(share)} dropped`,
    evidence:
      `${formatCount(totals.lateDropped)} of ${formatCount(totals.arrived)} records came after ` +
      `their window had closed, at most ${worst} at ${formatClockTime(worstSecond)}, with a ` +
      `watermark delay of ${delay}.`,
    ...(isMet ? {} : { atSecond: worstSecond, cause: 'watermark-delay' as const }),
  };
}

function judgeExactness(day: Day, objective: Judged<'exactness'>): ObjectiveVerdict {
  const { overcounted, lost } = day.totals;
  const isMet = overcounted + lost <= objective.wrongRecordsMax;
  const atSecond = firstWrongSecond(day);
  const measured = `${formatCount(overcounted)} twice, ${formatCount(lost)} lost`;
  const where = atSecond === undefined ? {} : { atSecond, cause: 'crash' as const };
  return { objective, isMet, measured, evidence: explainExactness(day, atSecond), ...where };
}

function firstWrongSecond({ columns }: Day): number | undefined {
  for (let second = 0; second < DAY_SECONDS; second += 1) {
    const wrong = (columns.overcounted[second] as number) + (columns.lost[second] as number);
    if (wrong > 0) return second;
  }
  return undefined;
}

function explainExactness(day: Day, atSecond: number | undefined): string {
  const { design, twists } = day.scenario;
  const { overcounted, lost, replayed } = day.totals;
  if (atSecond === undefined) {
    if (!twists.some((twist) => twist.type === 'crash')) return 'No machine died this day.';
    if (replayed === 0) return 'The crash found nothing that had to be written again.';
    const why =
      design.sink === 'upsert'
        ? 'an upsert of the whole row gives the same row again'
        : 'the sink commits a result once, with its checkpoint or batch id';
    return `${formatCount(replayed)} records were replayed and counted once: ${why}.`;
  }
  const when = `At ${formatClockTime(atSecond)}`;
  const twice = formatCount(overcounted);
  if (lost > 0) {
    return (
      `${when} the running results of all open windows, ${formatCount(lost)} records, were ` +
      'lost: there was no checkpoint to restore.'
    );
  }
  if (design.sink === 'increment') {
    return (
      `${when} a replay added ${twice} records a second time: an increment can't tell a ` +
      'replayed result from a new one.'
    );
  }
  if (design.sink === 'append') {
    return (
      `${when} a replay inserted the results of ${twice} records a second time: an append has ` +
      'no key to recognize them by.'
    );
  }
  return (
    `${when} the restored state held ${twice} records that were then read again: ` +
    "at-least-once checkpoints don't align their barriers."
  );
}

/** The busiest second of a day without twists, against what the subtasks do. */
function judgeHeadroom(day: Day, objective: Judged<'headroom'>): ObjectiveVerdict {
  const usual = baseArrivals(day.scenario.load);
  let busiest = 0;
  for (let second = 0; second < DAY_SECONDS; second += 1) {
    if ((usual[second] as number) > (usual[busiest] as number)) busiest = second;
  }
  const utilization = (usual[busiest] as number) / day.capacityPerSecond;
  const isMet = utilization <= objective.utilizationMax;
  const { design } = day.scenario;
  const cause =
    design.keying === 'global'
      ? 'global-key'
      : design.partitions < design.parallelism
        ? 'partitions'
        : 'parallelism';
  return {
    objective,
    isMet,
    measured: formatPercent(utilization),
    evidence:
      `At ${formatClockTime(busiest)} a usual day brings ` +
      `${formatCount(usual[busiest] as number)} records/s; the working subtasks do ` +
      `${formatCount(day.capacityPerSecond)}/s.`,
    ...(isMet ? {} : { atSecond: busiest, cause }),
  };
}

function judgeCost(day: Day, objective: Judged<'cost'>): ObjectiveVerdict {
  const { dollars } = day.totals;
  const { design, cluster } = day.scenario;
  const slots = design.parallelism * 24 * cluster.dollarsPerSlotHour;
  return {
    objective,
    isMet: dollars <= objective.dollarsPerDayMax,
    measured: `$${Math.round(dollars)} a day`,
    evidence:
      `${design.parallelism} slots for 24 h cost $${Math.round(slots)}, the log ` +
      `$${Math.round(dollars - slots)}.`,
  };
}
