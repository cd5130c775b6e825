import { cloneValue } from '../core/clone.ts';
import type { KeyTable } from '../core/key-table.ts';
import { WATERMARK_MAX, WATERMARK_MIN } from '../core/time.ts';
import { subtaskId } from '../datastream/job-graph.ts';
import type { StreamNode } from '../datastream/stream-graph.ts';
import type { OperatorCall } from '../operators/operator.ts';
import { NO_TIMESTAMP } from '../time/watermark-strategy.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { BatchPlan, Stage } from './batch-plan.ts';
import type { AttemptReason } from './scenario.ts';
import { HashedWindows } from './hashed-windows.ts';
import { TaskChain } from './task-chain.ts';
import { arrangeInput, causeAt, partAt } from './task-input.ts';
import type { InputPart, InputPhase } from './task-input.ts';

/** What an attempt may ask of the execution around it. */
export interface AttemptRuntime {
  readonly recorder: Recorder;
  readonly keys: KeyTable;
  readonly nowMs: number;
  readonly seed: number;
  /** Nothing goes wrong, so that nobody sees what was done in which order. */
  readonly isUndisturbed: boolean;
  /** Counts one step of work; a fault may strike at it. */
  countStep(): void;
  /** Asks for a call at `atMs`, if the attempt still runs then. */
  plan(attempt: TaskAttempt, atMs: number, call: () => void): OperatorCall;
  cancel(call: OperatorCall): void;
  /** Something that kept the attempt from going on is over. */
  resume(attempt: TaskAttempt): void;
}

/** Which attempt of which task it is, and where it runs. */
export interface AttemptPlace {
  readonly stage: Stage;
  readonly index: number;
  /** From 0. */
  readonly number: number;
  readonly reason: AttemptReason;
  readonly slot: number;
  readonly taskManager: number;
}

/** `running` until one of the others. */
export type AttemptStatus = 'running' | 'finished' | 'failed' | 'killed';

/**
 * One attempt of one task: reads its input in order, record by record, and lets its chain work.
 * Simplified: it has fetched all of its input when it begins; what is lost later does not touch it.
 * Invariant: nothing of it goes on once it is over.
 */
export class TaskAttempt {
  readonly place: AttemptPlace;
  readonly startMs: number;
  status: AttemptStatus = 'running';
  /** How many times as long as usual a record takes. */
  slowness = 1;
  /** Handles nothing before this moment. */
  stalledUntilMs = -Infinity;
  recordCount = 0;
  /** The `attempt-started` row. */
  startRow = NONE;
  readonly chain: TaskChain;
  readonly #plan: BatchPlan;
  readonly #runtime: AttemptRuntime;
  #holdCount = 0;
  #phases: readonly InputPhase[] = [];
  /** The phase (or split) that is being read, and the place in it. */
  #phase = 0;
  #at = 0;
  #currentKey = NONE;
  /** When keyed windows are computed in the order of time. */
  #hashed: HashedWindows | undefined;
  /** The fact behind the newest record. */
  #lastRow = NONE;

  constructor(plan: BatchPlan, place: AttemptPlace, runtime: AttemptRuntime) {
    this.place = place;
    this.startMs = runtime.nowMs;
    this.#plan = plan;
    this.#runtime = runtime;
    const { stage, index, number } = place;
    const { configuration, jobGraph, names } = plan;
    const { recorder, keys } = runtime;
    const taskInfo = {
      getIndexOfThisSubtask: () => index,
      getNumberOfParallelSubtasks: () => stage.vertex.parallelism,
      getAttemptNumber: () => number,
    };
    const context = {
      recorder,
      keys,
      taskInfo,
      // Flink's batch state holds the objects themselves, whatever backend is configured.
      backendType: 'hashmap',
      names,
      nowMs: () => runtime.nowMs,
      wakeAt: () => undefined,
      planCall: (atMs: number, call: () => void) => runtime.plan(this, atMs, call),
      cancelCall: (call: OperatorCall) => runtime.cancel(call),
      holdInput: (isHeld: boolean) => this.#hold(isHeld),
    } as const;
    this.chain = new TaskChain(plan, stage.vertex, index, context, {
      keys,
      maxParallelism: jobGraph.maxParallelism,
      copies: !configuration['pipeline.object-reuse'],
      isTraced: recorder.isOn,
      seed: runtime.seed + 104_729 * index + 1_299_709 * number,
    });
  }

  get isOver(): boolean {
    return this.status !== 'running';
  }

  get isHeld(): boolean {
    return this.#holdCount > 0;
  }

  get hasMore(): boolean {
    const { splits } = this.place.stage;
    const count = splits.length > 0 ? this.#splits.length : this.#phases.length;
    return this.#phase < count;
  }

  /** Records that there are to read. */
  get inputCount(): number {
    const splits = this.#splits.reduce((sum, { records }) => sum + records.length, 0);
    return this.#phases.reduce((sum, { count }) => sum + count, splits);
  }

  /** Id of the head's subtask: what facts about the task as a whole name. */
  get subtask(): number {
    const { stage, index } = this.place;
    return subtaskId(stage.vertex, stage.vertex.nodes[0] as StreamNode, index);
  }

  begin(parts: readonly InputPart[]): void {
    const isKeyed = parts.some(({ type }) => type === 'keyed');
    if (isKeyed && this.#runtime.isUndisturbed) {
      const { operator, context } = this.chain.head;
      this.#hashed = HashedWindows.of(operator, context);
    }
    this.#phases = arrangeInput(parts, this.#runtime.keys, this.#hashed !== undefined);
    this.chain.open();
    this.#skipEmpty();
  }

  /** Handles up to `count` records, unless something stops it before. */
  run(count: number): void {
    const end = this.recordCount + count;
    const isSource = this.place.stage.splits.length > 0;
    while (this.hasMore && this.recordCount < end) {
      if (isSource) this.#readSplit(end);
      else this.#readPhase(end);
      if (this.isOver || this.isHeld) return;
      this.#skipEmpty();
    }
  }

  /** All input was read. */
  finish(onFinished: () => void): void {
    const { recorder } = this.#runtime;
    const isSource = this.place.stage.splits.length > 0;
    const kind = KIND[isSource ? 'watermark-emitted' : 'watermark-advanced'];
    const last = this.#lastRow;
    const key = this.#currentKey;
    const row = recorder.add(kind, this.subtask, last, key, WATERMARK_MAX, WATERMARK_MIN, 0, NONE);
    this.#hashed?.finish(this.#runtime.keys, row);
    this.chain.finish(row, () => {
      if (!this.isOver) onFinished();
    });
  }

  get #splits(): Stage['splits'][number] {
    const { stage, index } = this.place;
    return stage.splits[index] ?? [];
  }

  #readSplit(end: number): void {
    const part = this.#splits[this.#phase]!;
    const { body } = this.place.stage.vertex.nodes[0] as StreamNode;
    if (body.type !== 'source') return;
    const assigner = body.strategy.timestampAssigner;
    const copies = !this.#plan.configuration['pipeline.object-reuse'];
    const { recorder } = this.#runtime;
    const { records, split, offsets } = part;
    const { sourceOutput } = this.chain;
    const { subtask } = this;
    while (this.#at < records.length && this.recordCount < end) {
      const place = this.#at;
      const record = records[place]!;
      const logTimeMs = record.timestampMs ?? NO_TIMESTAMP;
      const timestampMs = assigner === undefined ? logTimeMs : assigner(record.value, logTimeMs);
      const kind = KIND['record-read'];
      const offset = offsets?.[place] ?? place;
      const row = recorder.add(kind, subtask, NONE, NONE, timestampMs, offset, split, NONE);
      this.#lastRow = row;
      this.#at = place + 1;
      this.recordCount += 1;
      const value = copies ? cloneValue(record.value) : record.value;
      sourceOutput.emit(value, timestampMs, NONE, row);
      this.#runtime.countStep();
      if (this.isOver || this.isHeld) return;
    }
  }

  #readPhase(end: number): void {
    const phase = this.#phases[this.#phase]!;
    const { values, times, keys, order, count, isKeyed } = phase;
    const { operator } = this.chain.head;
    const { recorder } = this.#runtime;
    const { subtask } = this;
    while (this.#at < count && this.recordCount < end) {
      const place = order === undefined ? this.#at : (order[this.#at] as number);
      const key = keys[place] as number;
      if (isKeyed && key !== this.#currentKey) this.#changeKey(key);
      const timestampMs = times[place] as number;
      const part = partAt(phase, place);
      const row = recorder.isOn
        ? recorder.add(
            KIND['record-received'],
            subtask,
            causeAt(phase, place),
            key,
            timestampMs,
            0,
            part.channel,
            NONE,
          )
        : NONE;
      this.#lastRow = row;
      this.#at += 1;
      this.recordCount += 1;
      this.#hashed?.beforeRecord(timestampMs, row);
      if (part.input === 0) operator.processRecord(values[place], timestampMs, key, row);
      else operator.processRecord2?.(values[place], timestampMs, key, row);
      this.#runtime.countStep();
      if (this.isOver || this.isHeld) return;
    }
  }

  #changeKey(key: number): void {
    if (this.#currentKey !== NONE) {
      this.chain.endKey(this.#currentKey, this.#lastRow);
      this.chain.beginKey(key);
    }
    this.#currentKey = key;
  }

  /** Goes on to what there is to read next. */
  #skipEmpty(): void {
    const isSource = this.place.stage.splits.length > 0;
    while (this.hasMore) {
      const size = isSource
        ? this.#splits[this.#phase]!.records.length
        : this.#phases[this.#phase]!.count;
      if (this.#at < size) return;
      this.#noteSplitEnd(isSource);
      this.#phase += 1;
      this.#at = 0;
    }
  }

  #noteSplitEnd(isSource: boolean): void {
    if (!isSource) return;
    const { split } = this.#splits[this.#phase]!;
    const kind = KIND['split-finished'];
    this.#runtime.recorder.add(kind, this.subtask, this.#lastRow, NONE, 0, 0, split, NONE);
  }

  #hold(isHeld: boolean): void {
    this.#holdCount += isHeld ? 1 : -1;
    if (this.#holdCount === 0 && !this.isOver) this.#runtime.resume(this);
  }
}
