import {
  KeyedProcessFunction,
  ListStateDescriptor,
  MapStateDescriptor,
  ValueStateDescriptor,
} from '#engine';
import type {
  Collector,
  ListState,
  MapState,
  OnTimerContext,
  ProcessContext,
  ValueState,
} from '#engine';
import { LATE } from './job-functions.ts';
import type { Item, ResultRow } from './plan.ts';

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

/** The same with list state. */
export class FlushList extends KeyedProcessFunction<string, Item, ResultRow> {
  readonly everyMs: number;
  #waiting!: ListState<string>;

  constructor(everyMs = 1) {
    super();
    this.everyMs = everyMs;
  }

  override open(): void {
    this.#waiting = this.getRuntimeContext().getListState(new ListStateDescriptor('waiting'));
  }

  override processElement({ id }: Item, context: ProcessContext<string>): void {
    const timers = context.timerService();
    this.#waiting.add(id);
    const periods = Math.floor(timers.currentProcessingTime() / this.everyMs);
    timers.registerProcessingTimeTimer((periods + 1) * this.everyMs);
  }

  override onTimer(
    _timestampMs: number,
    context: OnTimerContext<string>,
    out: Collector<ResultRow>,
  ): void {
    const ids = [...this.#waiting.get()];
    const key = context.getCurrentKey();
    if (ids.length > 0) out.collect({ key, startMs: null, endMs: null, count: ids.length, ids });
    this.#waiting.clear();
  }
}
