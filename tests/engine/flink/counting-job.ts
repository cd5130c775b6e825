import {
  KeyedProcessFunction,
  ValueStateDescriptor,
  WatermarkStrategy,
  appendSink,
  incrementSink,
  logSource,
  simulate,
  transactionalSink,
  upsertSink,
} from '#engine';
import type {
  Collector,
  Configuration,
  CostModel,
  Fault,
  LogRecord,
  Operation,
  ProcessContext,
  Run,
  RunControls,
  Scenario,
  ValueState,
} from '#engine';
import type { Item } from '../stream-notation.ts';

/** A running number per key. */
export interface Numbered {
  readonly key: string;
  readonly count: number;
}

class CountUp extends KeyedProcessFunction<string, Item, Numbered> {
  #count!: ValueState<number>;

  override open(): void {
    this.#count = this.getRuntimeContext().getState(new ValueStateDescriptor<number>('count'));
  }

  override processElement(
    _item: Item,
    context: ProcessContext<string>,
    out: Collector<Numbered>,
  ): void {
    const count = (this.#count.value() ?? 0) + 1;
    this.#count.update(count);
    out.collect({ key: context.getCurrentKey(), count });
  }
}

/** `a@3` is a record for key a that arrives at second 3. */
export function arrivals(text: string): LogRecord<Item>[] {
  if (text.trim() === '') return [];
  return text
    .trim()
    .split(/\s+/)
    .map((word) => {
      const [key = '', at = ''] = word.split('@');
      const atMs = Math.round(Number(at) * 1000);
      return { value: { key, atMs }, timestampMs: atMs, arrivalMs: atMs };
    });
}

export interface CountingOptions {
  readonly partitions: readonly string[];
  readonly parallelism?: number;
  readonly sourceParallelism?: number;
  readonly configuration?: Partial<Configuration>;
  readonly costs?: CostModel;
  readonly faults?: readonly Fault[];
  readonly operations?: readonly Operation[];
  readonly isBounded?: boolean;
  readonly transactionTimeoutMs?: number;
  readonly onStart?: (controls: RunControls) => void;
}

/**
 * Counts records per key, and writes each number to four sinks: appended, upserted by key, added
 * to a counter by key, and in transactions.
 */
export function countingScenario(options: CountingOptions): Scenario {
  const { partitions, parallelism = 1, sourceParallelism = partitions.length } = options;
  return {
    name: 'counting',
    seed: 1,
    logs: {
      in: { partitions: partitions.map(arrivals), isBounded: options.isBounded ?? true },
    },
    cluster: { taskManagers: 2, slotsPerTaskManager: 2 },
    faults: options.faults ?? [],
    operations: options.operations ?? [],
    costs: options.costs ?? {},
    trace: 'full',
    job: (env) => {
      env.setParallelism(parallelism).configure(options.configuration ?? {});
      const numbered = env
        .fromSource(logSource<Item>('in'), WatermarkStrategy.noWatermarks<Item>(), 'in')
        .setParallelism(sourceParallelism)
        .keyBy((item) => item.key)
        .process(new CountUp())
        .name('count');
      numbered.sinkTo(appendSink({ name: 'append' }));
      numbered.sinkTo(upsertSink({ name: 'upsert', key: (row) => row.key }));
      numbered.sinkTo(incrementSink({ name: 'increment', key: (row) => row.key, amount: () => 1 }));
      const { transactionTimeoutMs } = options;
      numbered.sinkTo(
        transactionalSink({
          name: 'transactional',
          ...(transactionTimeoutMs === undefined ? {} : { transactionTimeoutMs }),
        }),
      );
    },
  };
}

export function runCounting(options: CountingOptions): Run {
  return simulate(countingScenario(options));
}

/** Rows of a sink as `a=1 a=2 b=1`, in order. */
export function rowsOf(run: Run, sink: string): string {
  return (run.sinks[sink] ?? [])
    .map(({ key, row }) => {
      if (typeof row === 'number') return `${String(key)}+${row}`;
      const numbered = row as unknown as Numbered;
      return `${numbered.key}=${numbered.count}`;
    })
    .join(' ');
}
