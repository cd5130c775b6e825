import { mayBeLate, rowText, throughStages } from './plan.ts';
import type { Item, Plan, PlannedRecord, ResultRow } from './plan.ts';

/** What a batch over the whole input gives. */
export interface BatchAnswer {
  /** Ids of everything that reaches the work. */
  readonly ids: ReadonlySet<string>;
  readonly itemOf: ReadonlyMap<string, Item>;
  /** Every row, as text; undefined when rows depend on the course of the run. */
  readonly rows: readonly string[] | undefined;
}

/**
 * The naive answer: no time, no parallelism, no failures. `offsets` cut the partitions: only what a
 * reader that stands there has read.
 */
export function batchAnswer(plan: Plan, offsets?: readonly number[]): BatchAnswer {
  const items = plan.partitions.flatMap((partition, place) =>
    partition.slice(0, offsets?.[place]).flatMap((record) => itemsOf(record, plan)),
  );
  const itemOf = new Map(items.map((item) => [item.id, item]));
  const rows = rowsOf(plan, items)?.map(rowText).sort();
  return { ids: new Set(itemOf.keys()), itemOf, rows };
}

/** What the second pipeline must write. */
export function twinAnswer(twin: readonly PlannedRecord[]): readonly string[] {
  return twin.map((item) => rowText(rowOf(item.key, null, null, [item.id]))).sort();
}

function itemsOf({ id, key, atMs }: PlannedRecord, plan: Plan): readonly Item[] {
  return throughStages({ id, key, atMs }, plan.stages);
}

function rowsOf(plan: Plan, items: readonly Item[]): ResultRow[] | undefined {
  const { work } = plan;
  switch (work.type) {
    case 'stateless':
      return items.map(({ key, id }) => rowOf(key, null, null, [id]));
    case 'count':
      return countRows(items);
    case 'flush':
      return undefined;
    case 'bucket':
      return mayBeLate(plan) ? undefined : windowRows(items, work.sizeMs, 0);
    case 'window':
      return mayBeLate(plan) ? undefined : windowRows(items, work.sizeMs, work.offsetMs);
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

function windowRows(items: readonly Item[], sizeMs: number, offsetMs: number): ResultRow[] {
  const windows = new Map<string, { key: string; startMs: number; ids: string[] }>();
  for (const { key, atMs, id } of items) {
    const startMs = Math.floor((atMs - offsetMs) / sizeMs) * sizeMs + offsetMs;
    const name = `${key} ${startMs}`;
    const window = windows.get(name) ?? { key, startMs, ids: [] };
    window.ids.push(id);
    windows.set(name, window);
  }
  return [...windows.values()].map(({ key, startMs, ids }) =>
    rowOf(key, startMs, startMs + sizeMs, ids),
  );
}

function rowOf(
  key: string,
  startMs: number | null,
  endMs: number | null,
  ids: readonly string[],
): ResultRow {
  return { key, startMs, endMs, count: ids.length, ids };
}
