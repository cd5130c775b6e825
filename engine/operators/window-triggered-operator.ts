import { ConfigError } from '../core/errors.ts';
import { WATERMARK_MAX } from '../core/time.ts';
import type { WindowTimer } from '../state/window-timers.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { WindowMerge } from '../windows/merging-window-set.ts';
import { maxTimestampOf } from '../windows/time-window.ts';
import type { TimeWindow } from '../windows/time-window.ts';
import { MergingWindowAssigner } from '../windows/window-assigner.ts';
import type { WindowAssigner, WindowAssignerContext } from '../windows/window-assigner.ts';
import type { ProcessWindowFunction } from './functions.ts';
import type { Operator, OperatorContext, OperatorSnapshot } from './operator.ts';
import { contentsIn, evictableContents } from './window-contents.ts';
import type { WindowContents } from './window-contents.ts';
import { WindowContentsStore } from './window-contents-store.ts';
import type { HeldContents } from './window-contents-store.ts';
import { WindowEmitter } from './window-emitter.ts';
import type { Evictor, EvictorContext, TimestampedValue } from './window-evictors.ts';
import { WindowsInFlight } from './window-merging.ts';
import { asTriggered, checkMerging } from './window-snapshot.ts';
import { TriggerResult, isFire, isPurge } from './window-trigger.ts';
import type { Trigger } from './window-trigger.ts';
import { WindowTriggerDriver } from './window-trigger-driver.ts';

export interface TriggeredWindowConfig {
  readonly assigner: WindowAssigner;
  readonly trigger: Trigger;
  readonly evictor: Evictor<unknown> | undefined;
  readonly allowedLatenessMs: number;
  readonly lateTagId: string | undefined;
  readonly contents: WindowContents;
  readonly windowFunction: ProcessWindowFunction<unknown, unknown, unknown> | undefined;
}

const EARLY = 0;
const ON_TIME = 1;
const LATE = 2;

/**
 * Models Flink 2.3.0 WindowOperator and EvictingWindowOperator with any assigner, trigger and
 * evictor: a record goes into its windows, merged ones first, then the trigger decides; timers
 * belong to a key and a window; a window is cleared at its end plus the allowed lateness. A record
 * is late when all its windows were, and its own time plus the lateness lies behind the watermark.
 * Simplified: contents of merged windows join in the order of their starts.
 * Invariant: nothing of a window stays after its clean-up but what a trigger or function forgot.
 */
export class TriggeredWindowOperator implements Operator {
  readonly #context: OperatorContext;
  readonly #config: TriggeredWindowConfig;
  readonly #isEventTime: boolean;
  readonly #contents: WindowContentsStore;
  readonly #elementsOf: WindowContents;
  readonly #driver: WindowTriggerDriver;
  readonly #emitter: WindowEmitter;
  /** Undefined when windows do not merge. */
  readonly #inFlight: WindowsInFlight | undefined;
  readonly #assignerContext: WindowAssignerContext;
  readonly #evictorContext: EvictorContext;

  constructor(context: OperatorContext, config: TriggeredWindowConfig) {
    this.#context = context;
    this.#config = config;
    const { assigner, evictor, trigger } = config;
    const isMerging = assigner instanceof MergingWindowAssigner;
    this.#isEventTime = assigner.isEventTime();
    const kept = evictor === undefined ? config.contents : evictableContents(config.contents);
    this.#elementsOf = contentsIn(context.backendType, kept);
    this.#contents = new WindowContentsStore(context, this.#elementsOf);
    this.#emitter = new WindowEmitter(context, config.windowFunction, isMerging);
    this.#driver = new WindowTriggerDriver(context, trigger, this.#emitter.windowState);
    this.#inFlight = isMerging ? new WindowsInFlight(context) : undefined;
    this.#assignerContext = { getCurrentProcessingTime: () => this.#driver.clockMs() };
    this.#evictorContext = {
      getCurrentProcessingTime: () => this.#driver.clockMs(),
      getCurrentWatermark: () => context.watermarkMs(),
    };
  }

  open(): void {
    this.#emitter.open();
    this.#driver.open();
  }

  processRecord(value: unknown, timestampMs: number, key: number, cause: number): void {
    const context = this.#context;
    context.currentKey = key;
    context.callbackRow = cause;
    const { assigner } = this.#config;
    const windows = assigner.assignWindows(value as never, timestampMs, this.#assignerContext);
    let isSkipped = true;
    for (const assigned of windows) {
      const window = this.#mergedWith(assigned);
      if (this.#isLate(window)) {
        this.#inFlight?.retire(window);
        continue;
      }
      isSkipped = false;
      const stateWindow = this.#stateWindowOf(window) as TimeWindow;
      this.#contents.add(window, stateWindow, value, timestampMs);
      const result = this.#driver.onElement(value, timestampMs, window);
      if (result !== TriggerResult.CONTINUE) {
        this.#obey(result, window, stateWindow, this.#timingNow(window));
      }
      context.callbackRow = cause;
      this.#registerCleanup(window);
    }
    if (isSkipped && this.#isEventTime) this.#dropIfLate(value, timestampMs);
  }

  processWatermark(watermarkMs: number, cause: number): void {
    for (;;) {
      const timer = this.#driver.nextEventTimer(watermarkMs, cause);
      if (timer === undefined) return;
      this.#onTimer(timer, true);
    }
  }

  onProcessingTime(cause: number): void {
    for (;;) {
      const timer = this.#driver.nextProcessingTimer(cause);
      if (timer === undefined) return;
      this.#onTimer(timer, false);
    }
  }

  endKey(cause: number): void {
    for (;;) {
      const timer = this.#driver.nextProcessingTimer(cause, Infinity);
      if (timer === undefined) break;
      this.#onTimer(timer, false);
    }
    this.#context.callbackRow = cause;
    this.#contents.clearAll((key, window) => this.#windowOf(key, window));
    this.#inFlight?.clearAll();
    this.#emitter.clearState();
  }

  entryCount(): number {
    const others = this.#driver.timerCount() + (this.#inFlight?.size ?? 0);
    return this.#contents.entryCount() + this.#emitter.entryCount() + others;
  }

  byteCount(): number {
    return this.#contents.byteCount() + this.#emitter.byteCount() + this.#driver.byteCount();
  }

  snapshot(): OperatorSnapshot {
    return {
      keyed: this.#emitter.snapshotGlobalState(),
      windows: {
        format: 'triggered',
        merges: this.#inFlight !== undefined,
        entries: this.#contents.snapshot(),
        states: this.#emitter.windowState.snapshot(),
        timers: this.#driver.snapshot(),
        mergingSets: this.#inFlight?.snapshot() ?? [],
      },
    };
  }

  restore({ keyed, windows: written }: OperatorSnapshot): void {
    this.#emitter.restoreGlobalState(keyed);
    if (written === undefined) return;
    checkMerging(written, this.#inFlight !== undefined);
    const windows = asTriggered(written, this.#config.allowedLatenessMs);
    this.#contents.restore(windows.entries);
    this.#emitter.windowState.restore(windows.states);
    this.#driver.restore(windows.timers);
    this.#inFlight?.restore(windows.mergingSets);
    // What comes from another run has no fact in this one yet.
    this.#context.callbackRow = NONE;
    this.#contents.noteRestored(false, (key, window) => this.#windowOf(key, window));
  }

  /** Simplified: a trigger's own state is not written into the trace again. */
  noteRestored(cause: number): void {
    this.#context.callbackRow = cause;
    this.#contents.noteRestored(true, (key, window) => this.#windowOf(key, window));
    this.#driver.noteRestored();
  }

  #windowOf(key: number, stateWindow: TimeWindow): TimeWindow {
    return this.#inFlight?.windowOf(key, stateWindow) ?? stateWindow;
  }

  #onTimer(timer: WindowTimer, isEventTimer: boolean): void {
    const { window, timeMs } = timer;
    const { callbackRow } = this.#context;
    // A trigger of merged windows may leave timers of theirs behind: these mean nothing any more.
    const stateWindow = this.#stateWindowOf(window);
    if (stateWindow === undefined) return;
    const result = isEventTimer
      ? this.#driver.onEventTime(timer)
      : this.#driver.onProcessingTime(timer);
    const isOwnTime = isEventTimer === this.#isEventTime;
    const timing = isOwnTime ? timingAt(timeMs, window) : this.#timingNow(window);
    this.#obey(result, window, stateWindow, timing);
    if (!isOwnTime || timeMs !== this.#cleanupTimeMs(window)) return;
    this.#context.callbackRow = callbackRow;
    this.#contents.clear(window, stateWindow, true);
    this.#driver.clear(window);
    this.#emitter.clear(window);
    this.#inFlight?.retire(window);
  }

  #obey(result: TriggerResult, window: TimeWindow, stateWindow: TimeWindow, timing: number): void {
    const cause = this.#context.callbackRow;
    if (isFire(result)) this.#fire(window, stateWindow, timing, cause);
    if (!isPurge(result)) return;
    this.#context.callbackRow = cause;
    this.#contents.clear(window, stateWindow, false);
  }

  #fire(window: TimeWindow, stateWindow: TimeWindow, timing: number, cause: number): void {
    const held = this.#contents.get(stateWindow);
    if (held === undefined) return;
    const context = this.#context;
    const { recorder, subtask, currentKey } = context;
    if (recorder.isOn) {
      const kind = KIND['window-fired'];
      const { startMs, endMs } = window;
      const row = recorder.add(kind, subtask, cause, currentKey, startMs, endMs, timing, held.row);
      context.callbackRow = row;
    }
    if (this.#config.evictor === undefined) {
      if (recorder.isOn) recorder.setValue(context.callbackRow, held.value);
      this.#emitter.emit(window, this.#elementsOf.elements(held.value));
    } else {
      this.#fireEvicting(this.#config.evictor, window, stateWindow, held);
    }
  }

  #fireEvicting(
    evictor: Evictor<unknown>,
    window: TimeWindow,
    stateWindow: TimeWindow,
    held: HeldContents,
  ): void {
    const { recorder, callbackRow } = this.#context;
    const kept = held.value as TimestampedValue<unknown>[];
    const countBefore = kept.length;
    evictor.evictBefore(kept, kept.length, window, this.#evictorContext);
    if (recorder.isOn) recorder.setValue(callbackRow, kept);
    this.#emitter.emit(window, this.#elementsOf.elements(kept));
    evictor.evictAfter(kept, kept.length, window, this.#evictorContext);
    if (kept.length === countBefore) return;
    this.#context.callbackRow = callbackRow;
    if (recorder.isOn) this.#contents.noteUpdate(window, held);
    if (kept.length === 0) this.#contents.drop(stateWindow);
  }

  /** The window in flight that a record's window is part of from now on. */
  #mergedWith(assigned: TimeWindow): TimeWindow {
    if (this.#inFlight === undefined) return assigned;
    return this.#inFlight.addWindow(assigned, (merge) => this.#merge(merge));
  }

  #merge(merge: WindowMerge): void {
    const { result, merged } = merge;
    this.#checkMerged(result);
    this.#driver.onMerge(result, merged);
    for (const window of merged) {
      this.#driver.clear(window);
      const cleanupMs = this.#cleanupTimeMs(window);
      if (cleanupMs < WATERMARK_MAX) this.#driver.deleteTimer(this.#isEventTime, cleanupMs, window);
    }
    this.#contents.merge(merge);
  }

  #checkMerged(result: TimeWindow): void {
    const maxMs = maxTimestampOf(result);
    const untilMs = this.#isEventTime ? maxMs + this.#config.allowedLatenessMs : maxMs;
    const nowMs = this.#isEventTime ? this.#context.watermarkMs() : this.#driver.clockMs();
    if (untilMs > nowMs) return;
    const [time, now] = this.#isEventTime
      ? ['event-time', 'watermark']
      : ['processing-time', 'processing time'];
    throw new ConfigError(
      `The end timestamp of a ${time} window cannot become earlier than ` +
        `the current ${now} by merging`,
      `window [${result.startMs}, ${result.endMs}) at ${now} ${nowMs}`,
      'let the assigner give windows that end after it',
    );
  }

  /** Where the contents of a window are kept; undefined when it is not in flight. */
  #stateWindowOf(window: TimeWindow): TimeWindow | undefined {
    return this.#inFlight === undefined ? window : this.#inFlight.stateWindowOf(window);
  }

  #cleanupTimeMs(window: TimeWindow): number {
    const maxMs = maxTimestampOf(window);
    return this.#isEventTime
      ? Math.min(maxMs + this.#config.allowedLatenessMs, WATERMARK_MAX)
      : maxMs;
  }

  #registerCleanup(window: TimeWindow): void {
    const cleanupMs = this.#cleanupTimeMs(window);
    // Nobody cleans up at the end of time.
    if (cleanupMs < WATERMARK_MAX) this.#driver.registerTimer(this.#isEventTime, cleanupMs, window);
  }

  #isLate(window: TimeWindow): boolean {
    return this.#isEventTime && this.#cleanupTimeMs(window) <= this.#context.watermarkMs();
  }

  /** How a firing that no timer of the window's own time caused stands to the window's end. */
  #timingNow(window: TimeWindow): number {
    const nowMs = this.#isEventTime ? this.#context.watermarkMs() : this.#driver.clockMs() - 1;
    return nowMs < maxTimestampOf(window) ? EARLY : LATE;
  }

  #dropIfLate(value: unknown, timestampMs: number): void {
    const context = this.#context;
    const watermarkMs = context.watermarkMs();
    if (timestampMs + this.#config.allowedLatenessMs > watermarkMs) return;
    const { lateTagId } = this.#config;
    if (lateTagId !== undefined) {
      context.emitSideOutput(lateTagId, value, timestampMs);
      return;
    }
    const { recorder, subtask, callbackRow, currentKey } = context;
    const kind = KIND['record-dropped-late'];
    recorder.add(kind, subtask, callbackRow, currentKey, timestampMs, watermarkMs, 0, NONE);
  }
}

function timingAt(timeMs: number, window: TimeWindow): number {
  const maxMs = maxTimestampOf(window);
  if (timeMs === maxMs) return ON_TIME;
  return timeMs < maxMs ? EARLY : LATE;
}
