import { WatermarkStrategy, checkRunInvariants, simulate, transactionalSink } from '#engine';
import type { Fault, LogInput, LogSource, Run, Trace } from '#engine';
import type { Problem } from '../attack-plan.ts';

/** Gets the trace of a run that was attacked. */
export type SeeTrace = (trace: Trace | undefined) => void;

/** How a log is read and copied. */
export interface FlinkReading {
  readonly source: LogSource<unknown>;
  readonly parallelism: number;
  readonly checkpointMs: number;
  readonly faults: readonly Fault[];
  /** The job goes on with another parallelism; left out: never. */
  readonly rescale?: { readonly parallelism: number; readonly atMs: number };
  /** Left out: it starts with the first record. */
  readonly startMs?: number;
}

/** Copies a log into an exactly-once sink. */
export function readWithFlink(log: LogInput, reading: FlinkReading): Run {
  const { source, parallelism, checkpointMs, faults, startMs, rescale } = reading;
  return simulate({
    name: 'copy',
    seed: 1,
    logs: { in: log },
    cluster: { taskManagers: 1, slotsPerTaskManager: 4 },
    faults: faults.map((fault) => placed(fault, parallelism)),
    trace: 'full',
    stepCountMax: 200_000,
    operations:
      rescale === undefined
        ? []
        : [{ type: 'rescale', parallelism: rescale.parallelism, when: { atMs: rescale.atMs } }],
    ...(startMs === undefined ? {} : { startMs }),
    job: (env) => {
      env.enableCheckpointing(checkpointMs);
      env
        .fromSource(source, WatermarkStrategy.noWatermarks(), 'in')
        .setParallelism(parallelism)
        .sinkTo(transactionalSink({ name: 'out' }))
        .setParallelism(parallelism);
    },
  });
}

/** What is wrong with the run itself, whatever it gave. */
export function checkRun({ failure, outcome, trace }: Run): Problem | undefined {
  if (failure !== undefined) return { check: 'the job runs', text: failure.message };
  if (outcome !== 'finished') return { check: 'the job finishes', text: outcome };
  const violations = trace === undefined ? [] : checkRunInvariants(trace);
  const [first] = violations;
  return first === undefined ? undefined : { check: first.rule, text: first.text };
}

/** The values that its readers see. */
export function copied({ sinks }: Run): unknown[] {
  return (sinks['out'] ?? []).map(({ row }) => row);
}

/** A smaller plan may have fewer subtasks than a fault names. */
function placed(fault: Fault, parallelism: number): Fault {
  return fault.type === 'subtask-failure' ? { ...fault, index: fault.index % parallelism } : fault;
}
