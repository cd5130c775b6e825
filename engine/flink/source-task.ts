import { cloneValue } from '../core/clone.ts';
import { WATERMARK_MAX, WATERMARK_MIN } from '../core/time.ts';
import type { LogRecord } from '../logs/log.ts';
import type { Output } from '../operators/operator.ts';
import type { WatermarkAlignment } from '../time/watermark-strategy.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { CheckpointType } from './checkpoint-coordinator.ts';
import { LogSplits } from './log-splits.ts';
import type { OperatorChain } from './operator-chain.ts';
import { OutputCredits } from './output-credits.ts';
import type { SourceSettings } from './source-settings.ts';
import type { SplitReader } from './split-reader.ts';
import type { SplitOffsets, TaskRuntime } from './task-runtime.ts';
import type { TaskWork } from './task-work.ts';

/**
 * One parallel instance of a source, with the operators chained to it.
 * Models Flink 2.x's SourceOperator: reads its splits, emits each record and then lets the split's
 * generator see it; once every auto-watermark interval the split watermarks are merged by minimum
 * over the splits that are not idle. When all are idle, the source says so and holds its watermark.
 * Simplified: among its splits it reads the record that arrived first; the periodic round at a
 * moment comes after the records of that moment.
 * Invariant: the source's watermark never decreases.
 */
export class SourceTask {
  readonly isSource = true;
  readonly splits: readonly SplitReader[];
  readonly credits: OutputCredits;
  isFinished = false;
  lastSnapshotId = 0;
  isDead = false;
  isQueued = false;
  watermarkMs = WATERMARK_MIN;
  #isIdle = false;
  #dueCheckpoints: [id: number, type: CheckpointType, cause: number][] = [];
  /** The savepoint of a job that is about to stop: nothing is read behind its barrier. */
  #stoppingId: number | undefined;
  #isEnding = false;
  #plannedRoundMs = Infinity;
  #isHeld = false;
  #allowedMs = WATERMARK_MAX;
  /** The split whose next record arrives first, and when. */
  #firstSplit: SplitReader | undefined;
  #nextArrivalMs = Infinity;
  /** Its split, if there is one, always handed out and read as fast as it can. */
  readonly #onlySplit: SplitReader | undefined;
  readonly #copiesRecords: boolean;
  /** Nothing in its own chain asks for calls when a record comes. */
  #plansRoundFirst = false;
  readonly #round = (): void => {
    this.#emitPeriodicWatermark();
    this.#runtime.countStep();
  };
  readonly #settings: SourceSettings;
  readonly #runtime: TaskRuntime;
  readonly #logSplits: LogSplits;
  #chain!: OperatorChain;
  #output!: Output;

  constructor(runtime: TaskRuntime, splits: readonly SplitReader[], settings: SourceSettings) {
    this.#runtime = runtime;
    this.splits = splits;
    this.#settings = settings;
    this.#copiesRecords = settings.copiesRecords;
    const isPlain = splits[0]?.log === undefined && settings.alignment === undefined;
    this.#onlySplit = splits.length === 1 && isPlain ? splits[0] : undefined;
    this.#firstSplit = this.#onlySplit;
    this.credits = new OutputCredits((isBlocked) => this.#onCredits(isBlocked));
    const { subtask, isBounded, enumerator } = settings;
    const onAssigned = (split: SplitReader): void => this.#onAssigned(split);
    const onClosed = (split: SplitReader): void => this.#finishIfRead(split);
    const needs = { subtask, isBounded, enumerator, onAssigned, onClosed };
    this.#logSplits = new LogSplits(this, runtime, splits, needs);
  }

  get alignment(): WatermarkAlignment | undefined {
    return this.#settings.alignment;
  }

  get work(): TaskWork {
    return this.#settings.work;
  }

  get chain(): OperatorChain {
    return this.#chain;
  }

  /** Second phase of building: where records go is known now. */
  start(chain: OperatorChain, output: Output): void {
    this.#chain = chain;
    this.#output = output;
    this.#plansRoundFirst = chain.neverPlans;
  }

  /** Whether a record is there or will come, even if something keeps it from reading. */
  get hasMore(): boolean {
    return this.#nextArrivalMs !== Infinity;
  }

  /** When there is something that it may read, or Infinity. */
  nextArrivalMs(): number {
    return this.#isHeld ? Infinity : this.#nextArrivalMs;
  }

  /** What it tells its alignment group: idle sources don't hold the others back. */
  get reportedWatermarkMs(): number {
    return this.#isIdle ? WATERMARK_MAX : this.watermarkMs;
  }

  get hasUnread(): boolean {
    return this.splits.some((split) => split.offset < split.records.length);
  }

  get hasPaused(): boolean {
    return this.splits.some((split) => split.isPaused);
  }

  /** Splits ahead of `allowedMs` are not read until a later call lets them. */
  allowWatermark(allowedMs: number): void {
    this.#allowedMs = allowedMs;
    for (const split of this.splits) this.#pauseIfAhead(split);
    this.#findNextArrival();
    if (this.nextArrivalMs() <= this.#runtime.nowMs) this.wake();
  }

  #pauseIfAhead(split: SplitReader): void {
    const isAhead = split.watermarkMs > this.#allowedMs && !split.isFinished;
    if (isAhead === split.isPaused) return;
    split.isPaused = isAhead;
    const kind = KIND[isAhead ? 'split-paused' : 'split-resumed'];
    const { subtask } = this.#settings;
    const { recorder } = this.#runtime;
    recorder.add(kind, subtask, NONE, NONE, this.#allowedMs, 0, split.split, NONE);
  }

  /** Called once the job runs, and after a restore. */
  begin(): void {
    this.#logSplits.begin();
    this.#findNextArrival();
    this.#planIdleRound();
    for (const split of this.splits) this.#finishIfRead(split);
    this.#finishIfDone();
  }

  /** Reads one record, so that downstream sees it before the next is read. */
  runTurn(): void {
    this.isQueued = false;
    if (this.work.isBusy) return;
    if (this.work.waitIfStalled(this, this.#runtime)) {
      this.#noteHeld();
      return;
    }
    while (this.#dueCheckpoints.length > 0) {
      const due = this.#dueCheckpoints.shift() as [number, CheckpointType, number];
      this.#checkpoint(...due);
      if (this.#runtime.countStep()) return;
      this.#noteHeld();
      if (this.work.isBusy) return;
    }
    if (this.#isHeld) return;
    const split = this.#firstSplit;
    if (split === undefined || this.#nextArrivalMs > this.#runtime.nowMs) return;
    if (this.work.isFree) {
      this.#readAndGoOn(split);
      return;
    }
    this.work.hold();
    this.#noteHeld();
    this.#runtime.plan(this, this.#runtime.nowMs + this.work.serviceMs, () => {
      this.work.release();
      this.#noteHeld();
      this.#readAndGoOn(split);
    });
  }

  /**
   * Reads on while nothing else can happen, before another source has something at `otherMs`; what
   * follows from a record happens before the next is read. Returns whether anything was read.
   */
  readOn(otherMs: number): boolean {
    const runtime = this.#runtime;
    if (this.isQueued || !this.work.isOpenAt(runtime.nowMs)) return false;
    const { lane } = runtime;
    let hasRead = false;
    while (!this.#isHeld && !this.isDead && !runtime.isOver) {
      const arrivalMs = this.#nextArrivalMs;
      if (arrivalMs >= otherMs || arrivalMs > runtime.nextPlannedMs) break;
      runtime.moveClock(arrivalMs);
      const split = this.#firstSplit as SplitReader;
      // One that wakes says so through the queues: nothing may be handed over past that.
      lane.isOpen = lane.isUsable && !this.#isIdle && !split.isIdle;
      // Whoever plans first comes first, and behind a queue nobody would come before the round.
      if (lane.isOpen && this.#plansRoundFirst) this.#planNextRound();
      this.#read(split);
      lane.isOpen = false;
      hasRead = true;
      if (runtime.countStep()) break;
      this.#finishIfRead(split);
      runtime.runReady();
      runtime.runningTask = this;
    }
    return hasRead;
  }

  onInput(): void {
    this.#noteHeld();
    this.wake();
  }

  /** Whatever keeps it from reading has changed, or what there is to read. */
  #noteHeld(): void {
    const isWaiting = this.credits.isBlocked || this.work.isBusy;
    this.#isHeld = this.#isEnding || isWaiting || this.#stoppingId !== undefined;
  }

  #findNextArrival(): void {
    if (this.#onlySplit === undefined) this.#findFirstSplit();
    else this.#nextArrivalMs = this.#onlySplit.nextArrivalMs();
  }

  #findFirstSplit(): void {
    let earliestMs = Infinity;
    this.#firstSplit = undefined;
    for (const split of this.splits) {
      const arrivalMs = split.nextArrivalMs();
      if (arrivalMs >= earliestMs) continue;
      earliestMs = arrivalMs;
      this.#firstSplit = split;
    }
    this.#nextArrivalMs = earliestMs;
  }

  #readAndGoOn(split: SplitReader): void {
    this.#read(split);
    if (this.#runtime.countStep()) return;
    this.#finishIfRead(split);
    const isDue = this.#dueCheckpoints.length > 0;
    if (isDue || this.nextArrivalMs() <= this.#runtime.nowMs) this.wake();
  }

  #onCredits(isBlocked: boolean): void {
    const kind = KIND[isBlocked ? 'output-blocked' : 'output-unblocked'];
    const { subtask } = this.#settings;
    this.#runtime.recorder.add(kind, subtask, NONE, NONE, 0, 0, 0, NONE);
    this.#noteHeld();
    if (!isBlocked) this.wake();
  }

  wake(): void {
    if (this.isQueued || this.isFinished) return;
    this.isQueued = true;
    this.#runtime.enqueue(this);
  }

  wakeOperator(place: number): void {
    this.#chain.wakeOperator(place);
  }

  notifyCheckpointComplete(checkpointId: number, cause: number): void {
    this.#logSplits.commit(checkpointId, cause);
    this.#chain.notifyCheckpointComplete(checkpointId, cause);
  }

  notifyCheckpointAborted(checkpointId: number): void {
    this.#dueCheckpoints = this.#dueCheckpoints.filter(([id]) => id !== checkpointId);
    if (this.#stoppingId !== checkpointId) return;
    this.#stoppingId = undefined;
    this.onInput();
  }

  /** One periodic round over all splits. */
  #emitPeriodicWatermark(): void {
    this.#plannedRoundMs = Infinity;
    if (this.isFinished || this.#stoppingId !== undefined) return;
    const { nowMs } = this.#runtime;
    for (const split of this.splits) {
      if (!split.isFinished && split.isAssigned) split.onPeriodicEmit(nowMs);
    }
    if (this.#onlySplit?.hasChanged !== false) this.#mergeSplits();
    this.#planIdleRound();
  }

  /** Asks for a barrier, between two records. */
  triggerCheckpoint(checkpointId: number, type: CheckpointType, cause: number): void {
    this.#dueCheckpoints.push([checkpointId, type, cause]);
    this.wake();
  }

  /** A barrier enters the job here: behind everything that was read so far. */
  #checkpoint(checkpointId: number, type: CheckpointType, cause: number): void {
    if (type === 'last-savepoint') this.#stoppingId = checkpointId;
    // The barriers of a savepoint are always aligned.
    const isUrgent = this.#settings.isUnaligned && type === 'checkpoint';
    if (isUrgent) this.#chain.sendUrgentBarrier(checkpointId, cause);
    else this.#chain.sendBarrier(checkpointId, cause);
    const { recorder } = this.#runtime;
    const kind = KIND['snapshot-taken'];
    const { subtask } = this.#settings;
    const count = this.splits.length;
    const row = recorder.add(kind, subtask, cause, NONE, checkpointId, count, 0, NONE);
    const operators = this.#chain.snapshot(checkpointId, cause);
    this.lastSnapshotId = checkpointId;
    this.#logSplits.noteCheckpoint(checkpointId);
    const bytes = this.#chain.byteCount();
    const snapshot = { operators, offsets: this.offsets(), inFlight: [], bytes };
    this.work.acknowledge(this, this.#runtime, checkpointId, snapshot, row);
  }

  offsets(): SplitOffsets {
    return this.splits
      .filter((split) => split.isAssigned)
      .map((split) => [split.split, split.position]);
  }

  /** Watermarks are not part of a checkpoint: they are made anew from what is read. */
  rewind(offsets: ReadonlyMap<number, number>, cause: number): void {
    const { recorder } = this.#runtime;
    this.#logSplits.rewind(offsets.size === 0 ? undefined : offsets, cause);
    for (const split of this.splits) {
      if (split.log !== undefined) continue;
      split.offset = offsets.get(split.split) ?? 0;
      const kind = KIND['split-rewound'];
      const { subtask } = this.#settings;
      recorder.add(kind, subtask, cause, NONE, 0, split.offset, split.split, NONE);
    }
  }

  #read(split: SplitReader): void {
    const { log } = split;
    if (log !== undefined && !this.#logSplits.prepare(split)) {
      this.#findNextArrival();
      return;
    }
    const record = split.records[split.offset] as LogRecord;
    const timestampMs = split.timestampOf(record);
    if (this.#runtime.recorder.isOn) this.#noteRead(split, timestampMs);
    if (log !== undefined) log.offset = log.offsetOf(split.offset) + 1;
    split.offset += 1;
    this.#findNextArrival();
    const value = this.#copiesRecords ? cloneValue(record.value) : record.value;
    this.#output.emit(value, timestampMs, NONE, split.lastReadRow);
    split.onEvent(value, timestampMs);
    if (split.hasChanged) this.#onChanged(split);
    this.#planNextRound();
  }

  #planNextRound(): void {
    if (this.#plannedRoundMs === Infinity) this.#planRound(this.#runtime.nowMs);
  }

  #noteRead(split: SplitReader, timestampMs: number): void {
    const { recorder } = this.#runtime;
    const { subtask } = this.#settings;
    const offset = split.log?.offsetOf(split.offset) ?? split.offset;
    const kind = KIND['record-read'];
    const cause = split.log?.causeRow ?? NONE;
    const row = recorder.add(kind, subtask, cause, NONE, timestampMs, offset, split.split, NONE);
    split.noteRead(row, timestampMs);
  }

  /** With nothing to merge, and nothing to note, what a split says is what the source says. */
  #onChanged(split: SplitReader): void {
    const isPlain = split === this.#onlySplit && !split.isIdle && !this.#isIdle;
    if (!isPlain || this.#runtime.recorder.isOn) {
      this.#mergeSplits();
      return;
    }
    split.hasChanged = false;
    this.#emitWatermark(split.watermarkMs, NONE);
  }

  /** Merges what the splits say and sends on what follows from it. */
  #mergeSplits(): void {
    const { recorder } = this.#runtime;
    const { subtask } = this.#settings;
    let cause = NONE;
    for (const split of this.splits) {
      if (!split.hasChanged) continue;
      split.hasChanged = false;
      const kind = split.isIdle ? KIND['split-idle'] : KIND['split-watermark'];
      const { watermarkMs } = split;
      const record = split.isIdle ? split.lastReadRow : split.highestReadRow;
      cause = recorder.add(kind, subtask, record, NONE, watermarkMs, 0, split.split, NONE);
    }
    if (this.#allowedMs !== WATERMARK_MAX) {
      for (const split of this.splits) this.#pauseIfAhead(split);
      this.#findNextArrival();
    }
    let lowestMs = Infinity;
    let hasOpen = false;
    let hasActive = false;
    for (const split of this.splits) {
      if (split.isFinished || !split.isAssigned) continue;
      hasOpen = true;
      if (split.isIdle) continue;
      hasActive = true;
      if (split.watermarkMs < lowestMs) lowestMs = split.watermarkMs;
    }
    if (!hasActive) {
      if (hasOpen && !this.#isIdle) this.#setIdle(true, cause);
      return;
    }
    if (this.#isIdle) this.#setIdle(false, cause);
    this.#emitWatermark(lowestMs, cause);
  }

  #emitWatermark(watermarkMs: number, cause: number): void {
    if (watermarkMs <= this.watermarkMs) return;
    const { recorder } = this.#runtime;
    const { subtask } = this.#settings;
    const beforeMs = this.watermarkMs;
    this.watermarkMs = watermarkMs;
    const kind = KIND['watermark-emitted'];
    const row = recorder.add(kind, subtask, cause, NONE, watermarkMs, beforeMs, 0, NONE);
    this.#chain.advanceWatermark(watermarkMs, row);
  }

  #setIdle(isIdle: boolean, cause: number): void {
    this.#isIdle = isIdle;
    this.#chain.sendStatus(isIdle, cause);
  }

  #planRound(afterMs: number): void {
    const { autoWatermarkIntervalMs, startMs } = this.#settings;
    if (autoWatermarkIntervalMs === 0 || !Number.isFinite(afterMs)) return;
    const rounds = Math.max(1, Math.ceil((afterMs - startMs) / autoWatermarkIntervalMs));
    let roundMs = startMs + rounds * autoWatermarkIntervalMs;
    if (roundMs < this.#runtime.nowMs) roundMs = this.#runtime.nowMs;
    if (roundMs >= this.#plannedRoundMs) return;
    this.#plannedRoundMs = roundMs;
    this.#runtime.plan(this, roundMs, this.#round);
  }

  /** Silence matters only to splits that may become idle: nothing else needs empty rounds. */
  #planIdleRound(): void {
    const { nowMs } = this.#runtime;
    let nextMs = Infinity;
    for (const split of this.splits) nextMs = Math.min(nextMs, split.nextIdleCheckMs(nowMs));
    if (nextMs !== Infinity) this.#planRound(Math.max(nextMs, nowMs + 1));
  }

  #finishIfRead(split: SplitReader): void {
    if (split.isFinished || split.offset < split.records.length) return;
    if (!this.#settings.isBounded && !this.#logSplits.hasClosed(split)) return;
    if (!split.isAssigned) return;
    split.isFinished = true;
    const { recorder } = this.#runtime;
    const kind = KIND['split-finished'];
    const { subtask } = this.#settings;
    const row = recorder.add(kind, subtask, split.lastReadRow, NONE, 0, 0, split.split, NONE);
    this.#settings.enumerator.noteFinished(split, row);
    // Whoever has no more records holds nobody back.
    if (split.log !== undefined) this.#mergeSplits();
    this.#finishIfDone();
  }

  #onAssigned(split: SplitReader): void {
    this.#findNextArrival();
    if (this.nextArrivalMs() <= this.#runtime.nowMs) this.wake();
    this.#planIdleRound();
    this.#finishIfRead(split);
  }

  #finishIfDone(): void {
    if (!this.#settings.isBounded || this.#isEnding) return;
    if (!this.splits.every((split) => split.isFinished)) return;
    this.#isEnding = true;
    this.#noteHeld();
    const { recorder } = this.#runtime;
    const { subtask } = this.#settings;
    const lastRow = this.splits.reduce((row, split) => Math.max(row, split.lastReadRow), NONE);
    // The end of a bounded input is the promise that nothing follows.
    this.#emitWatermark(WATERMARK_MAX, lastRow);
    const kind = KIND['subtask-finished'];
    const row = recorder.add(kind, subtask, lastRow, NONE, 0, 0, 0, NONE);
    this.#chain.finish(row, () => this.#finish());
  }

  #finish(): void {
    this.isFinished = true;
    const operators = this.#chain.finalSnapshot(this.lastSnapshotId);
    const bytes = this.#chain.byteCount();
    const offsets = this.offsets();
    this.#runtime.taskFinished(this, { operators, offsets, inFlight: [], bytes });
  }
}
