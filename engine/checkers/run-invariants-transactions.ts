import type { TransactionStatus } from '../trace/frame.ts';
import { KIND } from '../trace/kinds.ts';
import type { Trace } from '../trace/trace.ts';
import type { ReportViolation, RunChecker } from './run-invariants.ts';

/** Whether a fact is about a sink whose writes go into files instead of transactions. */
export function writesFiles(trace: Trace, row: number): boolean {
  const kind = trace.header.sinks[trace.columns.c[row] as number]?.kind;
  return kind === 'files' || kind === 'lake';
}

interface KnownTransaction {
  readonly writer: number;
  /** The writer's attempt that began it is still running. */
  isOwned: boolean;
  status: TransactionStatus;
  /** The checkpoint it was flushed for; 0 at the end of the input. */
  checkpointId: number;
}

/** The checkpoint id of what is flushed at the end of the input, behind the last barrier. */
const AT_THE_END = 0;

/**
 * A transaction is committed once its checkpoint is complete, never before; one whose checkpoint is
 * complete is never aborted, unless its own timeout has passed; only its own writer writes to it.
 */
export class TransactionInvariants implements RunChecker {
  readonly #trace: Trace;
  readonly #report: ReportViolation;
  readonly #transactions = new Map<string, KnownTransaction>();
  /** The newest complete checkpoint: it holds whatever was flushed for it or an older one. */
  #completedId = -1;
  /** Without checkpoints, transactions are committed when the input ends. */
  #hasCheckpoints = false;
  /** Checkpoints that a subtask has snapshots of in its present attempt. */
  readonly #snapshots: Set<number>[];

  constructor(trace: Trace, report: ReportViolation) {
    this.#trace = trace;
    this.#report = report;
    this.#snapshots = trace.header.subtasks.map(() => new Set());
  }

  see(row: number, kind: number): void {
    const { a, b, c, subtask } = this.#trace.columns;
    const who = subtask[row] as number;
    switch (kind) {
      case KIND['checkpoint-triggered']:
        if (b[row] === 0) this.#hasCheckpoints = true;
        return;
      case KIND['checkpoint-completed']:
        if (c[row] === 0) this.#completedId = Math.max(this.#completedId, a[row] as number);
        return;
      case KIND['snapshot-taken']:
        this.#snapshots[who]?.add(a[row] as number);
        return;
      case KIND['transaction-begun']: {
        const status = 'open';
        this.#put(row, { writer: who, isOwned: true, status, checkpointId: -1 });
        return;
      }
      case KIND['sink-written']:
        this.#seeWrite(row, who);
        return;
      case KIND['transaction-prepared']:
        this.#seePrepare(row);
        return;
      case KIND['transaction-committed']:
        this.#seeCommit(row, who);
        return;
      case KIND['transaction-aborted']:
        this.#seeAbort(row);
        return;
      case KIND['job-finished']:
        this.#seeEnd(row);
        return;
      default:
    }
  }

  takeDown(subtask: number): void {
    this.#snapshots[subtask]?.clear();
    for (const transaction of this.#transactions.values()) {
      if (transaction.writer === subtask) transaction.isOwned = false;
    }
  }

  #idOf(row: number): string {
    const { c, d } = this.#trace.columns;
    return `${c[row] as number}/${d[row] as number}`;
  }

  #put(row: number, transaction: KnownTransaction): void {
    this.#transactions.set(this.#idOf(row), transaction);
  }

  #seeWrite(row: number, writer: number): void {
    if ((this.#trace.columns.d[row] as number) < 0 || writesFiles(this.#trace, row)) return;
    const transaction = this.#transactions.get(this.#idOf(row));
    const isOwn = transaction?.writer === writer && transaction.isOwned;
    if (isOwn && transaction.status === 'open') return;
    const text = `subtask ${writer} writes to a transaction that is not open, or not its own`;
    this.#report('a transaction is written by its own writer', row, text);
  }

  #seePrepare(row: number): void {
    const transaction = this.#transactions.get(this.#idOf(row));
    if (transaction === undefined) return;
    transaction.status = 'prepared';
    transaction.checkpointId = this.#trace.columns.a[row] as number;
  }

  #seeCommit(row: number, writer: number): void {
    const transaction = this.#transactions.get(this.#idOf(row));
    if (transaction === undefined) return;
    const { status, checkpointId } = transaction;
    const isAgain = this.#trace.columns.b[row] === 1;
    const isExpected = isAgain ? status === 'committed' : status === 'prepared';
    const why = isExpected ? this.#whyTooEarly(row, writer, checkpointId) : `it was ${status}`;
    if (why !== undefined) {
      const text = `transaction ${this.#idOf(row)} was committed, but ${why}`;
      this.#report('a commit follows its checkpoint', row, text);
    }
    transaction.status = 'committed';
  }

  #whyTooEarly(row: number, writer: number, checkpointId: number): string | undefined {
    if (!this.#hasCheckpoints) return undefined;
    if (checkpointId !== AT_THE_END) {
      const isHeld = checkpointId <= this.#completedId;
      return isHeld ? undefined : `its checkpoint ${checkpointId} was not complete`;
    }
    const { cause, kind, a } = this.#trace.columns;
    const causeRow = cause[row] as number;
    if (kind[causeRow] !== KIND['checkpoint-completed']) return undefined;
    // Its writer's part of that checkpoint was taken at a barrier, before the end.
    const id = a[causeRow] as number;
    if (this.#snapshots[writer]?.has(id) !== true) return undefined;
    return `checkpoint ${id}, whose completion it answers, does not hold it`;
  }

  #seeAbort(row: number): void {
    const transaction = this.#transactions.get(this.#idOf(row));
    if (transaction === undefined) return;
    const { status, checkpointId } = transaction;
    const { values, columns } = this.#trace;
    const reason = String(values[columns.value[row] as number] ?? '');
    const isFlushed = status === 'prepared' && checkpointId !== AT_THE_END;
    const isPromised = isFlushed && checkpointId <= this.#completedId;
    if ((isPromised && !reason.includes('timeout')) || status === 'committed') {
      const text = `transaction ${this.#idOf(row)} of checkpoint ${checkpointId} was ${status}`;
      this.#report('a promised transaction is never aborted', row, text);
    }
    transaction.status = 'aborted';
  }

  #seeEnd(row: number): void {
    for (const [id, { status }] of this.#transactions) {
      if (status === 'committed' || status === 'aborted') continue;
      this.#report('no transaction is left at the end', row, `transaction ${id} is ${status}`);
    }
  }
}
