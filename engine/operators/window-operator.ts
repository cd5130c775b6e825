import { cloneValue } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';
import { NumberHeap } from '../core/number-heap.ts';
import { WATERMARK_MAX } from '../core/time.ts';
import { NO_TIMESTAMP } from '../time/watermark-strategy.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { WindowAssigner } from '../windows/assigners.ts';
import { windowStartOf } from '../windows/time-window.ts';
import { emitRecord } from './emission.ts';
import type { Collector, ProcessWindowContext, ProcessWindowFunction } from './functions.ts';
import type { Operator, OperatorContext, OperatorSnapshot } from './operator.ts';
import type { WindowContents } from './window-contents.ts';
import { WindowPane } from './window-pane.ts';

/**
 * Models Flink 2.x WindowOperator with the default EventTimeTrigger: a window fires when the
 * watermark passes its max timestamp, again for every late record within the allowed lateness
 * (accumulating), and is cleared at max timestamp + allowed lateness. A record is dropped, or goes
 * to the late side output, when its window has been cleared.
 * Simplified: windows of all keys with the same bounds share one timer; they fire in the order of
 * the keys' first records (Flink leaves the order open).
 * Invariant: nothing is emitted for a window before the watermark has passed its max timestamp.
 */
export interface WindowOperatorConfig {
  readonly assigner: WindowAssigner;
  readonly allowedLatenessMs: number;
  readonly lateTagId: string | undefined;
  readonly contents: WindowContents;
  readonly windowFunction: ProcessWindowFunction<unknown, unknown, unknown> | undefined;
}

export interface WindowSnapshot {
  readonly entries: readonly (readonly [
    startMs: number,
    key: number,
    contents: unknown,
    row: number,
    isPending: boolean,
  ])[];
}

const ON_TIME = 1;
const LATE = 2;

/** One parallel instance of a window over a keyed stream. */
export class WindowOperator implements Operator {
  readonly #context: OperatorContext;
  readonly #config: WindowOperatorConfig;
  readonly #sizeMs: number;
  readonly #offsetMs: number;
  readonly #panes = new Map<number, WindowPane>();
  /** When a pane must fire or be cleared. */
  readonly #times = new NumberHeap();
  readonly #panesByTime = new Map<number, WindowPane[]>();
  readonly #out: Collector<unknown>;
  readonly #windowContext: ProcessWindowContext;
  #firing: WindowPane | undefined;
  #newest: WindowPane | undefined;

  constructor(context: OperatorContext, config: WindowOperatorConfig) {
    this.#context = context;
    this.#config = config;
    this.#sizeMs = config.assigner.sizeMs;
    this.#offsetMs = config.assigner.offsetMs;
    this.#out = { collect: (record) => this.#emit(record) };
    this.#windowContext = {
      window: () => {
        const { startMs, endMs } = this.#firing as WindowPane;
        return { startMs, endMs };
      },
      currentProcessingTime: () => context.nowMs(),
      currentWatermark: () => context.watermarkMs(),
      output: (tag, record) => {
        context.emitSideOutput(tag.id, record, (this.#firing as WindowPane).endMs - 1);
      },
    };
    context.registerState('window-contents', 'window');
  }

  open(): void {
    this.#config.windowFunction?.open({});
  }

  processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    const context = this.#context;
    context.currentKey = key;
    context.callbackRow = cause;
    if (timestampMs === NO_TIMESTAMP) throw missingTimestamp(value);
    const startMs = windowStartOf(timestampMs, this.#offsetMs, this.#sizeMs);
    const maxTimestampMs = startMs + this.#sizeMs - 1;
    const watermarkMs = context.watermarkMs();
    if (this.#cleanupTimeMs(maxTimestampMs) <= watermarkMs) {
      this.#dropLate(value, timestampMs, watermarkMs);
      return;
    }
    const pane = this.#paneAt(startMs);
    let place = pane.find(key);
    if (place === NONE) place = pane.add(key, this.#config.contents.create());
    const contents = this.#config.contents.add(pane.contents[place], value);
    pane.contents[place] = contents;
    if (context.recorder.isOn) this.#noteUpdate(pane, place);
    if (maxTimestampMs <= watermarkMs) this.#fire(pane, place, LATE, cause);
    else pane.isPending[place] = true;
  }

  processWatermark(watermarkMs: number, cause: number): void {
    while (this.#times.peek() <= watermarkMs) {
      const timeMs = this.#times.pop();
      const due = this.#panesByTime.get(timeMs) as WindowPane[];
      this.#panesByTime.delete(timeMs);
      for (const pane of due) this.#onTime(pane, timeMs, cause);
    }
  }

  onProcessingTime(_cause: number): void {}

  snapshot(): OperatorSnapshot {
    const entries: [number, number, unknown, number, boolean][] = [];
    for (const pane of this.#panes.values()) {
      for (let place = 0; place < pane.keys.size; place += 1) {
        const key = pane.keys.ids[place] as number;
        const contents = cloneValue(pane.contents[place]);
        const row = pane.rows[place] as number;
        entries.push([pane.startMs, key, contents, row, pane.isPending[place] as boolean]);
      }
    }
    return { windows: { entries } };
  }

  restore(snapshot: OperatorSnapshot): void {
    for (const [startMs, key, contents, row, isPending] of snapshot.windows?.entries ?? []) {
      const pane = this.#paneAt(startMs);
      const place = pane.add(key, cloneValue(contents));
      pane.rows[place] = row;
      pane.isPending[place] = isPending;
      // What comes from another run has no fact in this one yet.
      if (row === NONE && this.#context.recorder.isOn) {
        this.#context.currentKey = key;
        this.#noteUpdate(pane, place);
      }
    }
  }

  noteRestored(cause: number): void {
    this.#context.callbackRow = cause;
    for (const pane of this.#panes.values()) {
      for (let place = 0; place < pane.keys.size; place += 1) {
        this.#context.currentKey = pane.keys.ids[place] as number;
        this.#noteUpdate(pane, place);
      }
    }
  }

  entryCount(): number {
    let count = 0;
    for (const pane of this.#panes.values()) count += pane.keys.size;
    return count;
  }

  #cleanupTimeMs(maxTimestampMs: number): number {
    return Math.min(maxTimestampMs + this.#config.allowedLatenessMs, WATERMARK_MAX);
  }

  #paneAt(startMs: number): WindowPane {
    if (this.#newest?.startMs === startMs) return this.#newest;
    let pane = this.#panes.get(startMs);
    if (pane === undefined) {
      pane = new WindowPane(startMs, startMs + this.#sizeMs, this.#newest?.keys.size ?? 0);
      this.#panes.set(startMs, pane);
      const maxTimestampMs = pane.endMs - 1;
      this.#planAt(maxTimestampMs, pane);
      const cleanupMs = this.#cleanupTimeMs(maxTimestampMs);
      if (cleanupMs !== maxTimestampMs) this.#planAt(cleanupMs, pane);
    }
    this.#newest = pane;
    return pane;
  }

  #planAt(timeMs: number, pane: WindowPane): void {
    const due = this.#panesByTime.get(timeMs);
    if (due !== undefined) {
      due.push(pane);
      return;
    }
    this.#panesByTime.set(timeMs, [pane]);
    this.#times.push(timeMs);
  }

  #onTime(pane: WindowPane, timeMs: number, cause: number): void {
    const maxTimestampMs = pane.endMs - 1;
    if (timeMs === maxTimestampMs) {
      for (let place = 0; place < pane.keys.size; place += 1) {
        if (pane.isPending[place] !== true) continue;
        pane.isPending[place] = false;
        this.#fire(pane, place, ON_TIME, cause);
      }
    }
    if (timeMs === this.#cleanupTimeMs(maxTimestampMs)) this.#clear(pane, cause);
  }

  #fire(pane: WindowPane, place: number, timing: number, cause: number): void {
    const context = this.#context;
    const { recorder } = context;
    const key = pane.keys.ids[place] as number;
    context.currentKey = key;
    this.#firing = pane;
    if (recorder.isOn) {
      const last = pane.rows[place] as number;
      const { subtask } = context;
      const { startMs, endMs } = pane;
      const kind = KIND['window-fired'];
      const row = recorder.add(kind, subtask, cause, key, startMs, endMs, timing, last);
      recorder.setValue(row, pane.contents[place]);
      context.callbackRow = row;
    }
    const elements = this.#config.contents.elements(pane.contents[place]);
    const { windowFunction } = this.#config;
    if (windowFunction === undefined) {
      for (const element of elements) this.#emit(element);
    } else {
      const keyValue = context.keys.valueOf(key);
      windowFunction.process(keyValue, this.#windowContext, elements, this.#out);
    }
  }

  #emit(record: unknown): void {
    emitRecord(this.#context, record, (this.#firing as WindowPane).endMs - 1);
  }

  #clear(pane: WindowPane, cause: number): void {
    this.#panes.delete(pane.startMs);
    if (this.#newest === pane) this.#newest = undefined;
    const { recorder, subtask } = this.#context;
    if (!recorder.isOn) return;
    for (let place = 0; place < pane.keys.size; place += 1) {
      const key = pane.keys.ids[place] as number;
      const { startMs, endMs } = pane;
      const last = pane.rows[place] as number;
      recorder.add(KIND['window-cleared'], subtask, cause, key, startMs, endMs, 1, last);
    }
  }

  #noteUpdate(pane: WindowPane, place: number): void {
    const { recorder, subtask, callbackRow, currentKey } = this.#context;
    const { startMs, endMs } = pane;
    const last = pane.rows[place] as number;
    const kind = KIND['window-updated'];
    const row = recorder.add(kind, subtask, callbackRow, currentKey, startMs, endMs, 0, last);
    recorder.setValue(row, pane.contents[place]);
    pane.rows[place] = row;
  }

  #dropLate(value: unknown, timestampMs: number, watermarkMs: number): void {
    const { lateTagId } = this.#config;
    const context = this.#context;
    if (lateTagId !== undefined) {
      context.emitSideOutput(lateTagId, value, timestampMs);
      return;
    }
    const { recorder, subtask, callbackRow, currentKey } = context;
    const kind = KIND['record-dropped-late'];
    recorder.add(kind, subtask, callbackRow, currentKey, timestampMs, watermarkMs, 0, NONE);
  }
}

function missingTimestamp(value: unknown): ConfigError {
  return new ConfigError(
    'an event-time window needs records with a timestamp',
    value,
    'give the source a WatermarkStrategy with a timestamp assigner, or timestamps in the log',
  );
}
