import { KIND } from '../trace/kinds.ts';
import type { Json, Trace } from '../trace/trace.ts';
import { findFailure } from './find-failure.ts';
import { SubtaskJudge } from './subtask-judge.ts';
import type { Finding } from './verdict.ts';
import type { OracleWindow } from './window-oracle.ts';

/** What a count per key and tumbling window looks like in a trace. */
export interface WindowSpec {
  /** Name of the operator that counts. */
  readonly operator: string;
  readonly sizeMs: number;
  /** Reads a record that the operator emitted; undefined when it is none of its results. */
  readonly readResult: (record: Json) => WindowResult | undefined;
}

export interface WindowResult {
  readonly key: Json;
  /** End of the window, exclusive. */
  readonly endMs: number;
  readonly count: number;
}

/** A window that was over before the trace ended. */
export interface DueResult {
  readonly window: OracleWindow;
  /** The last row of the step in which the result had to come. */
  readonly row: number;
}

export interface WindowReport {
  /** By the rows that prove them. */
  readonly findings: readonly Finding[];
  /** What has to be in the table, by window id. */
  readonly due: ReadonlyMap<string, DueResult>;
  /** Ids of windows that are still open at the end: nothing is due from them. */
  readonly open: ReadonlySet<string>;
  /** State and timers that serve no open window at the end. */
  readonly leaks: readonly Finding[];
  /** Records that came when their window was over, replays included. */
  readonly lateCount: number;
}

/**
 * Compares what an operator emitted with a naive count of what it received. The facts of the trace
 * say which records were late, when the watermark passed, and where a restore went back to.
 */
export function judgeWindows(trace: Trace, spec: WindowSpec): WindowReport {
  const judges = createJudges(trace, spec);
  const all = [...new Set(judges.values())];
  const { kind, subtask } = trace.columns;
  for (let row = 0; row < trace.rowCount; row += 1) {
    if (kind[row] === KIND['task-manager-failed']) for (const judge of all) judge.crash();
    else judges.get(subtask[row] as number)?.apply(row, subtask[row] as number);
  }
  const failure = findFailure(trace);
  for (const judge of all) judge.end(failure === undefined);
  const findings = all.flatMap((judge) => judge.findings);
  if (failure !== undefined) findings.push(failure);
  return {
    findings: findings.sort((left, right) => left.row - right.row),
    due: new Map(all.flatMap((judge) => [...judge.dueResults])),
    open: new Set(all.flatMap((judge) => [...judge.openIds()])),
    leaks: all.flatMap((judge) => judge.leaks()),
    lateCount: all.reduce((sum, judge) => sum + judge.lateCount, 0),
  };
}

/** One judge for each subtask of the operator; those chained to it belong to its steps. */
function createJudges(trace: Trace, spec: WindowSpec): Map<number, SubtaskJudge> {
  const judges = new Map<number, SubtaskJudge>();
  const { subtasks } = trace.header;
  subtasks.forEach((own, subtask) => {
    if (own.operator !== spec.operator) return;
    const judge = new SubtaskJudge(trace, spec, subtask);
    subtasks.forEach((other, chained) => {
      if (other.task === own.task && other.index === own.index) judges.set(chained, judge);
    });
  });
  return judges;
}
