/** A job that only holds state: a count for each of so many keys, none of which ever ends. */
import {
  KeyedProcessFunction,
  ValueStateDescriptor,
  appendSink,
  logSource,
  simulate,
} from '#engine';
import type { LogRecord, ProcessContext, Run, ValueState } from '#engine';
import { RECORD_GAP_MS } from '../workload-data.ts';
import { benchScenario, everyRecord } from '../workloads/per-record-watermarks.ts';

interface KeyedRow {
  readonly ts: number;
  readonly key: number;
  readonly isLast: boolean;
}

class CountForever extends KeyedProcessFunction<number, KeyedRow, never> {
  /** Called at the last record, while all state is there. */
  readonly onLast: () => void;
  private count!: ValueState<number>;

  constructor(onLast: () => void) {
    super();
    this.onLast = onLast;
  }

  override open(): void {
    this.count = this.getRuntimeContext().getState(new ValueStateDescriptor('count'));
  }

  override processElement(row: KeyedRow, _context: ProcessContext<number>): void {
    this.count.update((this.count.value() ?? 0) + 1);
    if (row.isLast) this.onLast();
  }
}

/** Each key comes `rounds` times, in turn. */
export function keyedLog(keyCount: number, rounds: number): readonly LogRecord<KeyedRow>[] {
  const recordCount = keyCount * rounds;
  return Array.from({ length: recordCount }, (_, i) => {
    const arrivalMs = i * RECORD_GAP_MS;
    const value = { ts: arrivalMs, key: i % keyCount, isLast: i === recordCount - 1 };
    return { value, timestampMs: arrivalMs, arrivalMs };
  });
}

export function runLiveKeys(
  records: readonly LogRecord<KeyedRow>[],
  options: {
    readonly checkpointIntervalMs?: number;
    readonly trace?: 'full' | 'none';
    readonly onLast?: () => void;
  } = {},
): Run {
  const { checkpointIntervalMs, trace = 'none', onLast = () => undefined } = options;
  const run = simulate(
    benchScenario({
      name: 'live keys',
      logs: { records: { partitions: [records] } },
      trace,
      job: (env) => {
        env.configure({ 'pipeline.object-reuse': true });
        if (checkpointIntervalMs !== undefined) env.enableCheckpointing(checkpointIntervalMs);
        env
          .fromSource(logSource<KeyedRow>('records'), everyRecord<KeyedRow>(0), 'records')
          .keyBy((row) => row.key)
          .process(new CountForever(onLast))
          .sinkTo(appendSink<never>({ name: 'nothing' }));
      },
    }),
  );
  if (run.outcome === 'finished') return run;
  throw new Error(`the job must finish: ${run.outcome}, ${run.failure?.message ?? 'no reason'}`);
}
