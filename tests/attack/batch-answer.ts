import { pairRow } from './job-functions.ts';
import { boundsOf, sessionsOf } from './naive-windows.ts';
import { hasTwoInputs, mayBeLate, rowText } from './plan.ts';
import type { Item, Plan, PlannedRecord, ResultRow, WindowShape } from './plan.ts';
import { throughStages } from './stages.ts';

/** What a batch over the whole input gives. */
export interface BatchAnswer {
  /** Ids of everything that reaches the work. */
  readonly ids: ReadonlySet<string>;
  readonly itemOf: ReadonlyMap<string, Item>;
  /** Every row, as text; undefined when rows depend on the course of the run. */
  readonly rows: readonly string[] | undefined;
  /** Rows that may come, each at most once, when some of them may be missing. */
  readonly bound: readonly string[] | undefined;
}

interface Items {
  readonly first: readonly Item[];
  readonly second: readonly Item[];
}

/**
 * The naive answer: no time, no parallelism, no failures. `offsets` cut the partitions: only what a
 * reader that stands there has read; the second input comes last.
 */
export function batchAnswer(plan: Plan, offsets?: readonly number[]): BatchAnswer {
  const items = itemsOf(plan, offsets);
  const all = [...items.first, ...items.second];
  const itemOf = new Map(all.map((item) => [item.id, item]));
  const bound = plan.work.type === 'join' ? textsOf(joinRows(plan, items)) : undefined;
  const rows = rowsOf(plan, items);
  return { ids: new Set(itemOf.keys()), itemOf, rows: rows && textsOf(rows), bound };
}

/** What the second pipeline must write. */
export function twinAnswer(twin: readonly PlannedRecord[]): readonly string[] {
  return textsOf(twin.map(({ key, id }) => rowOf(key, [id])));
}

function textsOf(rows: readonly ResultRow[]): string[] {
  return rows.map(rowText).sort();
}

function itemsOf(plan: Plan, offsets: readonly number[] | undefined): Items {
  const { partitions, other = [], stages } = plan;
  const plain = ({ id, key, atMs }: PlannedRecord): Item => ({ id, key, atMs });
  const staged = (record: PlannedRecord): readonly Item[] => throughStages(plain(record), stages);
  const first = partitions.flatMap((partition, place) =>
    partition.slice(0, offsets?.[place]).flatMap(staged),
  );
  const second = other.slice(0, offsets?.[partitions.length]);
  return hasTwoInputs(plan)
    ? { first, second: second.map(plain) }
    : { first: [...first, ...second.flatMap(staged)], second: [] };
}

function rowsOf(plan: Plan, items: Items): readonly ResultRow[] | undefined {
  const { work } = plan;
  const all = [...items.first, ...items.second];
  switch (work.type) {
    case 'stateless':
      return all.map(({ key, id }) => rowOf(key, [id]));
    case 'count':
      return work.ttlMs === undefined ? countRows(all) : undefined;
    case 'flush':
      return undefined;
    case 'bucket': {
      const { sizeMs } = work;
      const shape = { kind: 'tumbling', sizeMs, slideMs: sizeMs, offsetMs: 0 } as const;
      return mayBeLate(plan) ? undefined : windowRows(all, shape);
    }
    case 'join':
      return mayBeLate(plan) ? undefined : joinRows(plan, items);
    case 'window':
      return mayBeLate(plan) ? undefined : windowRows(all, work.shape);
  }
}

function countRows(items: readonly Item[]): ResultRow[] {
  const counts = new Map<string, number>();
  return items.map(({ key }) => {
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return { key, startMs: null, endMs: null, count, ids: [] };
  });
}

function joinRows({ work }: Plan, { first, second }: Items): ResultRow[] {
  if (work.type !== 'join') return [];
  return first.flatMap((left) =>
    second
      .filter(({ key, atMs }) => {
        const distanceMs = atMs - left.atMs;
        return key === left.key && distanceMs >= work.lowerMs && distanceMs <= work.upperMs;
      })
      .map((right) => pairRow(left, right)),
  );
}

function windowRows(items: readonly Item[], shape: WindowShape): ResultRow[] | undefined {
  switch (shape.kind) {
    case 'tumbling':
    case 'sliding':
      return fixedRows(items, shape);
    case 'session':
    case 'dynamic-session':
      return sessionRows(items, shape);
    default:
      return undefined;
  }
}

function fixedRows(items: readonly Item[], shape: WindowShape): ResultRow[] {
  const windows = new Map<string, ResultRow>();
  for (const { key, atMs, id } of items) {
    for (const { startMs, endMs } of boundsOf(atMs, shape)) {
      const name = `${key} ${startMs}`;
      const ids = [...(windows.get(name)?.ids ?? []), id];
      windows.set(name, { key, startMs, endMs, count: ids.length, ids });
    }
  }
  return [...windows.values()];
}

function sessionRows(items: readonly Item[], shape: WindowShape): ResultRow[] | undefined {
  const rows: ResultRow[] = [];
  for (const key of new Set(items.map((item) => item.key))) {
    const sessions = sessionsOf(
      items.filter((item) => item.key === key),
      shape,
    );
    if (sessions === undefined) return undefined;
    for (const session of sessions) rows.push({ key, ...session, count: session.ids.length });
  }
  return rows;
}

function rowOf(key: string, ids: readonly string[]): ResultRow {
  return { key, startMs: null, endMs: null, count: ids.length, ids };
}
