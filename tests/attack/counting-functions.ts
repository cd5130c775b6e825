import {
  AggregatingStateDescriptor,
  KeyedCoProcessFunction,
  KeyedProcessFunction,
  ReducingStateDescriptor,
  StateTtlConfig,
  ValueStateDescriptor,
} from '#engine';
import type {
  AggregatingState,
  Collector,
  ProcessContext,
  ReducingState,
  RuntimeContext,
  ValueState,
} from '#engine';
import type { Item, ResultRow } from './plan.ts';

function countRow(key: string, count: number): ResultRow {
  return { key, startMs: null, endMs: null, count, ids: [] };
}

function liveFor<T extends { enableTimeToLive(ttlConfig: StateTtlConfig): void }>(
  descriptor: T,
  ttlMs: number | undefined,
): T {
  if (ttlMs !== undefined) {
    descriptor.enableTimeToLive(StateTtlConfig.newBuilder(ttlMs).build());
  }
  return descriptor;
}

function countState(context: RuntimeContext, ttlMs: number | undefined): ValueState<number> {
  return context.getState(liveFor(new ValueStateDescriptor<number>('count'), ttlMs));
}

function addOne(state: ValueState<number>): number {
  const count = (state.value() ?? 0) + 1;
  state.update(count);
  return count;
}

/** Numbers the records of each key. */
export class CountUp extends KeyedProcessFunction<string, Item, ResultRow> {
  readonly ttlMs: number | undefined;
  #count!: ValueState<number>;

  constructor(ttlMs: number | undefined = undefined) {
    super();
    this.ttlMs = ttlMs;
  }

  override open(): void {
    this.#count = countState(this.getRuntimeContext(), this.ttlMs);
  }

  override processElement(
    _item: Item,
    context: ProcessContext<string>,
    out: Collector<ResultRow>,
  ): void {
    out.collect(countRow(context.getCurrentKey(), addOne(this.#count)));
  }
}

/** The same with reducing state. */
export class CountReduced extends KeyedProcessFunction<string, Item, ResultRow> {
  readonly ttlMs: number | undefined;
  #count!: ReducingState<number>;

  constructor(ttlMs: number | undefined = undefined) {
    super();
    this.ttlMs = ttlMs;
  }

  override open(): void {
    const plain = new ReducingStateDescriptor<number>('count', (left, right) => left + right);
    this.#count = this.getRuntimeContext().getReducingState(liveFor(plain, this.ttlMs));
  }

  override processElement(
    _item: Item,
    context: ProcessContext<string>,
    out: Collector<ResultRow>,
  ): void {
    this.#count.add(1);
    out.collect(countRow(context.getCurrentKey(), this.#count.get() ?? -1));
  }
}

/** The same with aggregating state, whose accumulator is changed in place. */
export class CountAggregated extends KeyedProcessFunction<string, Item, ResultRow> {
  readonly ttlMs: number | undefined;
  #count!: AggregatingState<Item, number>;

  constructor(ttlMs: number | undefined = undefined) {
    super();
    this.ttlMs = ttlMs;
  }

  override open(): void {
    const plain = new AggregatingStateDescriptor<Item, { count: number }, number>('count', {
      createAccumulator: () => ({ count: 0 }),
      add: (_item, accumulator) => {
        accumulator.count += 1;
        return accumulator;
      },
      getResult: ({ count }) => count,
      merge: (left, right) => ({ count: left.count + right.count }),
    });
    this.#count = this.getRuntimeContext().getAggregatingState(liveFor(plain, this.ttlMs));
  }

  override processElement(
    item: Item,
    context: ProcessContext<string>,
    out: Collector<ResultRow>,
  ): void {
    this.#count.add(item);
    out.collect(countRow(context.getCurrentKey(), this.#count.get() ?? -1));
  }
}

/** Numbers the records of both inputs together. */
export class CountBoth extends KeyedCoProcessFunction<string, Item, Item, ResultRow> {
  readonly ttlMs: number | undefined;
  #count!: ValueState<number>;

  constructor(ttlMs: number | undefined = undefined) {
    super();
    this.ttlMs = ttlMs;
  }

  override open(): void {
    this.#count = countState(this.getRuntimeContext(), this.ttlMs);
  }

  override processElement1(
    _item: Item,
    context: ProcessContext<string>,
    out: Collector<ResultRow>,
  ): void {
    out.collect(countRow(context.getCurrentKey(), addOne(this.#count)));
  }

  override processElement2(
    _item: Item,
    context: ProcessContext<string>,
    out: Collector<ResultRow>,
  ): void {
    out.collect(countRow(context.getCurrentKey(), addOne(this.#count)));
  }
}
