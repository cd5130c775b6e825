import { ProcessWindowFunction } from '#engine';
import type { AggregateFunction, Collector, ProcessWindowContext } from '#engine';
import { boundsOf, gapOf } from './naive-windows.ts';
import type { Item, ResultRow, WindowShape } from './plan.ts';

/** Collects ids in place. */
export const collecting: AggregateFunction<Item, string[], readonly string[]> = {
  createAccumulator: () => [],
  add: ({ id }, ids) => {
    ids.push(id);
    return ids;
  },
  // A copy: with object reuse on, a later record would change what was handed on.
  getResult: (ids) => [...ids],
  merge: (left, right) => [...left, ...right],
};

/** Reduces records to one whose id is all their ids. */
export function joinItems(left: Item, right: Item): Item {
  return { ...left, id: `${left.id} ${right.id}` };
}

abstract class NameWindow<I> extends ProcessWindowFunction<I, ResultRow, string> {
  abstract idsOf(elements: readonly I[]): readonly string[];

  override process(
    key: string,
    context: ProcessWindowContext,
    elements: readonly I[],
    out: Collector<ResultRow>,
  ): void {
    const { startMs, endMs } = context.window();
    const ids = this.idsOf(elements);
    out.collect({ key, startMs, endMs, count: ids.length, ids });
  }
}

export class NameAggregate extends NameWindow<readonly string[]> {
  override idsOf([ids = []]: readonly (readonly string[])[]): readonly string[] {
    return ids;
  }
}

export class NameReduced extends NameWindow<Item> {
  override idsOf([item]: readonly Item[]): readonly string[] {
    return item?.id.split(' ') ?? [];
  }
}

export class NameAll extends NameWindow<Item> {
  override idsOf(items: readonly Item[]): readonly string[] {
    return items.map(({ id }) => id);
  }
}

/** A row for records that are together in a tumbling window or a session. */
export function toWindowRow(items: readonly Item[], shape: WindowShape): ResultRow {
  const key = items[0]?.key ?? '';
  const ids = items.map(({ id }) => id);
  const times = items.map(({ atMs }) => atMs);
  const tumbling = boundsOf(times[0] ?? 0, shape)[0];
  const session = {
    startMs: Math.min(...times),
    endMs: Math.max(...items.map((item) => item.atMs + gapOf(item, shape))),
  };
  const bounds = shape.kind === 'tumbling' ? tumbling : session;
  return { key, startMs: bounds?.startMs ?? 0, endMs: bounds?.endMs ?? 0, count: ids.length, ids };
}
