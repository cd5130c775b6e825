import {
  KeyedProcessFunction,
  TraceReader,
  WatermarkStrategy,
  appendSink,
  logSource,
  seconds,
  simulateBatch,
  transactionalSink,
} from '#engine';
import type {
  BatchRun,
  BatchScenario,
  Collector,
  OnTimerContext,
  ProcessContext,
  StreamExecutionEnvironment,
  TraceKind,
} from '#engine';
import { stream } from '../stream-notation.ts';
import type { Item } from '../stream-notation.ts';

/** A run over partitions in the notation of `stream`, with one machine of two slots. */
export function runBatch(
  partitions: readonly string[],
  job: (env: StreamExecutionEnvironment) => void,
  overrides: Partial<BatchScenario> = {},
): BatchRun {
  return simulateBatch({
    name: 'test',
    seed: 1,
    logs: { in: { partitions: partitions.map(stream) } },
    job,
    cluster: { taskManagers: 1, slotsPerTaskManager: 2 },
    trace: 'full',
    ...overrides,
  });
}

/** The stream of the log `in`, with the timestamps that the log has. */
export function source(env: StreamExecutionEnvironment) {
  const strategy = WatermarkStrategy.forMonotonousTimestamps<Item>();
  return env.fromSource(logSource<Item>('in'), strategy, 'in');
}

/** What a sink holds, a text a row. */
export function written(run: BatchRun, sink = 'out'): string[] {
  if (run.failure !== undefined) throw new Error(run.failure.message);
  return (run.sinks[sink] ?? []).map(({ row }) =>
    typeof row === 'string' ? row : JSON.stringify(row),
  );
}

/** The sentences of a run about facts of some kinds, in order. */
export function told(run: BatchRun, ...kinds: readonly TraceKind[]): string[] {
  if (run.trace === undefined) throw new Error('the scenario must have trace: full');
  const reader = new TraceReader(run.trace);
  return Array.from({ length: reader.rowCount }, (_, row) => row)
    .filter((row) => kinds.includes(reader.kindAt(row)))
    .map((row) => reader.narrate(row));
}

/** What became of each attempt: `in/0#0 finished`. */
export function attemptsOf(run: BatchRun): string[] {
  return run.attempts.map(
    ({ task, index, attempt, status }) => `${task.split(' ')[0]}/${index}#${attempt} ${status}`,
  );
}

type Says = (text: string) => void;

/** A function that says what happens to it: `a@3`, and what its subclasses add. */
export class Telling extends KeyedProcessFunction<string, Item, string> {
  override processElement(
    { key, atMs }: Item,
    context: ProcessContext<string>,
    out: Collector<string>,
  ): void {
    out.collect(`${key}@${atMs / 1000}`);
    this.after(atMs, context, (text) => out.collect(text));
  }

  override onTimer(timeMs: number, context: OnTimerContext<string>, out: Collector<string>): void {
    out.collect(`${context.timeDomain()} timer ${timeMs / 1000} of ${context.getCurrentKey()}`);
  }

  protected after(_atMs: number, _context: ProcessContext<string>, _say: Says): void {}
}

/** The records of `in` by key, through a function that tells, into the sink `out`. */
export function telling(create: () => Telling) {
  return (env: StreamExecutionEnvironment): void => {
    source(env)
      .keyBy((item) => item.key)
      .process(create())
      .name('tell')
      .sinkTo(appendSink<string>({ name: 'out' }));
  };
}

/** Two stages over two subtasks each; what each task has got, in transactions. */
export function twoStages(env: StreamExecutionEnvironment): void {
  env.setParallelism(2).configure({
    'restart-strategy.type': 'fixed-delay',
    'restart-strategy.fixed-delay.attempts': 10,
    'restart-strategy.fixed-delay.delay': seconds(1),
  });
  source(env)
    .keyBy((item) => item.key)
    .process(new Telling())
    .name('tell')
    .sinkTo(transactionalSink<string>({ name: 'out' }));
}
