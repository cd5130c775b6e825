import type { TimeWindow } from './time-window.ts';

/** What an assigner may ask of the operator it works for. */
export interface WindowAssignerContext {
  /** The operator's clock, in whole ms. */
  getCurrentProcessingTime(): number;
}

/** The trigger a window has unless `trigger()` replaces it. */
export type DefaultTrigger = 'event-time' | 'processing-time' | 'never' | 'end-of-stream';

/**
 * Models Flink 2.3.0 `WindowAssigner`: which windows a record belongs to.
 * Simplified: every window is a TimeWindow, and the default trigger is named, not made, here.
 * Invariant: what an assigner returns depends on the record, its timestamp and the clock only.
 */
export abstract class WindowAssigner<T = never> {
  abstract readonly defaultTrigger: DefaultTrigger;
  /** The operator's name, unless `name()` gives another. */
  readonly name: string = 'Window';

  /** Whether windows end by the watermark; otherwise by the operator's clock. */
  abstract isEventTime(): boolean;

  /** The windows of a record; none is allowed. `timestampMs` is NO_TIMESTAMP when it has none. */
  abstract assignWindows(
    value: T,
    timestampMs: number,
    context: WindowAssignerContext,
  ): readonly TimeWindow[];
}

/** Windows of one key that overlap or touch become one. Models Flink's MergingWindowAssigner. */
export abstract class MergingWindowAssigner<T = never> extends WindowAssigner<T> {}
