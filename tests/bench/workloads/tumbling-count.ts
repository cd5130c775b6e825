import { ProcessWindowFunction, TumblingEventTimeWindows, appendSink, logSource } from '#engine';
import type {
  AggregateFunction,
  Collector,
  LogRecord,
  ProcessWindowContext,
  Scenario,
} from '#engine';
import type { TumblingCountOptions, WindowCount } from '../loops/tumbling-count.ts';
import type { Row } from '../workload-data.ts';
import { benchScenario, everyRecord } from './per-record-watermarks.ts';

interface Accumulator {
  count: number;
  sum: number;
}

const countAndSum: AggregateFunction<Row, Accumulator, Accumulator> = {
  createAccumulator: () => ({ count: 0, sum: 0 }),
  add: (row, accumulator) => {
    accumulator.count += 1;
    accumulator.sum += row.value;
    return accumulator;
  },
  getResult: (accumulator) => accumulator,
  merge: (left, right) => ({ count: left.count + right.count, sum: left.sum + right.sum }),
};

class NameWindow extends ProcessWindowFunction<Accumulator, WindowCount, number> {
  override process(
    key: number,
    context: ProcessWindowContext,
    elements: readonly Accumulator[],
    out: Collector<WindowCount>,
  ): void {
    const { startMs } = context.window();
    for (const { count, sum } of elements) out.collect({ key, windowStart: startMs, count, sum });
  }
}

/** What a variant of W2 adds. */
export interface TumblingCountVariant {
  /** Record `i` is in partition `i % partitions`. Default 1. */
  readonly partitionCount?: number;
  readonly parallelism?: number;
  /** Default: no checkpoints. */
  readonly checkpointIntervalMs?: number;
  readonly trace?: Scenario['trace'];
}

/** W2 as a learner would write it, with all semantics on, untraced, parallelism 1. */
export function tumblingCountScenario(
  records: readonly LogRecord<Row>[],
  { windowMs, delayMs }: TumblingCountOptions,
  variant: TumblingCountVariant = {},
): Scenario {
  const { partitionCount = 1, parallelism = 1, checkpointIntervalMs, trace = 'none' } = variant;
  return benchScenario({
    name: 'W2',
    logs: { records: { partitions: dealt(records, partitionCount) } },
    cluster: { taskManagers: 1, slotsPerTaskManager: parallelism },
    trace,
    job: (env) => {
      env.configure({ 'pipeline.object-reuse': true }).setParallelism(parallelism);
      if (checkpointIntervalMs !== undefined) env.enableCheckpointing(checkpointIntervalMs);
      env
        .fromSource(logSource<Row>('records'), everyRecord<Row>(delayMs), 'records')
        .keyBy((row) => row.key)
        .window(TumblingEventTimeWindows.of(windowMs))
        .aggregate(countAndSum, new NameWindow())
        .sinkTo(appendSink({ name: 'counts' }));
    },
  });
}

function dealt<T>(records: readonly T[], partitionCount: number): (readonly T[])[] {
  if (partitionCount === 1) return [records];
  return Array.from({ length: partitionCount }, (_, partition) =>
    records.filter((_record, i) => i % partitionCount === partition),
  );
}
