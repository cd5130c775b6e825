import { assert } from '../core/assert.ts';
import type { Value } from '../dataset/value.ts';
import { byteSize } from '../state/byte-size.ts';

/** One row of state: a key and what is kept for it. Entries are replaced, never changed. */
export interface StateEntry {
  readonly key: readonly Value[];
  readonly value: unknown;
  /** Rows with the same one are found by scan(). */
  readonly prefix?: string;
  /** An index of the runtime's own: not a row that anybody counts. */
  readonly isInternal?: boolean;
}

/** What came out of a commit. */
export interface StateCommit {
  readonly version: number;
  /** Rows in the store. */
  readonly rowCount: number;
  readonly updatedCount: number;
  readonly removedCount: number;
  /** Estimated bytes of what changed: a delta file, or a changelog. */
  readonly deltaBytes: number;
  /** Whether a whole snapshot is uploaded with it. */
  readonly hasSnapshot: boolean;
}

/** Spark's default of spark.sql.streaming.stateStore.minDeltasForSnapshot. */
const MIN_DELTAS_FOR_SNAPSHOT = 10;

/**
 * The state of one operator in one shuffle partition, as versions: batch n reads version n and
 * commits version n + 1. Models Spark 4.2.0 HDFSBackedStateStoreProvider and
 * RocksDBStateStoreProvider with changelog: both write what changed at each commit and a snapshot
 * now and then. Simplified: an earlier version is reached by undoing, and only as far as a restart
 * may go: to the version that the last batch has read.
 * Invariant: a version that was committed never changes.
 */
export class StateStore {
  version = 0;
  readonly #rows = new Map<string, StateEntry>();
  readonly #byPrefix = new Map<string, Map<string, StateEntry>>();
  #internalCount = 0;
  #byteCount = 0;
  /** What the keys changed since the last commit held before. */
  #before = new Map<string, StateEntry | undefined>();
  /** What undoes the latest commit; undefined: there is no way back from here. */
  #undoOfLast: ReadonlyMap<string, StateEntry | undefined> | undefined;
  #removedCount = 0;
  #updatedCount = 0;

  /** Rows, without those of indexes. */
  get size(): number {
    return this.#rows.size - this.#internalCount;
  }

  get(id: string): StateEntry | undefined {
    return this.#rows.get(id);
  }

  put(id: string, entry: StateEntry): void {
    this.#note(id);
    this.#set(id, entry);
    this.#updatedCount += 1;
  }

  remove(id: string): void {
    this.#note(id);
    this.#set(id, undefined);
    this.#removedCount += 1;
  }

  /** All rows, oldest first; rows may be removed meanwhile. */
  entries(): IterableIterator<[string, StateEntry]> {
    return this.#rows.entries();
  }

  /** All rows with this prefix, in no order that a restart keeps. */
  scan(prefix: string): readonly (readonly [string, StateEntry])[] {
    return [...(this.#byPrefix.get(prefix) ?? [])];
  }

  /** Commits what has changed; `measures` asks for the bytes of it. */
  commit(measures: boolean): StateCommit {
    let deltaBytes = 0;
    if (measures) {
      for (const id of this.#before.keys()) {
        deltaBytes += id.length + byteSize(this.#rows.get(id)?.value ?? 0);
      }
    }
    this.#undoOfLast = this.#before;
    this.#before = new Map();
    this.version += 1;
    const commit = {
      version: this.version,
      rowCount: this.size,
      updatedCount: this.#updatedCount,
      removedCount: this.#removedCount,
      deltaBytes,
      hasSnapshot: this.version % MIN_DELTAS_FOR_SNAPSHOT === 0,
    };
    this.#updatedCount = 0;
    this.#removedCount = 0;
    return commit;
  }

  /** Goes back to a version: what came after it is undone, committed or not. */
  load(version: number): void {
    this.#undo(this.#before);
    this.#before = new Map();
    this.#updatedCount = 0;
    this.#removedCount = 0;
    if (version === this.version) return;
    const undo = this.#undoOfLast;
    assert(version === this.version - 1 && undo !== undefined, `${version} of ${this.version}`);
    this.#undo(undo);
    this.#undoOfLast = undefined;
    this.version = version;
  }

  /** Takes what an earlier query has committed. */
  restore(version: number, rows: readonly (readonly [string, StateEntry])[]): void {
    for (const [id, entry] of rows) this.#set(id, entry);
    this.#undoOfLast = undefined;
    this.version = version;
  }

  /** Estimated bytes of all rows. */
  get byteCount(): number {
    return this.#byteCount;
  }

  #note(id: string): void {
    if (!this.#before.has(id)) this.#before.set(id, this.#rows.get(id));
  }

  #undo(changes: ReadonlyMap<string, StateEntry | undefined>): void {
    for (const [id, entry] of changes) this.#set(id, entry);
  }

  #set(id: string, entry: StateEntry | undefined): void {
    const before = this.#rows.get(id);
    if (before !== undefined) this.#forget(id, before);
    if (entry === undefined) {
      this.#rows.delete(id);
      return;
    }
    this.#rows.set(id, entry);
    this.#byteCount += id.length + byteSize(entry.value);
    if (entry.isInternal === true) this.#internalCount += 1;
    if (entry.prefix === undefined) return;
    const group = this.#byPrefix.get(entry.prefix);
    if (group === undefined) this.#byPrefix.set(entry.prefix, new Map([[id, entry]]));
    else group.set(id, entry);
  }

  #forget(id: string, { value, isInternal, prefix }: StateEntry): void {
    this.#byteCount -= id.length + byteSize(value);
    if (isInternal === true) this.#internalCount -= 1;
    if (prefix === undefined) return;
    const group = this.#byPrefix.get(prefix);
    group?.delete(id);
    if (group?.size === 0) this.#byPrefix.delete(prefix);
  }
}
