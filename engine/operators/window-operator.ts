import { cloneValue } from '../core/clone.ts';
import { NumberHeap } from '../core/number-heap.ts';
import { WATERMARK_MAX } from '../core/time.ts';
import { byteSize, entryBytes } from '../state/byte-size.ts';
import { NO_TIMESTAMP } from '../time/watermark-strategy.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import { missingTimestamp } from '../windows/assigners.ts';
import { windowStartOf } from '../windows/time-window.ts';
import { emitRecord } from './emission.ts';
import type { ProcessWindowFunction } from './functions.ts';
import type { Operator, OperatorContext, OperatorSnapshot } from './operator.ts';
import { contentsIn } from './window-contents.ts';
import type { WindowContents } from './window-contents.ts';
import { WindowEmitter } from './window-emitter.ts';
import { WindowPane } from './window-pane.ts';
import { NO_WINDOW_TIMERS, asPanes, checkMerging } from './window-snapshot.ts';

/** Aligned windows of event time: size, distance of their starts, and where these lie. */
export interface AlignedWindows {
  readonly sizeMs: number;
  /** For tumbling windows, the size. */
  readonly slideMs: number;
  readonly offsetMs: number;
}

/**
 * Models Flink 2.3.0 WindowOperator for the commonest case: tumbling and sliding windows of event
 * time with the default EventTimeTrigger and no evictor. A window fires when the watermark passes
 * its max timestamp, again for every late record within the allowed lateness (accumulating), and
 * is cleared at max timestamp + allowed lateness. A record is dropped, or goes to the late side
 * output, when all its windows were cleared and its own time + the lateness is not ahead of the
 * watermark.
 * Simplified: windows of all keys with the same bounds share one timer, which is no fact of its
 * own; they fire in the order of the keys' first records (Flink leaves the order open).
 * Invariant: nothing is emitted for a window before the watermark has passed its max timestamp,
 * and what is emitted is what TriggeredWindowOperator would emit.
 */
export interface WindowOperatorConfig {
  readonly windows: AlignedWindows;
  readonly allowedLatenessMs: number;
  readonly lateTagId: string | undefined;
  readonly contents: WindowContents;
  readonly windowFunction: ProcessWindowFunction<unknown, unknown, unknown> | undefined;
}

const ON_TIME = 1;
const LATE = 2;
/** A power of two, above the number of panes that are usually open at a time. */
const RECENT_PANES = 16;

/** One parallel instance of a window over a keyed stream. */
export class WindowOperator implements Operator {
  readonly neverPlans = true;
  readonly #context: OperatorContext;
  readonly #config: WindowOperatorConfig;
  readonly #contents: WindowContents;
  readonly #sizeMs: number;
  readonly #slideMs: number;
  readonly #offsetMs: number;
  readonly #latenessMs: number;
  readonly #panes = new Map<number, WindowPane>();
  /** When a pane must fire or be cleared. */
  readonly #times = new NumberHeap();
  readonly #panesByTime = new Map<number, WindowPane[]>();
  readonly #emitter: WindowEmitter;
  /** How many keys a pane had that is over: as many as the next one may have. */
  #keyCountExpected = 0;
  /** Panes by their number modulo `RECENT_PANES`, to find the few in use without the map. */
  readonly #recent = new Array<WindowPane | undefined>(RECENT_PANES).fill(undefined);

  constructor(context: OperatorContext, config: WindowOperatorConfig) {
    this.#context = context;
    this.#config = config;
    this.#contents = contentsIn(context.backendType, config.contents);
    this.#sizeMs = config.windows.sizeMs;
    this.#slideMs = config.windows.slideMs;
    this.#offsetMs = config.windows.offsetMs;
    this.#latenessMs = config.allowedLatenessMs;
    this.#emitter = new WindowEmitter(context, config.windowFunction, false);
    context.registerState('window-contents', 'window');
  }

  get windowFunction(): WindowOperatorConfig['windowFunction'] {
    return this.#config.windowFunction;
  }

  open(): void {
    this.#emitter.open();
  }

  processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    const context = this.#context;
    context.currentKey = key;
    context.callbackRow = cause;
    if (timestampMs === NO_TIMESTAMP) throw missingTimestamp(value);
    const watermarkMs = context.watermarkMs();
    const lastStartMs = windowStartOf(timestampMs, this.#offsetMs, this.#slideMs);
    const afterMs = timestampMs - this.#sizeMs;
    let isSkipped = true;
    let at = this.#recentPlaceOf(lastStartMs) + 1;
    for (let startMs = lastStartMs; startMs > afterMs; startMs -= this.#slideMs) {
      at = (at - 1) & (RECENT_PANES - 1);
      const maxTimestampMs = startMs + this.#sizeMs - 1;
      if (this.#cleanupTimeMs(maxTimestampMs) <= watermarkMs) continue;
      isSkipped = false;
      context.callbackRow = cause;
      const pane = this.#paneAt(startMs, at);
      this.#add(pane, key, value, timestampMs, maxTimestampMs <= watermarkMs);
    }
    if (isSkipped && timestampMs + this.#latenessMs <= watermarkMs) {
      this.#dropLate(value, timestampMs, watermarkMs);
    }
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

  endKey(cause: number): void {
    this.#context.callbackRow = cause;
    this.#emitter.clearState();
  }

  snapshot(): OperatorSnapshot {
    const entries: [number, number, unknown, number, boolean, number][] = [];
    for (const pane of this.#panes.values()) {
      for (let place = 0; place < pane.keys.size; place += 1) {
        const key = pane.keys.ids[place] as number;
        const contents = cloneValue(pane.contents[place]);
        const row = pane.rows[place] ?? NONE;
        const isPending = pane.isPending[place] as boolean;
        entries.push([pane.startMs, key, contents, row, isPending, pane.endMs]);
      }
    }
    return {
      keyed: this.#emitter.snapshotGlobalState(),
      windows: {
        format: 'panes',
        merges: false,
        entries,
        states: this.#emitter.windowState.snapshot(),
        timers: NO_WINDOW_TIMERS,
        mergingSets: [],
      },
    };
  }

  restore({ keyed, windows: written }: OperatorSnapshot): void {
    this.#emitter.restoreGlobalState(keyed);
    if (written === undefined) return;
    checkMerging(written, false);
    const windows = asPanes(written, this.#sizeMs);
    this.#emitter.windowState.restore(windows.states);
    for (const [startMs, key, contents, row, isPending] of windows.entries) {
      const pane = this.#paneAt(startMs, this.#recentPlaceOf(startMs));
      const place = pane.add(key, cloneValue(contents));
      if (this.#context.recorder.isOn) pane.rows[place] = row;
      pane.isPending[place] = isPending;
      // What comes from another run has no fact in this one yet.
      if (row === NONE && this.#context.recorder.isOn) {
        this.#context.currentKey = key;
        this.#context.callbackRow = NONE;
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
    let count = this.#emitter.entryCount();
    for (const pane of this.#panes.values()) count += pane.keys.size;
    return count;
  }

  byteCount(): number {
    let bytes = this.#emitter.byteCount();
    const perEntry = entryBytes(this.#context.backendType) + 16;
    for (const pane of this.#panes.values()) {
      for (let place = 0; place < pane.keys.size; place += 1) {
        bytes += perEntry + byteSize(pane.contents[place]);
      }
    }
    return bytes;
  }

  #add(pane: WindowPane, key: number, value: unknown, timestampMs: number, isOver: boolean): void {
    let place = pane.find(key);
    if (place === NONE) place = pane.add(key, this.#contents.create());
    pane.contents[place] = this.#contents.add(pane.contents[place], value, timestampMs);
    const { recorder, callbackRow } = this.#context;
    if (recorder.isOn) this.#noteUpdate(pane, place);
    if (isOver) this.#fire(pane, place, LATE, callbackRow);
    else pane.isPending[place] = true;
  }

  #cleanupTimeMs(maxTimestampMs: number): number {
    return Math.min(maxTimestampMs + this.#latenessMs, WATERMARK_MAX);
  }

  #recentPlaceOf(startMs: number): number {
    return Math.floor(startMs / this.#slideMs) & (RECENT_PANES - 1);
  }

  #paneAt(startMs: number, recentPlace: number): WindowPane {
    const recent = this.#recent[recentPlace];
    if (recent !== undefined && recent.startMs === startMs) return recent;
    const pane = this.#panes.get(startMs) ?? this.#open(startMs);
    this.#recent[recentPlace] = pane;
    return pane;
  }

  #open(startMs: number): WindowPane {
    const pane = new WindowPane(startMs, startMs + this.#sizeMs, this.#keyCountExpected);
    this.#panes.set(startMs, pane);
    const maxTimestampMs = pane.endMs - 1;
    this.#planAt(maxTimestampMs, pane);
    const cleanupMs = this.#cleanupTimeMs(maxTimestampMs);
    if (cleanupMs !== maxTimestampMs) this.#planAt(cleanupMs, pane);
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
    if (recorder.isOn) this.#noteFired(pane, place, timing, cause);
    const elements = this.#contents.elements(pane.contents[place]);
    if (this.#config.windowFunction !== undefined) this.#emitter.emit(pane, elements);
    else for (const element of elements) emitRecord(context, element, pane.endMs - 1);
  }

  #clear(pane: WindowPane, cause: number): void {
    this.#panes.delete(pane.startMs);
    this.#keyCountExpected = pane.keys.size;
    const recentPlace = this.#recentPlaceOf(pane.startMs);
    if (this.#recent[recentPlace] === pane) this.#recent[recentPlace] = undefined;
    const context = this.#context;
    const { recorder, subtask } = context;
    if (!recorder.isOn && !this.#emitter.clears) return;
    const { startMs, endMs } = pane;
    for (let place = 0; place < pane.keys.size; place += 1) {
      const key = pane.keys.ids[place] as number;
      context.currentKey = key;
      context.callbackRow = cause;
      if (recorder.isOn) {
        const last = pane.rows[place] as number;
        recorder.add(KIND['window-cleared'], subtask, cause, key, startMs, endMs, 1, last);
      }
      this.#emitter.clear(pane);
    }
  }

  #noteFired(pane: WindowPane, place: number, timing: number, cause: number): void {
    const context = this.#context;
    const { recorder, subtask, currentKey } = context;
    const { startMs, endMs } = pane;
    const last = pane.rows[place] as number;
    const kind = KIND['window-fired'];
    const row = recorder.add(kind, subtask, cause, currentKey, startMs, endMs, timing, last);
    recorder.setValue(row, pane.contents[place]);
    context.callbackRow = row;
  }

  #noteUpdate(pane: WindowPane, place: number): void {
    const { recorder, subtask, callbackRow, currentKey } = this.#context;
    const { startMs, endMs } = pane;
    const last = pane.rows[place] ?? NONE;
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
