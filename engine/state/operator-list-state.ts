import { NONE } from '../trace/recorder.ts';
import { cloneValue } from '../core/clone.ts';
import type { ListState } from './descriptors.ts';
import type { OperatorStateSnapshot } from './operator-state-backend.ts';
import type { StateFacts } from './state-context.ts';
import type { StateCell } from './state-table.ts';

/**
 * Models Flink 2.3 PartitionableListState: a list of one operator subtask, whose elements are what
 * a restore deals out.
 * Simplified: `get` gives a list made at the call.
 */
export class OperatorListState<T> implements ListState<T> {
  readonly mode: 'split' | 'union';
  cells: StateCell[] = [];
  readonly #facts: StateFacts;

  constructor(facts: StateFacts, mode: 'split' | 'union') {
    this.#facts = facts;
    this.mode = mode;
  }

  get(): T[] {
    return this.cells.map((cell, index) => {
      this.#facts.read(NONE, index, cell.row);
      return cell.value as T;
    });
  }

  add(value: T): void {
    const row = this.#facts.written(NONE, this.cells.length, NONE, value);
    this.cells.push({ value, row, writtenMs: 0 });
  }

  addAll(values: readonly T[]): void {
    for (const value of values) this.add(value);
  }

  update(values: readonly T[]): void {
    this.clear();
    this.addAll(values);
  }

  clear(): void {
    if (this.cells.length === 0) return;
    this.cells = [];
    this.#facts.cleared(NONE, null, NONE);
  }

  /**
   * The elements of a checkpoint, which may be those of other subtasks: the trace is told all of
   * them again.
   */
  restore(items: OperatorStateSnapshot['items']): void {
    this.#facts.cleared(NONE, null, NONE);
    for (const [, value, saved] of items) {
      const copy = cloneValue(value);
      const row = this.#facts.written(NONE, this.cells.length, saved, copy);
      this.cells.push({ value: copy, row, writtenMs: 0 });
    }
  }
}
