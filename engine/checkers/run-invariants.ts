import { KIND } from '../trace/kinds.ts';
import type { Trace } from '../trace/trace.ts';
import { ChannelInvariants } from './run-invariants-channels.ts';
import { CheckpointInvariants } from './run-invariants-checkpoints.ts';
import { FileInvariants } from './run-invariants-files.ts';
import { TimeInvariants } from './run-invariants-time.ts';
import { TransactionInvariants } from './run-invariants-transactions.ts';

/** What holds in every run, whatever the job, its input, its faults and its configuration. */
export type RunRule =
  | 'a cause is an earlier fact'
  | 'the clock never goes back'
  | 'nothing happens after the end'
  | 'a dead subtask does nothing'
  | 'a channel keeps its order'
  | 'a blocked channel waits'
  | 'a watermark only grows'
  | 'a watermark is the least of its inputs'
  | 'nothing fires before its time'
  | 'a complete checkpoint has every subtask'
  | 'a restore takes the latest complete checkpoint'
  | 'a source goes on at its checkpointed offset'
  | 'a commit follows its checkpoint'
  | 'a promised transaction is never aborted'
  | 'a transaction is written by its own writer'
  | 'no transaction is left at the end'
  | 'a file is written by its own writer'
  | 'a file becomes visible once'
  | 'a version follows the one before';

/** A rule that a trace breaks, and the row at which it does. */
export interface Violation {
  readonly rule: RunRule;
  readonly text: string;
  readonly row: number;
}

/** How checkers of single rules say what they found. */
export type ReportViolation = (rule: RunRule, row: number, text: string) => void;

/** Follows a trace for some of the rules. */
export interface RunChecker {
  /** Sees every row, in order. */
  see(row: number, kind: number): void;
  /** This subtask's attempt is over: what it held in memory is gone. */
  takeDown(subtask: number): void;
}

export interface RunInvariantOptions {
  /** Unaligned checkpoints are on: barriers, but no records, may overtake. Default false. */
  readonly barriersMayOvertake?: boolean;
}

const VIOLATIONS_MAX = 20;

/**
 * Checks what must hold in every run by its trace alone: no oracle and no knowledge of the job.
 * Returns the first 20 violations, in the order of rows; none for a run as it should be.
 */
export function checkRunInvariants(trace: Trace, options: RunInvariantOptions = {}): Violation[] {
  const violations: Violation[] = [];
  const report: ReportViolation = (rule, row, text) => {
    if (violations.length < VIOLATIONS_MAX) violations.push({ rule, text, row });
  };
  const checkers: readonly RunChecker[] = [
    new LifeInvariants(trace, report),
    new ChannelInvariants(trace, report, options.barriersMayOvertake ?? false),
    new TimeInvariants(trace, report),
    new CheckpointInvariants(trace, report),
    new TransactionInvariants(trace, report),
    new FileInvariants(trace, report),
  ];
  const { kind } = trace.columns;
  for (let row = 0; row < trace.rowCount; row += 1) {
    const code = kind[row] as number;
    for (const checker of checkers) checker.see(row, code);
    if (code !== KIND['job-restarting']) continue;
    for (const subtask of subtasksDown(trace, row)) {
      for (const checker of checkers) checker.takeDown(subtask);
    }
  }
  return violations;
}

/** A restart names the subtasks it takes down; without names, all are meant. */
function subtasksDown(trace: Trace, row: number): readonly number[] {
  const value = trace.values[trace.columns.value[row] as number] as
    { readonly subtasks?: readonly number[] } | null | undefined;
  return value?.subtasks ?? trace.header.subtasks.map((_, subtask) => subtask);
}

/** Causes, the clock, and that the dead are dead. */
class LifeInvariants implements RunChecker {
  readonly #trace: Trace;
  readonly #report: ReportViolation;
  readonly #isDown: boolean[];
  #lastMs = -Infinity;
  #endRow = -1;

  constructor(trace: Trace, report: ReportViolation) {
    this.#trace = trace;
    this.#report = report;
    this.#isDown = trace.header.subtasks.map(() => false);
  }

  see(row: number, kind: number): void {
    const { cause, atMs, subtask } = this.#trace.columns;
    const causeRow = cause[row] as number;
    if (causeRow >= row) {
      this.#report('a cause is an earlier fact', row, `row ${row} is caused by row ${causeRow}`);
    }
    const nowMs = atMs[row] as number;
    if (nowMs < this.#lastMs) {
      this.#report('the clock never goes back', row, `${nowMs} ms after ${this.#lastMs} ms`);
    }
    this.#lastMs = nowMs;
    if (this.#endRow !== -1) {
      const text = `row ${row} comes after the job's end in row ${this.#endRow}`;
      this.#report('nothing happens after the end', row, text);
    }
    if (kind === KIND['job-finished'] || kind === KIND['job-failed']) this.#endRow = row;
    const who = subtask[row] as number;
    if (who < 0) return;
    if (kind === KIND['subtask-restored']) this.#isDown[who] = false;
    else if (this.#isDown[who] === true && kind !== KIND['job-restarting']) {
      this.#report('a dead subtask does nothing', row, `subtask ${who} is down until its restore`);
    }
  }

  takeDown(subtask: number): void {
    this.#isDown[subtask] = true;
  }
}
