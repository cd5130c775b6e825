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

/** Clears the whole map when one window ends, and the next one, which is open, with it. */
export const fails = 'visible-example';

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
    context.timerService().registerEventTimeTimer(endMs - 1);
  }

  override onTimer(
    timestampMs: number,
    context: OnTimerContext<string>,
    out: Collector<Departures>,
  ): void {
    const endMs = timestampMs + 1;
    const flights = this.#flightsByEnd.get(endMs);
    if (flights === null) return;
    out.collect({ origin: context.getCurrentKey(), endMs, flights });
    this.#flightsByEnd.clear();
  }
}
