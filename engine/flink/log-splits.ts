import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { LogSplit } from './log-split.ts';
import type { SplitEnumerator } from './split-enumerator.ts';
import type { SplitReader } from './split-reader.ts';
import type { SourceTask } from './source-task.ts';
import type { SplitOffsets, TaskRuntime } from './task-runtime.ts';

type LifeSplit = SplitReader & { readonly log: LogSplit };

/** What the splits of one source subtask need of their surroundings. */
export interface LogSplitsSettings {
  readonly subtask: number;
  readonly isBounded: boolean;
  readonly enumerator: SplitEnumerator;
  /** A split can be read from now on. */
  readonly onAssigned: (split: SplitReader) => void;
  /** No more records can come to a split. */
  readonly onClosed: (split: SplitReader) => void;
}

/**
 * The splits of one source subtask that have a life of their own: when each is handed out, where
 * it begins, what it has lost, and which offsets a complete checkpoint commits.
 * Simplified: a commit takes no time and never fails. New partitions are looked for from the start
 * of each subtask on.
 */
export class LogSplits {
  readonly #task: SourceTask;
  readonly #runtime: TaskRuntime;
  readonly #settings: LogSplitsSettings;
  readonly #splits: readonly LifeSplit[];
  /** Offsets of checkpoints that are not complete. */
  readonly #pending = new Map<number, SplitOffsets>();
  #beganMs = -Infinity;
  #isNew = true;

  constructor(
    task: SourceTask,
    runtime: TaskRuntime,
    splits: readonly SplitReader[],
    settings: LogSplitsSettings,
  ) {
    this.#task = task;
    this.#runtime = runtime;
    this.#settings = settings;
    this.#splits = splits.filter((split): split is LifeSplit => split.log !== undefined);
    for (const split of this.#splits) {
      settings.enumerator.enrol(split, (row) => this.#offer(split, 'parents finished', row));
    }
  }

  /** Takes in the offsets of a checkpoint; undefined: there is none, and all begins anew. */
  rewind(offsets: ReadonlyMap<number, number> | undefined, cause: number): void {
    this.#isNew = offsets === undefined;
    for (const split of this.#splits) {
      const offset = offsets?.get(split.split);
      if (offset === undefined) continue;
      split.log.isAssigned = true;
      split.offset = split.log.seek(offset, this.#runtime.nowMs);
      this.#note('split-rewound', split, cause, 0, offset);
    }
  }

  /** The source runs: hands out what is there, and looks for the rest later. */
  begin(): void {
    const { nowMs } = this.#runtime;
    this.#beganMs = nowMs;
    for (const split of this.#splits) {
      if (split.log.isAssigned) continue;
      const isKept = !this.#isNew || split.log.isListed(nowMs);
      const atMs = split.log.discoveredMs(nowMs, this.#isNew);
      if (!isKept || atMs === Infinity) {
        split.isFinished = true;
        continue;
      }
      if (atMs <= nowMs) this.#offer(split, 'start', NONE);
      else this.#planOffer(split, atMs);
    }
  }

  /**
   * Makes the record at the split's place ready to be read. False: it is not there (any more), and
   * the split goes on elsewhere or later.
   */
  prepare(reader: SplitReader): boolean {
    const split = reader as LifeSplit;
    const { nowMs } = this.#runtime;
    const { place, offset, missedCount } = split.log.resume(nowMs);
    if (place !== split.offset) {
      if (
        offset !== split.log.offset &&
        (missedCount > 0 || split.log.reading.fetching === undefined)
      ) {
        const row = this.#note(
          'position-reset',
          split,
          split.log.causeRow,
          split.log.offset,
          offset,
        );
        const { reset } = split.log.reading;
        this.#runtime.recorder.setValue(row, { reset, missed: missedCount });
      }
      split.offset = split.log.seekPlace(offset, place, nowMs);
      return false;
    }
    const fetch = split.log.fetch(place, nowMs);
    if (fetch === undefined) return true;
    if (fetch.isThrottled)
      this.#note('read-throttled', split, split.log.causeRow, 0, split.log.offset);
    else this.#noteFetched(split, fetch.untilPlace);
    return fetch.untilPlace > place;
  }

  /** Its barrier has passed: these offsets belong to the checkpoint. */
  noteCheckpoint(checkpointId: number): void {
    const offsets = this.#splits.flatMap(({ log, split }) =>
      log.reading.commits && log.isAssigned ? [[split, log.offset] as const] : [],
    );
    if (offsets.length > 0) this.#pending.set(checkpointId, offsets);
  }

  /** A complete checkpoint commits its offsets: for others to see, not for the job itself. */
  commit(checkpointId: number, cause: number): void {
    const offsets = this.#pending.get(checkpointId) ?? [];
    for (const id of [...this.#pending.keys()]) if (id <= checkpointId) this.#pending.delete(id);
    const { isBounded } = this.#settings;
    for (const [id, offset] of offsets) {
      const split = this.#splits.find((other) => other.split === id) as LifeSplit;
      const { nowMs } = this.#runtime;
      const committed = isBounded ? offset : split.log.committableOffset(offset, nowMs);
      this.#note('offset-committed', split, cause, checkpointId, committed);
    }
  }

  /** Whether no more records can come; if not yet, looks again then. */
  hasClosed(split: SplitReader): boolean {
    const closedMs = split.log?.closedMs ?? Infinity;
    if (closedMs <= this.#runtime.nowMs) return true;
    if (closedMs === Infinity) return false;
    this.#runtime.plan(this.#task, closedMs, () => {
      this.#settings.onClosed(split);
      this.#runtime.countStep();
    });
    return false;
  }

  #planOffer(split: LifeSplit, atMs: number): void {
    this.#runtime.plan(this.#task, atMs, () => {
      this.#offer(split, 'discovered', NONE);
      this.#runtime.countStep();
    });
  }

  /** Hands a split out, unless it is too early for it. */
  #offer(split: LifeSplit, why: string, cause: number): void {
    if (this.#task.isDead || split.log.isAssigned || split.isFinished) return;
    const { nowMs } = this.#runtime;
    const dueMs = split.log.discoveredMs(this.#beganMs, this.#isNew);
    if (dueMs > nowMs || !this.#settings.enumerator.isFree(split)) return;
    const isInitial = this.#isNew && (split.log.life?.openedMs ?? -Infinity) <= this.#beganMs;
    // What is found later is read from its beginning, wherever the source itself was to begin.
    const offset = isInitial
      ? split.log.initialOffset(this.#beganMs)
      : split.log.earliestOffset(nowMs);
    split.log.isAssigned = true;
    split.offset = split.log.seek(offset, nowMs);
    const row = this.#note('split-assigned', split, cause, 0, offset);
    this.#runtime.recorder.setValue(row, why);
    this.#settings.onAssigned(split);
  }

  #noteFetched(split: LifeSplit, untilPlace: number): void {
    const from = split.log.offset;
    const until = split.log.offsetOf(untilPlace - 1) + 1;
    const { recorder } = this.#runtime;
    const count = untilPlace - split.offset;
    if (count === 0) return;
    const { subtask } = this.#settings;
    const kind = KIND['records-fetched'];
    const cause = split.log.causeRow;
    split.log.causeRow = recorder.add(kind, subtask, cause, NONE, from, until, split.split, count);
  }

  #note(
    kind:
      'split-assigned' | 'split-rewound' | 'position-reset' | 'read-throttled' | 'offset-committed',
    split: LifeSplit,
    cause: number,
    a: number,
    b: number,
  ): number {
    const { subtask } = this.#settings;
    const { recorder } = this.#runtime;
    const row = recorder.add(KIND[kind], subtask, cause, NONE, a, b, split.split, NONE);
    // What it reads next follows from where it stands; a commit changes nothing about that.
    if (kind !== 'offset-committed') split.log.causeRow = row;
    return row;
  }
}
