import { KIND } from '../trace/kinds.ts';
import type { Trace } from '../trace/trace.ts';
import type { ReportViolation, RunChecker } from './run-invariants.ts';
import { writesFiles } from './run-invariants-transactions.ts';

interface KnownFile {
  writer: number;
  /** The writer's attempt that opened or resumed it is still running. */
  isOwned: boolean;
  status: 'open' | 'closed' | 'visible' | 'removed';
  /** The checkpoint it was closed for; 0: it is not said yet, or the input has ended. */
  checkpointId: number;
}

interface TableChange {
  readonly operation: string;
  readonly added: readonly number[];
  readonly removed: readonly number[];
}

/**
 * A file is written by its own writer while it is open; it becomes visible once, and after its
 * checkpoint is complete. A table's versions rise by one; what a version removes was in the one
 * before.
 */
export class FileInvariants implements RunChecker {
  readonly #trace: Trace;
  readonly #report: ReportViolation;
  readonly #files = new Map<string, KnownFile>();
  /** Newest version of each table, by sink. */
  readonly #versions = new Map<number, number>();
  #completedId = 0;
  #hasCheckpoints = false;

  constructor(trace: Trace, report: ReportViolation) {
    this.#trace = trace;
    this.#report = report;
  }

  see(row: number, kind: number): void {
    const { a, b, c, d, subtask } = this.#trace.columns;
    const writer = subtask[row] as number;
    const id = `${c[row] as number}/${d[row] as number}`;
    switch (kind) {
      case KIND['checkpoint-triggered']:
        if (b[row] === 0) this.#hasCheckpoints = true;
        return;
      case KIND['checkpoint-completed']:
        if (c[row] === 0) this.#completedId = Math.max(this.#completedId, a[row] as number);
        return;
      case KIND['file-opened']:
        this.#files.set(id, { writer, isOwned: true, status: 'open', checkpointId: 0 });
        return;
      case KIND['file-truncated']:
        this.#resume(row, id, writer);
        return;
      case KIND['sink-written']:
        this.#seeWrite(row, id, writer);
        return;
      case KIND['file-closed']: {
        const file = this.#files.get(id);
        if (file !== undefined) {
          Object.assign(file, { status: 'closed', checkpointId: a[row] as number });
        }
        return;
      }
      case KIND['file-finished']:
        this.#show(row, id, a[row] as number);
        return;
      case KIND['table-committed']:
        if (b[row] === 0) this.#seeTableCommit(row, c[row] as number);
        return;
      default:
    }
  }

  takeDown(subtask: number): void {
    for (const file of this.#files.values()) {
      if (file.writer === subtask) file.isOwned = false;
    }
  }

  #resume(row: number, id: string, writer: number): void {
    const file = this.#files.get(id);
    if (file === undefined || file.status === 'visible') {
      this.#report('a file becomes visible once', row, `file ${id} is changed when it is visible`);
      return;
    }
    Object.assign(file, { writer, isOwned: true, status: 'open' });
  }

  #seeWrite(row: number, id: string, writer: number): void {
    if (!writesFiles(this.#trace, row)) return;
    const file = this.#files.get(id);
    if (file?.writer === writer && file.isOwned && file.status === 'open') return;
    const text = `subtask ${writer} writes to file ${id}, which is not open or not its own`;
    this.#report('a file is written by its own writer', row, text);
  }

  #show(row: number, id: string, checkpointId: number): void {
    const file = this.#files.get(id);
    if (file === undefined) return;
    if (file.status !== 'closed') {
      this.#report('a file becomes visible once', row, `file ${id} was ${file.status}`);
    }
    if (this.#hasCheckpoints && checkpointId > this.#completedId) {
      const text = `file ${id} is visible, but its checkpoint ${checkpointId} was not complete`;
      this.#report('a commit follows its checkpoint', row, text);
    }
    file.status = 'visible';
  }

  #seeTableCommit(row: number, sink: number): void {
    const { columns, values } = this.#trace;
    const version = columns.a[row] as number;
    const expected = (this.#versions.get(sink) ?? -1) + 1;
    if (version !== expected) {
      const text = `version ${version} was committed, and ${expected} was the next`;
      this.#report('a version follows the one before', row, text);
    }
    this.#versions.set(sink, version);
    const change = values[columns.value[row] as number] as unknown as TableChange;
    for (const file of change.removed) {
      const known = this.#files.get(`${sink}/${file}`);
      if (known?.status !== 'visible') {
        const text = `version ${version} removes file ${file}, which the table does not have`;
        this.#report('a version follows the one before', row, text);
      } else known.status = 'removed';
    }
    for (const file of change.added) {
      const id = `${sink}/${file}`;
      const known = this.#files.get(id);
      // A compacted file was written whole, and belongs to no checkpoint.
      if (change.operation === 'OPTIMIZE' && known !== undefined) known.status = 'closed';
      this.#show(row, id, known?.checkpointId ?? 0);
    }
  }
}
