import { TraceReader, WatermarkStrategy, appendSink, logSource, simulate } from '#engine';
import type {
  DataStream,
  LogRecord,
  Run,
  Scenario,
  StreamExecutionEnvironment,
  WatermarkGenerator,
  WatermarkOutput,
} from '#engine';
import { traceOf } from './stream-notation.ts';

/** One word of a script of two streams; times are ms. */
export interface Word {
  readonly key: string;
  readonly ms: number;
  /** A watermark to emit; the word itself goes nowhere. */
  readonly mark: number | undefined;
}

type Side = 'left' | 'right';

/**
 * Reads a script of two streams, one word a second: `l10` a record of the left stream with event
 * time 10 ms, `rb@8` one of the right with key b (k otherwise), `w12` a watermark of both streams,
 * `wL12` and `wR12` of one.
 */
export function twoLogs(script: string): Record<Side, LogRecord<Word>[]> {
  const logs: Record<Side, LogRecord<Word>[]> = { left: [], right: [] };
  script.split(' ').forEach((word, place) => {
    const arrivalMs = (place + 1) * 1000;
    const [, side = '', key = 'k', time = ''] = /^(l|r|wL|wR|w)(?:([a-z]+)@)?(-?\d+)$/.exec(word)!;
    const ms = Number(time);
    const mark = side.startsWith('w') ? ms : undefined;
    const record = { value: { key, ms, mark }, timestampMs: ms, arrivalMs };
    if (side !== 'r' && side !== 'wR') logs.left.push(record);
    if (side !== 'l' && side !== 'wL') logs.right.push(record);
  });
  return logs;
}

class Marks implements WatermarkGenerator<Word> {
  onEvent({ mark }: Word, _timestampMs: number, output: WatermarkOutput): void {
    if (mark !== undefined) output.emitWatermark(mark);
  }

  onPeriodicEmit(): void {}
}

function read(env: StreamExecutionEnvironment, side: Side): DataStream<Word> {
  const strategy = WatermarkStrategy.forGenerator<Word>(() => new Marks());
  return env
    .fromSource(logSource<Word>(side), strategy, side)
    .setParallelism(1)
    .filter(({ mark }) => mark === undefined)
    .setParallelism(1);
}

type BuildJob = (
  left: DataStream<Word>,
  right: DataStream<Word>,
  env: StreamExecutionEnvironment,
) => DataStream<unknown>;

/** A job over both streams of a script; what it returns goes to the sink `out`. */
export function twoStreamScenario(
  script: string,
  build: BuildJob,
  overrides: Partial<Scenario> = {},
): Scenario {
  const { left, right } = twoLogs(script);
  const isBounded = overrides.faults !== undefined;
  return {
    name: 'two streams',
    seed: 1,
    logs: {
      left: { partitions: [left], isBounded },
      right: { partitions: [right], isBounded },
    },
    cluster: { taskManagers: 2, slotsPerTaskManager: 2 },
    faults: [],
    trace: 'full',
    job: (env) => {
      build(read(env, 'left'), read(env, 'right'), env).sinkTo(appendSink({ name: 'out' }));
    },
    ...overrides,
  };
}

/** What the job wrote, in order; strings as they are, all else as JSON. Throws when it failed. */
export function runTwo(script: string, build: BuildJob): string[] {
  return written(simulate(twoStreamScenario(script, build)));
}

export function written(run: Run, sink = 'out'): string[] {
  if (run.failure !== undefined) throw new Error(run.failure.message);
  return (run.sinks[sink] ?? []).map(({ row }) =>
    typeof row === 'string' ? row : JSON.stringify(row),
  );
}

/** Event times that records and watermarks have at the entry of the sink: `10`, `WM12`. */
export function atSink(run: Run): string[] {
  const reader = new TraceReader(traceOf(run));
  const { subtasks } = reader.trace.header;
  const lines: string[] = [];
  for (let row = 0; row < reader.rowCount; row += 1) {
    const { kind, subtask, a } = reader.event(row);
    if (subtasks[subtask]?.kind !== 'sink') continue;
    if (kind === 'record-received') lines.push(a < -1e15 ? 'none' : String(a));
    if (kind === 'watermark-advanced') lines.push(`WM${a}`);
  }
  return lines;
}

/**
 * A straight run and one with a crash, for a crash after every word. There is a checkpoint between
 * the crash and the word before, so that nothing is read again, which might be in another order:
 * what is written then depends on the state alone.
 */
export function recoveries(script: string, build: BuildJob): [unknown, unknown][] {
  const run = (faults: Scenario['faults']): unknown => {
    const scenario = twoStreamScenario(
      script,
      (left, right, env) => {
        env.enableCheckpointing(500).configure({
          'restart-strategy.type': 'fixed-delay',
          'restart-strategy.fixed-delay.delay': 10,
        });
        return build(left, right, env);
      },
      { faults, trace: 'none' },
    );
    const result = simulate(scenario);
    return { lines: written(result), outcome: result.outcome, left: result.entriesLeft };
  };
  const straight = run([]);
  return script.split(' ').map((_, place) => {
    const when = { atMs: 1000 * (place + 1) + 700 };
    return [straight, run([{ type: 'task-manager-crash', taskManager: 0, when }])];
  });
}
