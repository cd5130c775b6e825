import { ConfigError } from '../core/errors.ts';
import type {
  AggregatingState,
  AggregatingStateDescriptor,
  ListState,
  ListStateDescriptor,
  MapKey,
  MapState,
  MapStateDescriptor,
  ReducingState,
  ReducingStateDescriptor,
  ValueState,
  ValueStateDescriptor,
} from '../state/descriptors.ts';
import type { TimeWindow } from '../windows/time-window.ts';

/**
 * Models Flink 2.3.0 `Trigger`: decides when a window's contents are emitted (fire) and when they
 * are dropped (purge). One instance serves all keys and windows of a subtask.
 * Simplified: no metrics, no asynchronous triggers.
 * Invariant: what a trigger keeps per window is in partitioned state; its fields are shared by all.
 */
export const TriggerResult = {
  CONTINUE: 'CONTINUE',
  FIRE: 'FIRE',
  PURGE: 'PURGE',
  FIRE_AND_PURGE: 'FIRE_AND_PURGE',
} as const;
export type TriggerResult = (typeof TriggerResult)[keyof typeof TriggerResult];

/** Whether the contents are emitted. */
export function isFire(result: TriggerResult): boolean {
  return result === TriggerResult.FIRE || result === TriggerResult.FIRE_AND_PURGE;
}

/** Whether the contents are dropped, after they were emitted if they are. */
export function isPurge(result: TriggerResult): boolean {
  return result === TriggerResult.PURGE || result === TriggerResult.FIRE_AND_PURGE;
}

/** Any descriptor that names state. */
export type WindowStateDescriptor =
  | ValueStateDescriptor<never>
  | ListStateDescriptor<never>
  | MapStateDescriptor<never, never>
  | ReducingStateDescriptor<never>
  | AggregatingStateDescriptor<never, never, never>;

/** State of the current key, by descriptor. */
export interface StateByDescriptor {
  <T>(descriptor: ValueStateDescriptor<T>): ValueState<T>;
  <T>(descriptor: ListStateDescriptor<T>): ListState<T>;
  <T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T>;
  <I, A, O>(descriptor: AggregatingStateDescriptor<I, A, O>): AggregatingState<I, O>;
  <K extends MapKey, V>(descriptor: MapStateDescriptor<K, V>): MapState<K, V>;
}

/** What a trigger may ask of its operator. Timers and state belong to the key and the window. */
export interface TriggerContext {
  getCurrentProcessingTime(): number;
  /** `WATERMARK_MIN` before the first watermark. */
  getCurrentWatermark(): number;
  registerProcessingTimeTimer(timeMs: number): void;
  registerEventTimeTimer(timeMs: number): void;
  deleteProcessingTimeTimer(timeMs: number): void;
  deleteEventTimeTimer(timeMs: number): void;
  readonly getPartitionedState: StateByDescriptor;
}

export interface OnMergeContext extends TriggerContext {
  /**
   * Moves the state of the merged windows into that of the result.
   * @throws ConfigError for value and map state: these cannot be merged.
   */
  mergePartitionedState<T>(
    descriptor:
      | ListStateDescriptor<T>
      | ReducingStateDescriptor<T>
      | AggregatingStateDescriptor<T, unknown, unknown>,
  ): void;
}

/** What every trigger implements; `T` is the type of the records. */
export abstract class Trigger<T = unknown> {
  /** After the record was added to the window. */
  abstract onElement(
    element: T,
    timestampMs: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult;

  /** A processing-time timer of this window fired; the clean-up timer is one, too. */
  abstract onProcessingTime(
    timeMs: number,
    window: TimeWindow,
    context: TriggerContext,
  ): TriggerResult;

  /** An event-time timer of this window fired; the clean-up timer is one, too. */
  abstract onEventTime(timeMs: number, window: TimeWindow, context: TriggerContext): TriggerResult;

  /** The window is over: removes its timers and state. */
  abstract clear(window: TimeWindow, context: TriggerContext): void;

  /** Whether the trigger may be used with windows that merge. */
  canMerge(): boolean {
    return false;
  }

  /** Several windows have become `window`; `clear` is called for each of them afterwards. */
  onMerge(_window: TimeWindow, _context: OnMergeContext): void {
    throw new ConfigError(
      'This trigger does not support merging',
      this.constructor.name,
      'override canMerge() and onMerge(), or use windows that do not merge',
    );
  }
}
