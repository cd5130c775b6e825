import { KIND } from '../../../engine/trace/kinds.ts';
import { NONE, Recorder } from '../../../engine/trace/recorder.ts';
import type { KeyTable } from '../../../engine/core/key-table.ts';
import type {
  Operator,
  OperatorContext,
  OperatorSnapshot,
} from '../../../engine/operators/operator.ts';
import { asTriggered } from '../../../engine/operators/window-snapshot.ts';
import type { StateBackendType } from '../../../engine/state/state-context.ts';
import { InputWatermarks } from '../../../engine/time/input-watermarks.ts';
import { NO_TIMESTAMP } from '../../../engine/time/watermark-strategy.ts';
import { timeText, timestampText } from './item.ts';
import type { Item } from './item.ts';

/** What is the same for all subtasks of an operator. */
export interface SubtaskSettings {
  readonly keys: KeyTable;
  readonly backendType: StateBackendType;
  readonly isTraced: boolean;
  readonly inputCount: number;
  readonly latenessMs: number;
  readonly create: (context: OperatorContext) => Operator;
}

const SIDES = ['late', 'late-right', 'side'] as const;

/** Counts what is recorded of one kind, and keeps the rows. */
class CountingRecorder extends Recorder {
  droppedCount = 0;

  override add(...[kind, ...others]: Parameters<Recorder['add']>): ReturnType<Recorder['add']> {
    if (kind === KIND['record-dropped-late']) this.droppedCount += 1;
    return super.add(kind, ...others);
  }
}

/** One subtask of the engine's operator, driven by hand as Flink's test harness drives Flink's. */
export class Subtask {
  readonly #operator: Operator;
  readonly #recorder: CountingRecorder;
  readonly #settings: SubtaskSettings;
  readonly #watermarks: InputWatermarks;
  readonly #out: string[] = [];
  readonly #sides = new Map<string, string[]>(SIDES.map((name) => [name, []]));
  #nowMs: number;

  constructor(
    settings: SubtaskSettings,
    place: { readonly index: number; readonly parallelism: number; readonly nowMs: number },
    restored?: OperatorSnapshot,
  ) {
    this.#settings = settings;
    this.#nowMs = place.nowMs;
    this.#recorder = new CountingRecorder(settings.isTraced);
    const inputs = Array.from({ length: settings.inputCount }, (_, input) => input);
    this.#watermarks = new InputWatermarks(inputs, {
      onWatermark: (watermarkMs) => {
        this.#operator.processWatermark(watermarkMs, NONE);
        this.#out.push(`watermark ${timeText(watermarkMs)}`);
      },
      onStatus: (isIdle) => this.#out.push(isIdle ? 'idle' : 'active'),
    });
    this.#operator = settings.create(this.#createContext(place));
    if (restored !== undefined) this.#operator.restore(restored);
    this.#operator.open();
  }

  record(input: number, item: Item, atMs: number | null, isKeyed: boolean): void {
    const key = isKeyed ? this.#settings.keys.intern(item.key) : NONE;
    const timestampMs = atMs ?? NO_TIMESTAMP;
    if (input === 0) this.#operator.processRecord(item, timestampMs, key, NONE);
    else this.#operator.processRecord2?.(item, timestampMs, key, NONE);
  }

  watermark(input: number, watermarkMs: number): void {
    this.#watermarks.inputWatermark(input, watermarkMs, NONE);
  }

  status(input: number, isIdle: boolean): void {
    this.#watermarks.inputStatus(input, isIdle, NONE);
  }

  clock(nowMs: number): void {
    this.#nowMs = nowMs;
    this.#operator.onProcessingTime(NONE);
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    return JSON.parse(JSON.stringify(this.#operator.snapshot(checkpointId))) as OperatorSnapshot;
  }

  /** What came out since the last call: the main output first, then each side output. */
  takeOutput(): string[] {
    return [this.#out, ...this.#sides.values()].flatMap((texts) => texts.splice(0));
  }

  takeDropped(): number {
    const count = this.#recorder.droppedCount;
    this.#recorder.droppedCount = 0;
    return count;
  }

  sizes(): { readonly timers: readonly [number, number]; readonly entries: number } {
    const { keyed = [], windows, eventTimers, processingTimers } = this.#operator.snapshot(0);
    let entries = 0;
    for (const { entries: cells, leftOut } of keyed) {
      // What has expired may be left out of a snapshot, and is held all the same.
      entries += new Set([...cells, ...leftOut].map(([key]) => key)).size;
    }
    if (windows === undefined) {
      const counts = [eventTimers, processingTimers].map((timers) => timers?.entries.length ?? 0);
      return { timers: [counts[0]!, counts[1]!], entries };
    }
    const { timers, states, mergingSets } = asTriggered(windows, this.#settings.latenessMs);
    const names = states.map(([name, , key, startMs, endMs]) =>
      [name, key, startMs, endMs].join(' '),
    );
    entries += windows.entries.length + new Set(names).size;
    entries += new Set(mergingSets.map(([key]) => key)).size;
    return { timers: [timers.eventTime.length, timers.processingTime.length], entries };
  }

  #createContext(place: { readonly index: number; readonly parallelism: number }): OperatorContext {
    return {
      recorder: this.#recorder,
      keys: this.#settings.keys,
      subtask: place.index,
      currentKey: NONE,
      callbackRow: NONE,
      output: {
        emit: (value, timestampMs) =>
          this.#out.push(`out ${String(value)} @${timestampText(timestampMs)}`),
      },
      taskInfo: {
        getIndexOfThisSubtask: () => place.index,
        getNumberOfParallelSubtasks: () => place.parallelism,
        getAttemptNumber: () => 0,
      },
      backendType: this.#settings.backendType,
      hasCheckpoints: true,
      nowMs: () => this.#nowMs,
      watermarkMs: () => this.#watermarks.watermarkMs,
      wakeAt: () => undefined,
      planCall: () => ({ isCancelled: false }),
      cancelCall: () => undefined,
      holdInput: () => undefined,
      forwardWatermark: () => undefined,
      registerState: () => 0,
      emitSideOutput: (tagId, value, timestampMs) => {
        const text = typeof value === 'string' ? value : itemText(value as Item);
        this.#sides.get(tagId)?.push(`${tagId} ${text} @${timestampText(timestampMs)}`);
      },
    };
  }
}

function itemText({ key, n }: Item): string {
  return `${key}=${n}`;
}
