import {
  BoundedOutOfOrdernessWatermarks,
  ProcessWindowFunction,
  TumblingEventTimeWindows,
  WatermarkStrategy,
  appendSink,
  logSource,
  simulate,
} from '#engine';
import type {
  AggregateFunction,
  Collector,
  LogRecord,
  ProcessWindowContext,
  Run,
  Scenario,
  WatermarkOutput,
} from '#engine';
import type { TumblingCountOptions, WindowCount } from '../loops/tumbling-count.ts';
import type { Row } from '../workload-data.ts';

/** What the benchmark's job sees of a record: the row object that the loop reads too. */
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

/** A watermark after every record, as the loop has it. */
class PerRecordWatermarks extends BoundedOutOfOrdernessWatermarks<Row> {
  override onEvent(row: Row, timestampMs: number, output: WatermarkOutput): void {
    super.onEvent(row, timestampMs, output);
    this.onPeriodicEmit(output);
  }
}

/** Every record's place in the log, made once: making the input is not part of the measurement. */
export function toLog(rows: readonly Row[]): readonly LogRecord<Row>[] {
  return rows.map((row, place) => ({ value: row, timestampMs: row.ts, arrivalMs: place * 6 }));
}

/** W2 as a learner would write it, with all semantics on, untraced, parallelism 1. */
export function tumblingCountScenario(
  records: readonly LogRecord<Row>[],
  { windowMs, delayMs }: TumblingCountOptions,
  trace: Scenario['trace'] = 'none',
): Scenario {
  return {
    name: 'W2',
    seed: 1,
    logs: { records: { partitions: [records] } },
    cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
    faults: [],
    trace,
    job: (env) => {
      env.configure({ 'pipeline.object-reuse': true });
      const strategy = WatermarkStrategy.forGenerator<Row>(() => new PerRecordWatermarks(delayMs));
      env
        .fromSource(logSource<Row>('records'), strategy, 'records')
        .keyBy((row) => row.key)
        .window(TumblingEventTimeWindows.of(windowMs))
        .aggregate(countAndSum, new NameWindow())
        .sinkTo(appendSink({ name: 'counts' }));
    },
  };
}

export function tumblingCountEngine(scenario: Scenario): Run {
  return simulate(scenario);
}
