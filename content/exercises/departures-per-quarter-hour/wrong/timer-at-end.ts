import {
  KeyedProcessFunction,
  MapStateDescriptor,
  minutes,
  type Collector,
  type MapState,
  type OnTimerContext,
  type OpenContext,
  type ProcessContext,
} from '#engine';
import type { Departures, Flight } from '../solution.ts';

/** Waits for the first ms after the window: the result comes one watermark too late. */
export const fails = 'on-time-results';

const QUARTER_HOUR_MS = minutes(15);

export class DeparturesPerQuarterHour extends KeyedProcessFunction<string, Flight, Departures> {
  #flightsByEnd!: MapState<number, number>;

  override open(_context: OpenContext): void {
    const descriptor = new MapStateDescriptor<number, number>('flights-by-end');
    this.#flightsByEnd = this.getRuntimeContext().getMapState(descriptor);
  }

  processElement(
    _flight: Flight,
    context: ProcessContext<string>,
    _out: Collector<Departures>,
  ): void {
    const timestampMs = context.timestamp();
    if (timestampMs === null) return;
    const endMs = Math.floor(timestampMs / QUARTER_HOUR_MS) * QUARTER_HOUR_MS + QUARTER_HOUR_MS;
    if (endMs - 1 <= context.timerService().currentWatermark()) return;
    this.#flightsByEnd.put(endMs, (this.#flightsByEnd.get(endMs) ?? 0) + 1);
    context.timerService().registerEventTimeTimer(endMs);
  }

  override onTimer(
    timestampMs: number,
    context: OnTimerContext<string>,
    out: Collector<Departures>,
  ): void {
    const endMs = timestampMs;
    const flights = this.#flightsByEnd.get(endMs);
    if (flights === null) return;
    out.collect({ origin: context.getCurrentKey(), endMs, flights });
    this.#flightsByEnd.remove(endMs);
  }
}
