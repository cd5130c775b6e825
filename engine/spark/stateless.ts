import { attributesOf } from '../dataset/attributes.ts';
import { compile } from '../dataset/expression.ts';
import type { Evaluate } from '../dataset/expression.ts';
import type { LogicalPlan } from '../dataset/plan.ts';
import { compareValues } from '../dataset/value.ts';
import type { Row, Value } from '../dataset/value.ts';
import type { Batch, Partitions, PhysicalNode } from './batch.ts';
import { compileGap, sessionOf, windowIn, windowsAt } from './grouping.ts';

type PlanOf<T extends LogicalPlan['type']> = Extract<LogicalPlan, { type: T }>;

/** The rows of a stream that belong to the batch. */
export class StreamScan implements PhysicalNode {
  readonly children = [];
  readonly #stream: number;

  constructor(stream: number) {
    this.#stream = stream;
  }

  execute(batch: Batch): Partitions {
    return batch.inputs[this.#stream] as Partitions;
  }
}

/** A table: the same rows in every batch. */
export class StaticScan implements PhysicalNode {
  readonly children = [];
  readonly rows: Partitions;

  constructor(plan: PlanOf<'static'>) {
    this.rows = [plan.rows];
  }

  execute(): Partitions {
    return this.rows;
  }
}

/** Turns each row into any number of rows. */
export class EachRow implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly #act: (row: Row) => readonly Row[];

  constructor(child: PhysicalNode, act: (row: Row) => readonly Row[]) {
    this.children = [child];
    this.#act = act;
  }

  execute(batch: Batch): Partitions {
    const child = this.children[0] as PhysicalNode;
    return child.execute(batch).map((rows) => rows.flatMap(this.#act));
  }
}

/** Keeps the rows where the condition is true. */
export class Filter implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly #condition: Evaluate;

  constructor(child: PhysicalNode, plan: PlanOf<'filter'>) {
    this.children = [child];
    this.#condition = compile(plan.condition);
  }

  execute(batch: Batch): Partitions {
    const child = this.children[0] as PhysicalNode;
    return child.execute(batch).map((rows) => rows.filter((row) => this.#condition(row) === true));
  }
}

/** Columns computed from each row; a window that slides makes a row for each window. */
export function project(child: PhysicalNode, plan: PlanOf<'project'>): PhysicalNode {
  const place = plan.columns.findIndex(({ expression }) => windowIn(expression) !== undefined);
  const window = place === -1 ? undefined : windowIn(plan.columns[place]!.expression);
  const columns = plan.columns.map(({ name, expression }, at) => ({
    name,
    value: at === place ? () => null : compile(expression),
  }));
  const plain = (row: Row): Record<string, Value> => {
    const made: Record<string, Value> = {};
    for (const { name, value } of columns) made[name] = value(row);
    return made;
  };
  if (window === undefined) return new EachRow(child, (row) => [plain(row)]);
  const time = compile(window.time);
  const name = plan.columns[place]!.name;
  if (window.type === 'session_window') {
    const gap = compileGap(window.gap);
    return new EachRow(child, (row) => {
      const start = time(row) as number | null;
      const gapMs = gap(row) as number | null;
      if (start === null || gapMs === null || gapMs <= 0) return [];
      return [{ ...plain(row), [name]: sessionOf(start, gapMs) }];
    });
  }
  return new EachRow(child, (row) => {
    const timeMs = time(row) as number | null;
    if (timeMs === null) return [];
    return windowsAt(timeMs, window).map((value) => ({ ...plain(row), [name]: value }));
  });
}

/** Notes the latest event time of the batch. Models Spark 4.2.0 EventTimeWatermarkExec. */
export class EventTimeWatermark implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly isWatermark = true;
  readonly #node: number;
  readonly #column: string;

  constructor(child: PhysicalNode, plan: PlanOf<'watermark'>, node: number) {
    this.children = [child];
    this.#column = plan.column;
    this.#node = node;
  }

  execute(batch: Batch): Partitions {
    const partitions = (this.children[0] as PhysicalNode).execute(batch);
    const column = this.#column;
    let latestMs = -Infinity;
    for (const rows of partitions) {
      for (const row of rows) {
        const timeMs = row[column];
        if (typeof timeMs === 'number' && timeMs > latestMs) latestMs = timeMs;
      }
    }
    if (latestMs !== -Infinity) batch.seeEventTime(this.#node, latestMs);
    return partitions;
  }
}

/** The rows of both, side by side; columns by their place. */
export class Union implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly #names: readonly string[];
  readonly #otherNames: readonly string[];

  constructor(left: PhysicalNode, right: PhysicalNode, plan: PlanOf<'union'>) {
    this.children = [left, right];
    this.#names = attributesOf(plan.left).map(({ name }) => name);
    this.#otherNames = attributesOf(plan.right).map(({ name }) => name);
  }

  execute(batch: Batch): Partitions {
    const [left, right] = this.children as readonly [PhysicalNode, PhysicalNode];
    const others = right
      .execute(batch)
      .map((rows) =>
        rows.map((row) =>
          Object.fromEntries(
            this.#names.map((name, at) => [name, row[this.#otherNames[at] as string] ?? null]),
          ),
        ),
      );
    return [...left.execute(batch), ...others];
  }
}

/** All rows of the batch in order, as one partition. */
export class Sort implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly #orders: readonly { readonly value: Evaluate; readonly sign: number }[];

  constructor(child: PhysicalNode, plan: PlanOf<'sort'>) {
    this.children = [child];
    this.#orders = plan.orders.map(({ expression, isDescending }) => ({
      value: compile(expression),
      sign: isDescending ? -1 : 1,
    }));
  }

  execute(batch: Batch): Partitions {
    const rows = (this.children[0] as PhysicalNode).execute(batch).flat();
    const sorted = [...rows].sort((left, right) => {
      for (const { value, sign } of this.#orders) {
        const order = compareValues(value(left), value(right)) * sign;
        if (order !== 0) return order;
      }
      return 0;
    });
    return [sorted];
  }
}

/** The first rows of the batch. */
export class Limit implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly #count: number;

  constructor(child: PhysicalNode, plan: PlanOf<'limit'>) {
    this.children = [child];
    this.#count = plan.count;
  }

  execute(batch: Batch): Partitions {
    const rows = (this.children[0] as PhysicalNode).execute(batch).flat();
    return [rows.slice(0, this.#count)];
  }
}
