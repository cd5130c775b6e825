import type { Collector, FilterFunction, FlatMapFunction, MapFunction } from './functions.ts';
import { emitRecord } from './emission.ts';
import { StatelessOperator } from './operator.ts';
import type { OperatorContext } from './operator.ts';

/** Models Flink 2.x StreamMap: one record in, one out, with the same timestamp. */
export class MapOperator extends StatelessOperator {
  readonly #context: OperatorContext;
  readonly #map: MapFunction<unknown, unknown>;

  constructor(context: OperatorContext, map: MapFunction<unknown, unknown>) {
    super();
    this.#context = context;
    this.#map = map;
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.#context.callbackRow = cause;
    this.#context.currentKey = key;
    emitRecord(this.#context, this.#map(value), timestampMs);
  }
}

/** Models Flink 2.x StreamFilter. */
export class FilterOperator extends StatelessOperator {
  readonly #context: OperatorContext;
  readonly #filter: FilterFunction<unknown>;

  constructor(context: OperatorContext, filter: FilterFunction<unknown>) {
    super();
    this.#context = context;
    this.#filter = filter;
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    if (!this.#filter(value)) return;
    this.#context.callbackRow = cause;
    this.#context.currentKey = key;
    emitRecord(this.#context, value, timestampMs);
  }
}

/** Models Flink 2.x StreamFlatMap: any number of records out, each with the input's timestamp. */
export class FlatMapOperator extends StatelessOperator {
  readonly #context: OperatorContext;
  readonly #flatMap: FlatMapFunction<unknown, unknown>;
  readonly #out: Collector<unknown>;
  #timestampMs = 0;

  constructor(context: OperatorContext, flatMap: FlatMapFunction<unknown, unknown>) {
    super();
    this.#context = context;
    this.#flatMap = flatMap;
    this.#out = { collect: (record) => emitRecord(context, record, this.#timestampMs) };
  }

  override processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    this.#context.callbackRow = cause;
    this.#context.currentKey = key;
    this.#timestampMs = timestampMs;
    this.#flatMap(value, this.#out);
  }
}
