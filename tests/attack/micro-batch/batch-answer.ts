import type { BatchPlan, PlannedRow, Query } from './batch-plan.ts';

/** A batch that ran: what it read, partition by partition of each stream, and its watermarks. */
export interface RanBatch {
  readonly batchId: number;
  readonly inputs: readonly (readonly (readonly PlannedRow[])[])[];
  /** Rows at or before it are late: the watermark of the batch before. */
  readonly lateMs: number;
  /** State at or before it is over. */
  readonly watermarkMs: number;
}

/** What a batch has to give. */
export interface BatchAnswer {
  /** Its rows as texts, in no order; undefined: not known exactly. */
  readonly rows: readonly string[] | undefined;
  /** Rows that may come as well, or not. */
  readonly optionalRows?: readonly string[];
  /** Rows of state after it; undefined: not known. */
  readonly stateRows: number | undefined;
  /** What it has to drop as late. */
  readonly droppedCount: number;
}

/** Answers the batches of one query in their order. */
export type Answerer = (batch: RanBatch) => BatchAnswer;

/** A row as a text, whatever the order of its columns. */
export function rowText(row: { readonly [column: string]: unknown }): string {
  return JSON.stringify(Object.entries(row).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Answers from the definitions, over lists of all that was seen: nothing of the engine is used. */
export function answererOf(plan: BatchPlan): Answerer {
  const { query } = plan;
  switch (query.type) {
    case 'window':
      return windows(query);
    case 'session':
      return sessions(query);
    case 'distinct':
      return distinct(({ key, timeMs }) => (query.withTime ? `${key} ${timeMs}` : key), {
        endOf: ({ timeMs }) => (query.withTime ? timeMs : Infinity),
      });
    case 'distinct-within-watermark':
      return distinct(({ key }) => key, {
        endOf: ({ timeMs }) => timeMs + (plan.delaysMs[0] as number),
      });
    case 'join':
      return joined(query);
    case 'groups':
      return groups(query.timeoutMs);
    case 'processor':
      return processor(query.delayMs);
  }
}

interface Group {
  readonly key: string;
  readonly start: number;
  end: number;
  count: number;
  sum: number;
}

const groupText = ({ key, start, end, count, sum }: Group, column: string): string =>
  rowText({ [column]: { start, end }, key, count, sum });

function windows(query: Extract<Query, { type: 'window' }>): Answerer {
  const { sizeMs, slideMs, startMs, mode } = query;
  let open: Group[] = [];
  return ({ inputs, lateMs, watermarkMs }) => {
    const touched = new Set<Group>();
    // Rows of a group are one by the time that lateness is looked at.
    const late = new Set<string>();
    for (const { key, timeMs, value } of inputs.flat(2)) {
      const lastStart = timeMs - ((((timeMs - startMs) % slideMs) + slideMs) % slideMs);
      for (let start = lastStart; start > timeMs - sizeMs; start -= slideMs) {
        const end = start + sizeMs;
        if (mode !== 'complete' && end <= lateMs) {
          late.add(`${key} ${start}`);
          continue;
        }
        let group = open.find((one) => one.key === key && one.start === start);
        if (group === undefined) {
          group = { key, start, end, count: 0, sum: 0 };
          open.push(group);
        }
        group.count += 1;
        group.sum += value;
        touched.add(group);
      }
    }
    const over = open.filter(({ end }) => mode !== 'complete' && end <= watermarkMs);
    const told = { append: over, update: [...touched], complete: open }[mode];
    const rows = told.map((group) => groupText(group, 'window'));
    open = open.filter((group) => !over.includes(group));
    return { rows, stateRows: open.length, droppedCount: late.size };
  };
}

function sessions({ gapMs, mode }: Extract<Query, { type: 'session' }>): Answerer {
  let open: Group[] = [];
  return ({ inputs, lateMs, watermarkMs }) => {
    let droppedCount = 0;
    for (const rows of inputs.flat()) {
      const late = new Set<string>();
      for (const { key, timeMs, value } of rows) {
        const end = timeMs + gapMs;
        if (end <= lateMs) late.add(`${key} ${timeMs}`);
        else open.push({ key, start: timeMs, end, count: 1, sum: value });
      }
      droppedCount += late.size;
    }
    open.sort((left, right) => left.start - right.start);
    const merged: Group[] = [];
    for (const session of open) {
      const before = merged.find(({ key, end }) => key === session.key && end >= session.start);
      if (before === undefined) {
        merged.push({ ...session });
        continue;
      }
      before.end = Math.max(before.end, session.end);
      before.count += session.count;
      before.sum += session.sum;
    }
    const isComplete = mode === 'complete';
    const over = isComplete ? [] : merged.filter(({ end }) => end <= watermarkMs);
    open = merged.filter((session) => !over.includes(session));
    const rows = (isComplete ? open : over).map((one) => groupText(one, 'session_window'));
    return { rows, stateRows: open.length, droppedCount };
  };
}

function distinct(
  keyOf: (row: PlannedRow) => string,
  { endOf }: { readonly endOf: (row: PlannedRow) => number },
): Answerer {
  const seen = new Map<string, number>();
  return ({ inputs, lateMs, watermarkMs }) => {
    const rows: string[] = [];
    let droppedCount = 0;
    for (const row of inputs.flat(2)) {
      const { key, timeMs: time, value } = row;
      if (time <= lateMs) droppedCount += 1;
      else if (!seen.has(keyOf(row))) {
        seen.set(keyOf(row), endOf(row));
        rows.push(rowText({ time, key, value }));
      }
    }
    for (const [key, endMs] of seen) if (endMs <= watermarkMs) seen.delete(key);
    return { rows, stateRows: seen.size, droppedCount };
  };
}

/** Whether rows of the two streams belong together. */
export function matches(left: PlannedRow, right: PlannedRow, withinMs: number): boolean {
  return left.key === right.key && Math.abs(left.timeMs - right.timeMs) <= withinMs;
}

/** Columns of a row of the second stream. */
export function otherColumns(row: PlannedRow | undefined): { readonly [column: string]: unknown } {
  return {
    otherTime: row?.timeMs ?? null,
    otherKey: row?.key ?? null,
    otherValue: row?.value ?? null,
  };
}

/** Columns of a row of the first stream. */
export function ownColumns(row: PlannedRow | undefined): { readonly [column: string]: unknown } {
  return { time: row?.timeMs ?? null, key: row?.key ?? null, value: row?.value ?? null };
}

/**
 * All pairs of rows that were not late; a semi join tells a left row at its first match. Spark
 * 4.2.0 lets the right rows of a semi join go first and does not keep one whose time is over: a
 * left row of the same batch may miss it.
 */
function joined({ joinType, withinMs }: Extract<Query, { type: 'join' }>): Answerer {
  const lefts: PlannedRow[] = [];
  const rights: PlannedRow[] = [];
  const told = new Set<PlannedRow>();
  return ({ inputs, lateMs, watermarkMs }) => {
    const [left = [], right = []] = inputs.map((partitions) => partitions.flat());
    const newLeft = left.filter(({ timeMs }) => timeMs > lateMs);
    const newRight = right.filter(({ timeMs }) => timeMs > lateMs);
    const droppedCount = left.length + right.length - newLeft.length - newRight.length;
    const pairs = [
      ...newLeft.flatMap((one) => rights.map((other) => [one, other] as const)),
      ...[...lefts, ...newLeft].flatMap((one) => newRight.map((other) => [one, other] as const)),
    ].filter(([one, other]) => matches(one, other, withinMs));
    const isNew = new Set([...newLeft, ...newRight]);
    lefts.push(...newLeft);
    rights.push(...newRight);
    if (joinType !== 'left_semi') {
      const rows = pairs.map(([one, other]) =>
        rowText({ ...ownColumns(one), ...otherColumns(other) }),
      );
      return { rows, stateRows: undefined, droppedCount };
    }
    const firsts = [...new Set(pairs.map(([one]) => one))].filter((one) => !told.has(one));
    for (const one of firsts) told.add(one);
    const isSure = (one: PlannedRow): boolean =>
      pairs.some(([own, other]) => {
        const isOver = other.timeMs + withinMs <= watermarkMs;
        return own === one && !(isNew.has(one) && isNew.has(other) && isOver);
      });
    const texts = (rows: readonly PlannedRow[]) => rows.map((one) => rowText(ownColumns(one)));
    return {
      rows: texts(firsts.filter(isSure)),
      optionalRows: texts(firsts.filter((one) => !isSure(one))),
      stateRows: undefined,
      droppedCount,
    };
  };
}

function byKey(rows: readonly PlannedRow[]): Map<string, PlannedRow[]> {
  const grouped = new Map<string, PlannedRow[]>();
  for (const row of rows) grouped.set(row.key, [...(grouped.get(row.key) ?? []), row]);
  return grouped;
}

function groups(timeoutMs: number): Answerer {
  const held = new Map<string, { count: number; timeoutMs: number }>();
  return ({ inputs, lateMs, watermarkMs }) => {
    const all = inputs.flat(2);
    const inTime = all.filter(({ timeMs }) => timeMs > lateMs);
    const rows: string[] = [];
    for (const [key, own] of byKey(inTime)) {
      const count = (held.get(key)?.count ?? 0) + own.length;
      held.set(key, { count, timeoutMs: watermarkMs + timeoutMs });
      rows.push(rowText({ key, count, at: 0 }));
    }
    for (const [key, state] of held) {
      if (state.timeoutMs >= watermarkMs) continue;
      rows.push(rowText({ key, count: -state.count, at: watermarkMs }));
      held.delete(key);
    }
    return { rows, stateRows: held.size, droppedCount: all.length - inTime.length };
  };
}

function processor(delayMs: number): Answerer {
  const sums = new Map<string, number>();
  let timers: { readonly key: string; readonly atMs: number }[] = [];
  return ({ inputs, lateMs, watermarkMs }) => {
    const all = inputs.flat(2);
    const inTime = all.filter(({ timeMs }) => timeMs > lateMs);
    const rows: string[] = [];
    for (const [key, own] of byKey(inTime)) {
      const sum = own.reduce((total, { value }) => total + value, sums.get(key) ?? 0);
      sums.set(key, sum);
      rows.push(rowText({ key, sum, at: -1 }));
      for (const { timeMs } of own) {
        const atMs = timeMs + delayMs;
        const isSet = timers.some((timer) => timer.key === key && timer.atMs === atMs);
        if (!isSet) timers.push({ key, atMs });
      }
    }
    const due = timers
      .filter(({ atMs }) => atMs <= watermarkMs)
      .sort((left, right) => left.atMs - right.atMs);
    for (const timer of due) {
      rows.push(rowText({ key: timer.key, sum: sums.get(timer.key) ?? 0, at: timer.atMs }));
      timers = timers.filter((other) => other !== timer);
      if (!timers.some(({ key }) => key === timer.key)) sums.delete(timer.key);
    }
    return { rows, stateRows: sums.size, droppedCount: all.length - inTime.length };
  };
}
