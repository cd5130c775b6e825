import { KIND, type Json, type Trace } from '#engine';

export interface CheckpointFact {
  readonly checkpointId: number;
  /** The `checkpoint-triggered` row. */
  readonly row: number;
  readonly triggeredMs: number;
  readonly endedMs: number | undefined;
  readonly status: 'pending' | 'completed' | 'aborted';
}

/** A tear in time: the job died at `atMs` and went on at `restartedMs` from an older state. */
export interface FailureFact {
  readonly row: number;
  readonly atMs: number;
  readonly restartedRow: number;
  /** Undefined when the job gave up. */
  readonly restartedMs: number | undefined;
  readonly reason: string;
  /** The checkpoint that was restored; undefined when it started from nothing. */
  readonly checkpointId: number | undefined;
  /** Everything done since this moment was lost with the failure. */
  readonly rewoundToMs: number;
}

export interface IncidentFacts {
  readonly checkpoints: readonly CheckpointFact[];
  readonly failures: readonly FailureFact[];
}

/** Checkpoints and failures of the run, in order. */
export function collectIncidents(trace: Trace): IncidentFacts {
  return { checkpoints: collectCheckpoints(trace), failures: collectFailures(trace) };
}

const WORKING_KINDS: ReadonlySet<number> = new Set([
  KIND['subtask-restored'],
  KIND['job-started'],
  KIND['record-read'],
]);

function collectCheckpoints(trace: Trace): readonly CheckpointFact[] {
  const { kind, atMs, a } = trace.columns;
  const byId = new Map<number, CheckpointFact>();
  for (let row = 0; row < trace.rowCount; row += 1) {
    if (kind[row] === KIND['checkpoint-triggered']) {
      const started = { row, triggeredMs: atMs[row], endedMs: undefined };
      byId.set(a[row], { checkpointId: a[row], status: 'pending', ...started });
    }
    const begun = byId.get(a[row]);
    if (begun === undefined) continue;
    if (kind[row] === KIND['checkpoint-completed']) {
      byId.set(a[row], { ...begun, endedMs: atMs[row], status: 'completed' });
    } else if (kind[row] === KIND['checkpoint-aborted']) {
      byId.set(a[row], { ...begun, endedMs: atMs[row], status: 'aborted' });
    }
  }
  return [...byId.values()];
}

function collectFailures(trace: Trace): readonly FailureFact[] {
  const { kind, atMs, a, c, value } = trace.columns;
  const triggeredMs = new Map<number, number>();
  const failures: FailureFact[] = [];
  for (let row = 0; row < trace.rowCount; row += 1) {
    if (kind[row] === KIND['checkpoint-triggered']) triggeredMs.set(a[row], atMs[row]);
    const isMachine = kind[row] === KIND['task-manager-failed'];
    if (!isMachine && kind[row] !== KIND['function-failed']) continue;
    const restart = restartAfter(trace, row);
    failures.push({
      ...{ row, atMs: atMs[row], ...restart },
      reason: isMachine
        ? `task manager ${c[row]} failed`
        : `operator failed: ${messageOf(trace.values[value[row]])}`,
      rewoundToMs: triggeredMs.get(restart.checkpointId ?? -1) ?? atMs[0],
    });
  }
  return failures;
}

/** The moment after a restart at which the job is at work again. */
function restartAfter(trace: Trace, failedRow: number) {
  const { kind, atMs, value } = trace.columns;
  const restarting = kind.indexOf(KIND['job-restarting'], failedRow + 1);
  if (restarting < 0) {
    return { restartedRow: -1, restartedMs: undefined, checkpointId: undefined };
  }
  const working = kind.findIndex((at, row) => row > restarting && WORKING_KINDS.has(at));
  const restartedRow = working < 0 ? restarting : working;
  const told = trace.values[value[restarting]];
  const checkpoint = isFields(told) ? told.checkpoint : undefined;
  return {
    restartedRow,
    restartedMs: atMs[restartedRow],
    checkpointId: typeof checkpoint === 'number' ? checkpoint : undefined,
  };
}

function messageOf(value: Json | undefined): string {
  const message = isFields(value) ? value.message : undefined;
  return typeof message === 'string' ? message : 'unknown error';
}

function isFields(value: Json | undefined): value is { readonly [field: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
