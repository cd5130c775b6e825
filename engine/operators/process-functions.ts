import type { EventTimeMs, ProcessingTimeMs } from '../core/time.ts';
import type { BroadcastState, ReadOnlyBroadcastState } from '../state/broadcast-state.ts';
import type { AggregatingState, AggregatingStateDescriptor } from '../state/descriptors.ts';
import type { ListState, ListStateDescriptor, MapKey, MapState } from '../state/descriptors.ts';
import type { MapStateDescriptor, ReducingState } from '../state/descriptors.ts';
import type { ReducingStateDescriptor, ValueState } from '../state/descriptors.ts';
import type { StateDescriptor, ValueStateDescriptor } from '../state/descriptors.ts';
import type { Collector, OnTimerContext, OutputTag, ProcessContext } from './functions.ts';
import { RichFunction } from './functions.ts';
import type { TimerService } from './functions.ts';

/**
 * The process functions beside KeyedProcessFunction, in the words of Flink 2.3
 * (`org.apache.flink.streaming.api.functions` and `…functions.co`).
 */

/** What a function sees of the record it handles, on a stream without keys. */
export interface NonKeyedContext {
  /** Event time of the record being handled in ms, or null when it has none. */
  timestamp(): EventTimeMs | null;
  /** Tells the time. Setting timers is refused: they need a key. */
  timerService(): TimerService;
  /** Emits to a side output. */
  output<X>(tag: OutputTag<X>, record: X): void;
}

/** Handles one record at a time, without keyed state and timers. */
export abstract class ProcessFunction<I, O> extends RichFunction {
  abstract processElement(value: I, context: NonKeyedContext, out: Collector<O>): void;
}

/** Handles two connected streams; when both are keyed, with timers and keyed state. */
export abstract class CoProcessFunction<I1, I2, O> extends RichFunction {
  abstract processElement1(value: I1, context: NonKeyedContext, out: Collector<O>): void;
  abstract processElement2(value: I2, context: NonKeyedContext, out: Collector<O>): void;

  /** Called when a timer fires; there are none unless both streams are keyed. */
  onTimer(
    _timestampMs: number,
    _context: NonKeyedContext & { timeDomain(): 'event-time' | 'processing-time' },
    _out: Collector<O>,
  ): void {}
}

/** Handles two connected keyed streams, which share state and timers of one key at a time. */
export abstract class KeyedCoProcessFunction<K, I1, I2, O> extends RichFunction {
  abstract processElement1(value: I1, context: ProcessContext<K>, out: Collector<O>): void;
  abstract processElement2(value: I2, context: ProcessContext<K>, out: Collector<O>): void;

  /** Called when a timer fires that either side has registered. */
  onTimer(_timestampMs: number, _context: OnTimerContext<K>, _out: Collector<O>): void {}
}

/** Maps two connected streams to one type. */
export interface CoMapFunction<I1, I2, O> {
  map1(value: I1): O;
  map2(value: I2): O;
}

/** Turns each record of two connected streams into any number of records of one type. */
export interface CoFlatMapFunction<I1, I2, O> {
  flatMap1(value: I1, out: Collector<O>): void;
  flatMap2(value: I2, out: Collector<O>): void;
}

/** A CoFlatMapFunction with a life and, on keyed streams, keyed state. */
export abstract class RichCoFlatMapFunction<I1, I2, O>
  extends RichFunction
  implements CoFlatMapFunction<I1, I2, O>
{
  abstract flatMap1(value: I1, out: Collector<O>): void;
  abstract flatMap2(value: I2, out: Collector<O>): void;
}

/** What both sides of a broadcast process function may ask. */
export interface BroadcastBaseContext {
  /** Event time of the record being handled in ms, or null when it has none. */
  timestamp(): EventTimeMs | null;
  currentProcessingTime(): ProcessingTimeMs;
  currentWatermark(): EventTimeMs;
  /** Emits to a side output. */
  output<X>(tag: OutputTag<X>, record: X): void;
}

/** The side that is not broadcast: it reads the broadcast state. */
export interface BroadcastReadContext extends BroadcastBaseContext {
  /** @throws ConfigError for state that was not named in `broadcast(…)`. */
  getBroadcastState<K extends MapKey, V>(
    descriptor: MapStateDescriptor<K, V>,
  ): ReadOnlyBroadcastState<K, V>;
}

/** The broadcast side: it writes the broadcast state, and must do the same in every subtask. */
export interface BroadcastWriteContext extends BroadcastBaseContext {
  /** @throws ConfigError for state that was not named in `broadcast(…)`. */
  getBroadcastState<K extends MapKey, V>(
    descriptor: MapStateDescriptor<K, V>,
  ): BroadcastState<K, V>;
}

/** Handles a stream without keys beside a broadcast one. */
export abstract class BroadcastProcessFunction<I, B, O> extends RichFunction {
  abstract processElement(value: I, context: BroadcastReadContext, out: Collector<O>): void;
  abstract processBroadcastElement(
    value: B,
    context: BroadcastWriteContext,
    out: Collector<O>,
  ): void;
}

/** The keyed side of a keyed broadcast process function. */
export interface KeyedBroadcastReadContext<K> extends BroadcastReadContext {
  timerService(): TimerService;
  getCurrentKey(): K;
}

/** A timer's side of a keyed broadcast process function. */
export interface KeyedBroadcastTimerContext<K> extends KeyedBroadcastReadContext<K> {
  timeDomain(): 'event-time' | 'processing-time';
}

/** The state that a descriptor names. */
export type StateOf<D> =
  D extends ValueStateDescriptor<infer T>
    ? ValueState<T>
    : D extends MapStateDescriptor<infer K, infer V>
      ? MapState<K, V>
      : D extends ListStateDescriptor<infer T>
        ? ListState<T>
        : D extends ReducingStateDescriptor<infer T>
          ? ReducingState<T>
          : D extends AggregatingStateDescriptor<infer I, unknown, infer O>
            ? AggregatingState<I, O>
            : never;

/** The broadcast side of a keyed broadcast process function: no current key, no timers. */
export interface KeyedBroadcastWriteContext<K> extends BroadcastWriteContext {
  /** Calls `visit` for every key of this subtask that has state of that name. */
  applyToKeyedState<D extends StateDescriptor>(
    descriptor: D,
    visit: (key: K, state: StateOf<D>) => void,
  ): void;
}

/** Handles a keyed stream, with state and timers of its keys, beside a broadcast one. */
export abstract class KeyedBroadcastProcessFunction<K, I, B, O> extends RichFunction {
  abstract processElement(value: I, context: KeyedBroadcastReadContext<K>, out: Collector<O>): void;
  abstract processBroadcastElement(
    value: B,
    context: KeyedBroadcastWriteContext<K>,
    out: Collector<O>,
  ): void;

  /** Called when a timer fires that the keyed side has registered. */
  onTimer(
    _timestampMs: number,
    _context: KeyedBroadcastTimerContext<K>,
    _out: Collector<O>,
  ): void {}
}
