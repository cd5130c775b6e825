import {
  OutputTag,
  ProcessWindowFunction,
  TraceReader,
  WATERMARK_MAX,
  WatermarkStrategy,
  appendSink,
  logSource,
  seconds,
  simulate,
} from '#engine';
import type {
  AggregateFunction,
  Collector,
  DataStream,
  KeyedStream,
  ProcessWindowContext,
  Run,
  Scenario,
  WindowedStream,
} from '#engine';
import type { Item } from '../stream-notation.ts';
import { PerRecordWatermarks, stream, traceOf } from '../stream-notation.ts';

export const counting: AggregateFunction<Item, number, number> = {
  createAccumulator: () => 0,
  add: (_item, count) => count + 1,
  getResult: (count) => count,
  merge: (left, right) => left + right,
};

/** Shows a count with its window: `[0,10) k=2`. */
export class NameWindow extends ProcessWindowFunction<number, string, string> {
  override process(
    key: string,
    context: ProcessWindowContext,
    [count]: readonly number[],
    out: Collector<string>,
  ): void {
    out.collect(`${windowText(context)} ${key}=${count}`);
  }
}

/** Shows a window's records: `[0,10) k=1 4`. */
export class ListWindow extends ProcessWindowFunction<Item, string, string> {
  override process(
    key: string,
    context: ProcessWindowContext,
    elements: readonly Item[],
    out: Collector<string>,
  ): void {
    const times = elements.map(({ atMs }) => atMs / 1000).join(' ');
    out.collect(`${windowText(context)} ${key}=${times}`);
  }
}

export function windowText(context: ProcessWindowContext): string {
  const { startMs, endMs } = context.window();
  return endMs > WATERMARK_MAX ? 'global' : `[${startMs / 1000},${endMs / 1000})`;
}

export interface JobOptions {
  readonly delayS?: number;
  readonly overrides?: Partial<Scenario>;
}

/** A job over one partition in the notation of `stream`, with a watermark after every record. */
export function jobScenario(
  text: string,
  build: (items: DataStream<Item>) => DataStream<unknown>,
  { delayS = 0, overrides = {} }: JobOptions = {},
): Scenario {
  const strategy = WatermarkStrategy.forGenerator<Item>(
    () => new PerRecordWatermarks(seconds(delayS)),
  );
  return {
    name: 'windows',
    seed: 1,
    logs: { in: { partitions: [stream(text)], isBounded: false } },
    cluster: { taskManagers: 2, slotsPerTaskManager: 2 },
    faults: [],
    trace: 'full',
    job: (env) => {
      const items = env.fromSource(logSource<Item>('in'), strategy, 'in').setParallelism(1);
      build(items).sinkTo(appendSink({ name: 'out' }));
    },
    ...overrides,
  };
}

const LATE = new OutputTag<Item>('late');

type Keyed = KeyedStream<Item, string>;
type Windowed = WindowedStream<Item, string>;

/** Counts by key in the windows given; late records come as `9 late`. */
export function countIn(
  text: string,
  windows: (keyed: Keyed) => Windowed,
  options?: JobOptions,
): string[] {
  return linesOf(
    jobScenario(
      text,
      (items) => {
        const counts = windows(items.keyBy(({ key }) => key))
          .sideOutputLateData(LATE)
          .aggregate(counting, new NameWindow());
        const late = counts.getSideOutput(LATE).map(({ atMs }) => `${atMs / 1000} late`);
        late.sinkTo(appendSink({ name: 'late' }));
        return counts;
      },
      options,
    ),
  );
}

/** What a job wrote to its sinks, in order. */
export function linesOf(scenario: Scenario): string[] {
  return writtenBy(simulate(scenario));
}

export function writtenBy(run: Run): string[] {
  if (run.failure !== undefined) throw run.failure.error ?? new Error(run.failure.message);
  const reader = new TraceReader(traceOf(run));
  const lines: string[] = [];
  for (let row = 0; row < reader.rowCount; row += 1) {
    if (reader.kindAt(row) !== 'sink-written') continue;
    lines.push(String((reader.valueAt(row) as { row: unknown }).row));
  }
  return lines;
}
