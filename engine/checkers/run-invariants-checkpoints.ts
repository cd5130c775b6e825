import { KIND } from '../trace/kinds.ts';
import type { Trace } from '../trace/trace.ts';
import type { ReportViolation, RunChecker } from './run-invariants.ts';

/** What the trace says was put into a checkpoint. */
interface Taken {
  readonly subtasks: Set<number>;
  /** Offset to read next, by split. */
  readonly offsets: Map<number, number>;
}

/**
 * A checkpoint is complete when every subtask has taken its snapshot or has finished; a restore
 * goes to the latest one that is complete, and its sources go on where they were at their barrier.
 */
export class CheckpointInvariants implements RunChecker {
  readonly #trace: Trace;
  readonly #report: ReportViolation;
  readonly #taken = new Map<number, Taken>();
  readonly #finished = new Set<number>();
  readonly #offsets: number[];
  /** The subtask that reads each split: a change of parallelism deals them anew. */
  readonly #readers: number[];
  #epoch = 0;
  #latestId = -1;
  #latestOffsets: ReadonlyMap<number, number> = new Map();

  constructor(trace: Trace, report: ReportViolation) {
    this.#trace = trace;
    this.#report = report;
    const { splits } = trace.header;
    this.#offsets = splits.map(() => 0);
    this.#readers = splits.map(({ subtask }) => subtask);
  }

  see(row: number, kind: number): void {
    const { a, b, c, subtask } = this.#trace.columns;
    const who = subtask[row] as number;
    switch (kind) {
      case KIND['record-read']:
        this.#offsets[c[row] as number] = (b[row] as number) + 1;
        return;
      case KIND['split-assigned']:
      case KIND['position-reset']:
        this.#offsets[c[row] as number] = b[row] as number;
        return;
      case KIND['snapshot-taken']:
        this.#take(who, a[row] as number);
        return;
      case KIND['subtask-finished']:
        this.#finished.add(who);
        return;
      case KIND['checkpoint-completed']:
        if (c[row] === 0) this.#complete(row, a[row] as number);
        return;
      case KIND['checkpoint-aborted']:
        this.#taken.delete(a[row] as number);
        return;
      case KIND['subtask-restored']:
        this.#restore(row, who, a[row] as number);
        return;
      case KIND['split-rewound']:
        this.#readers[c[row] as number] = who;
        this.#rewind(row, c[row] as number, b[row] as number);
        return;
      default:
    }
  }

  takeDown(subtask: number): void {
    this.#finished.delete(subtask);
    for (const { subtasks } of this.#taken.values()) subtasks.delete(subtask);
  }

  #take(subtask: number, checkpointId: number): void {
    let taken = this.#taken.get(checkpointId);
    if (taken === undefined) {
      taken = { subtasks: new Set(), offsets: new Map() };
      this.#taken.set(checkpointId, taken);
    }
    taken.subtasks.add(subtask);
    this.#readers.forEach((reader, split) => {
      if (reader === subtask) taken.offsets.set(split, this.#offsets[split] as number);
    });
  }

  #complete(row: number, checkpointId: number): void {
    const taken = this.#taken.get(checkpointId);
    const missing = this.#trace.header.subtasks.findIndex(
      ({ epoch }, id) =>
        epoch === this.#epoch && taken?.subtasks.has(id) !== true && !this.#finished.has(id),
    );
    if (missing !== -1) {
      const text = `checkpoint ${checkpointId} has no snapshot of subtask ${missing}`;
      this.#report('a complete checkpoint has every subtask', row, text);
    }
    const offsets = this.#offsets.map((offset, split) => taken?.offsets.get(split) ?? offset);
    this.#latestId = checkpointId;
    this.#latestOffsets = new Map(offsets.map((offset, split) => [split, offset]));
    for (const id of [...this.#taken.keys()]) if (id <= checkpointId) this.#taken.delete(id);
  }

  #restore(row: number, subtask: number, checkpointId: number): void {
    this.#epoch = this.#trace.header.subtasks[subtask]?.epoch ?? 0;
    if (checkpointId === this.#latestId) return;
    const text = `subtask ${subtask} went back to ${checkpointId}, not to ${this.#latestId}`;
    this.#report('a restore takes the latest complete checkpoint', row, text);
  }

  #rewind(row: number, split: number, offset: number): void {
    const expected = this.#latestOffsets.get(split) ?? 0;
    this.#offsets[split] = offset;
    if (offset === expected) return;
    const text = `split ${split} goes on at offset ${offset}, its checkpoint says ${expected}`;
    this.#report('a source goes on at its checkpointed offset', row, text);
  }
}
