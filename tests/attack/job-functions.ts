import {
  BoundedOutOfOrdernessWatermarks,
  KeyedProcessFunction,
  MapStateDescriptor,
  OutputTag,
  ProcessWindowFunction,
  ValueStateDescriptor,
} from '#engine';
import type {
  AggregateFunction,
  Collector,
  MapState,
  OnTimerContext,
  ProcessContext,
  ProcessWindowContext,
  ValueState,
  WatermarkOutput,
} from '#engine';
import type { Item, ResultRow } from './plan.ts';

/** Where every job sends what is too late. */
export const LATE = new OutputTag<Item>('late');

/** A watermark after every record. */
export class PerRecordWatermarks extends BoundedOutOfOrdernessWatermarks<Item> {
  override onEvent(item: Item, timestampMs: number, output: WatermarkOutput): void {
    super.onEvent(item, timestampMs, output);
    this.onPeriodicEmit(output);
  }
}

export function toRow({ id, key }: Item): ResultRow {
  return { key, startMs: null, endMs: null, count: 1, ids: [id] };
}

/** Numbers the records of each key. */
export class CountUp extends KeyedProcessFunction<string, Item, ResultRow> {
  #count!: ValueState<number>;

  override open(): void {
    this.#count = this.getRuntimeContext().getState(new ValueStateDescriptor<number>('count'));
  }

  override processElement(
    _item: Item,
    context: ProcessContext<string>,
    out: Collector<ResultRow>,
  ): void {
    const count = (this.#count.value() ?? 0) + 1;
    this.#count.update(count);
    out.collect({ key: context.getCurrentKey(), startMs: null, endMs: null, count, ids: [] });
  }
}

/** Tumbling windows by hand; and how many records each key has seen, while it has windows. */
export class Bucket extends KeyedProcessFunction<string, Item, ResultRow> {
  readonly sizeMs: number;
  #buckets!: MapState<number, readonly string[]>;
  #seen!: ValueState<{ count: number }>;

  constructor(sizeMs = 1) {
    super();
    this.sizeMs = sizeMs;
  }

  override open(): void {
    const context = this.getRuntimeContext();
    this.#buckets = context.getMapState(new MapStateDescriptor('buckets'));
    this.#seen = context.getState(new ValueStateDescriptor('seen'));
  }

  override processElement(item: Item, context: ProcessContext<string>): void {
    const endMs = (Math.floor(item.atMs / this.sizeMs) + 1) * this.sizeMs;
    if (context.timerService().currentWatermark() >= endMs - 1) {
      context.output(LATE, item);
      return;
    }
    const seen = this.#seen.value() ?? { count: 0 };
    this.#seen.update({ count: seen.count + 1 });
    this.#buckets.put(endMs, [...(this.#buckets.get(endMs) ?? []), item.id]);
    context.timerService().registerEventTimeTimer(endMs - 1);
  }

  override onTimer(
    timestampMs: number,
    context: OnTimerContext<string>,
    out: Collector<ResultRow>,
  ): void {
    const endMs = timestampMs + 1;
    const ids = this.#buckets.get(endMs) ?? [];
    const key = context.getCurrentKey();
    out.collect({ key, startMs: endMs - this.sizeMs, endMs, count: ids.length, ids });
    this.#buckets.remove(endMs);
    if (this.#buckets.isEmpty()) this.#seen.clear();
  }
}

/** Lets the ids of a key out together, at the next multiple of a period of processing time. */
export class Flush extends KeyedProcessFunction<string, Item, ResultRow> {
  readonly everyMs: number;
  #waiting!: ValueState<readonly string[]>;

  constructor(everyMs = 1) {
    super();
    this.everyMs = everyMs;
  }

  override open(): void {
    this.#waiting = this.getRuntimeContext().getState(new ValueStateDescriptor('waiting'));
  }

  override processElement({ id }: Item, context: ProcessContext<string>): void {
    const timers = context.timerService();
    this.#waiting.update([...(this.#waiting.value() ?? []), id]);
    const periods = Math.floor(timers.currentProcessingTime() / this.everyMs);
    timers.registerProcessingTimeTimer((periods + 1) * this.everyMs);
  }

  override onTimer(
    _timestampMs: number,
    context: OnTimerContext<string>,
    out: Collector<ResultRow>,
  ): void {
    const ids = this.#waiting.value() ?? [];
    const key = context.getCurrentKey();
    if (ids.length > 0) out.collect({ key, startMs: null, endMs: null, count: ids.length, ids });
    this.#waiting.clear();
  }
}

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
