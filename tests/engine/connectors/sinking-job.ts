import {
  KeyedProcessFunction,
  ValueStateDescriptor,
  WatermarkStrategy,
  databaseSink,
  dashboardSink,
  fileSink,
  lakeSink,
  logSource,
  simulate,
  topicSink,
} from '#engine';
import type {
  Collector,
  CompactionSettings,
  Configuration,
  Fault,
  Operation,
  ProcessContext,
  RollingPolicy,
  Run,
  Scenario,
  ValueState,
} from '#engine';
import type { Item } from '../stream-notation.ts';
import { arrivals } from '../flink/counting-job.ts';

/** A running number per key. */
export interface Counted {
  readonly key: string;
  readonly count: number;
}

class CountUp extends KeyedProcessFunction<string, Item, Counted> {
  #count!: ValueState<number>;

  override open(): void {
    this.#count = this.getRuntimeContext().getState(new ValueStateDescriptor<number>('count'));
  }

  override processElement(
    _item: Item,
    context: ProcessContext<string>,
    out: Collector<Counted>,
  ): void {
    const count = (this.#count.value() ?? 0) + 1;
    this.#count.update(count);
    out.collect({ key: context.getCurrentKey(), count });
  }
}

export interface SinkingOptions {
  readonly partitions: readonly string[];
  readonly parallelism?: number;
  readonly configuration?: Partial<Configuration>;
  readonly faults?: readonly Fault[];
  readonly operations?: readonly Operation[];
  readonly compaction?: CompactionSettings;
  readonly rolling?: RollingPolicy;
  /** Add a table that takes each row once and fails otherwise. */
  readonly hasPlainInsert?: boolean;
}

const upsert = { type: 'upsert' } as const;

/** Counts records per key, and writes each number to a sink of every kind. */
export function sinkingScenario(options: SinkingOptions): Scenario {
  const { partitions, parallelism = 2, compaction } = options;
  return {
    name: 'sinking',
    seed: 1,
    logs: { in: { partitions: partitions.map(arrivals) } },
    cluster: { taskManagers: 2, slotsPerTaskManager: 2 },
    faults: options.faults ?? [],
    operations: options.operations ?? [],
    trace: 'full',
    job: (env) => {
      env.setParallelism(parallelism).configure(options.configuration ?? {});
      const counted = env
        .fromSource(logSource<Item>('in'), WatermarkStrategy.noWatermarks<Item>(), 'in')
        .setParallelism(partitions.length)
        .keyBy((item) => item.key)
        .process(new CountUp())
        .name('count');
      const primaryKey = ['key'];
      const increment = { type: 'increment', columns: ['count'] } as const;
      const versioned = { type: 'versioned-upsert', version: 'count' } as const;
      const exact = { delivery: 'exactly-once' } as const;
      const ledger = { name: 'ledger', primaryKey, write: increment };
      counted.sinkTo(databaseSink({ name: 'upsert', primaryKey, write: upsert }));
      counted.sinkTo(databaseSink({ name: 'versioned', primaryKey, write: versioned }));
      counted.sinkTo(databaseSink({ name: 'increment', primaryKey, write: increment }));
      counted.sinkTo(databaseSink({ ...ledger, ...exact }));
      counted.sinkTo(topicSink({ name: 'plain', partitions: 2, key: ({ key }) => key }));
      counted.sinkTo(
        topicSink({
          ...{ name: 'topic', partitions: 2, transactionTimeoutMs: 900_000, ...exact },
          key: ({ key }) => key,
        }),
      );
      const rolling = options.rolling ?? { type: 'default' };
      counted.sinkTo(fileSink({ name: 'files', bucket: ({ key }) => key, rolling }));
      const lake = { name: 'lake', partitionBy: primaryKey };
      counted.sinkTo(lakeSink(compaction === undefined ? lake : { ...lake, compaction }));
      counted.sinkTo(dashboardSink({ name: 'dashboard', primaryKey }));
      if (options.hasPlainInsert !== true) return;
      const insert = { type: 'insert', onConflict: 'fail' } as const;
      const table = { name: 'insert', primaryKey: ['key', 'count'], write: insert };
      counted.sinkTo(databaseSink(table));
    },
  };
}

export function runSinking(options: SinkingOptions): Run {
  return simulate(sinkingScenario(options));
}

/** What a reader finds in a sink who sees only what is committed: `a=1 a=2 b=1`, sorted. */
export function found(run: Run, sink: string): string {
  return texts((run.sinks[sink] ?? []).map(({ row }) => row)).join(' ');
}

/** The rows of a sink's main table, sorted. */
export function tableText(run: Run, sink: string): string {
  return texts(run.stores[sink]?.tables()[0]?.rows ?? []).join(' ');
}

function texts(rows: readonly unknown[]): string[] {
  return rows.map((row) => `${(row as Counted).key}=${(row as Counted).count}`).sort();
}
