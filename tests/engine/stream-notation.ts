import {
  BoundedOutOfOrdernessWatermarks,
  ProcessWindowFunction,
  TraceReader,
  TumblingEventTimeWindows,
  WatermarkStrategy,
  appendSink,
  logSource,
  seconds,
  simulate,
} from '#engine';
import type {
  AggregateFunction,
  Collector,
  LogRecord,
  ProcessWindowContext,
  Run,
  Scenario,
  Trace,
  WatermarkOutput,
} from '#engine';

/** A record of the notation: `b@9` is key b at event time 9 s; `9` alone has key k. */
export interface Item {
  readonly key: string;
  readonly atMs: number;
}

/**
 * Reads a stream written in one line: `1 4 b@12`. Records arrive one second apart, from second 1
 * on; `_` lets a second pass without a record.
 */
export function stream(text: string): LogRecord<Item>[] {
  const records: LogRecord<Item>[] = [];
  text
    .trim()
    .split(/\s+/)
    .forEach((word, place) => {
      if (word === '_' || word === '') return;
      const [first = '', second] = word.split('@');
      const atMs = Math.round(Number(second ?? first) * 1000);
      const key = second === undefined ? 'k' : first;
      records.push({
        value: { key, atMs },
        timestampMs: atMs,
        arrivalMs: seconds(place + 1),
      });
    });
  return records;
}

/** A watermark after every record: what interview questions mean unless they say otherwise. */
export class PerRecordWatermarks extends BoundedOutOfOrdernessWatermarks<Item> {
  override onEvent(item: Item, timestampMs: number, output: WatermarkOutput): void {
    super.onEvent(item, timestampMs, output);
    this.onPeriodicEmit(output);
  }
}

export interface CountOptions {
  readonly sizeS: number;
  readonly delayS: number;
  readonly offsetS?: number;
  readonly latenessS?: number;
  readonly watermarks?: 'per-record' | 'periodic';
  readonly isBounded?: boolean;
  readonly idleTimeoutS?: number;
  readonly sourceParallelism?: number;
}

const counting: AggregateFunction<Item, number, number> = {
  createAccumulator: () => 0,
  add: (_item, count) => count + 1,
  getResult: (count) => count,
  merge: (left, right) => left + right,
};

interface Counted {
  readonly key: string;
  readonly startS: number;
  readonly endS: number;
  readonly count: number;
}

class NameWindow extends ProcessWindowFunction<number, Counted, string> {
  override process(
    key: string,
    context: ProcessWindowContext,
    [count]: readonly number[],
    out: Collector<Counted>,
  ): void {
    const { startMs, endMs } = context.window();
    out.collect({ key, startS: startMs / 1000, endS: endMs / 1000, count: count ?? 0 });
  }
}

/** Counts per key and tumbling window over the partitions given, one line of notation each. */
export function countScenario(
  partitions: readonly string[],
  options: CountOptions,
  overrides: Partial<Scenario> = {},
): Scenario {
  const delayMs = seconds(options.delayS);
  const isPerRecord = (options.watermarks ?? 'per-record') === 'per-record';
  const plain = isPerRecord
    ? WatermarkStrategy.forGenerator<Item>(() => new PerRecordWatermarks(delayMs))
    : WatermarkStrategy.forBoundedOutOfOrderness<Item>(delayMs);
  const { idleTimeoutS } = options;
  const strategy = idleTimeoutS === undefined ? plain : plain.withIdleness(seconds(idleTimeoutS));
  return {
    name: 'count',
    seed: 1,
    logs: { in: { partitions: partitions.map(stream), isBounded: options.isBounded ?? false } },
    cluster: { taskManagers: 2, slotsPerTaskManager: 2 },
    faults: [],
    trace: 'full',
    job: (env) => {
      env
        .fromSource(logSource<Item>('in'), strategy, 'in')
        .setParallelism(options.sourceParallelism ?? 1)
        .keyBy((item) => item.key)
        .window(TumblingEventTimeWindows.of(seconds(options.sizeS), seconds(options.offsetS ?? 0)))
        .allowedLateness(seconds(options.latenessS ?? 0))
        .aggregate(counting, new NameWindow())
        .name('window')
        .sinkTo(appendSink({ name: 'out' }));
    },
    ...overrides,
  };
}

/** What a run wrote, each as `[0,10) k=2`, in order. */
export function outputs(run: Run): string[] {
  return (run.sinks['out'] ?? []).map(({ row }) => {
    const { key, startS, endS, count } = row as unknown as Counted;
    return `[${startS},${endS}) ${key}=${count}`;
  });
}

/** Outputs and drops of a one-partition stream: what interview questions ask for. */
export function count(text: string, options: CountOptions): string[] {
  const run = simulate(countScenario([text], options));
  const trace = traceOf(run);
  const reader = new TraceReader(trace);
  const lines: string[] = [];
  for (let row = 0; row < reader.rowCount; row += 1) {
    const event = reader.event(row);
    if (event.kind === 'sink-written') {
      const { row: written } = reader.valueAt(row) as unknown as { row: Counted };
      lines.push(`[${written.startS},${written.endS}) ${written.key}=${written.count}`);
    }
    if (event.kind === 'record-dropped-late') lines.push(`${event.a / 1000} dropped`);
  }
  return lines;
}

/** The trace of a run that was traced. */
export function traceOf(run: Run): Trace {
  if (run.trace === undefined) throw new Error('the scenario must have trace: full');
  return run.trace;
}

/**
 * Runs a check with many seeds. A failure names the seed and how to run it alone: set SEED.
 */
export function forEachSeed(seedCount: number, check: (seed: number) => void): void {
  const only = process.env['SEED'];
  const seeds =
    only === undefined ? Array.from({ length: seedCount }, (_, seed) => seed) : [Number(only)];
  for (const seed of seeds) {
    try {
      check(seed);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new Error(`replay: SEED=${seed} npx vitest run\n${message}`, { cause: error });
    }
  }
}
