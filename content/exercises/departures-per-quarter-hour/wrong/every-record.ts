import {
  KeyedProcessFunction,
  MapStateDescriptor,
  minutes,
  type Collector,
  type MapState,
  type OpenContext,
  type ProcessContext,
} from '#engine';
import type { Departures, Flight } from '../solution.ts';

/** Emits a running count with each flight: the table is right in the end, and wrong until then. */
export const fails = 'no-early-results';

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
    out: Collector<Departures>,
  ): void {
    const timestampMs = context.timestamp();
    if (timestampMs === null) return;
    const endMs = Math.floor(timestampMs / QUARTER_HOUR_MS) * QUARTER_HOUR_MS + QUARTER_HOUR_MS;
    if (endMs - 1 <= context.timerService().currentWatermark()) return;
    const flights = (this.#flightsByEnd.get(endMs) ?? 0) + 1;
    this.#flightsByEnd.put(endMs, flights);
    out.collect({ origin: context.getCurrentKey(), endMs, flights });
    context.timerService().registerEventTimeTimer(endMs - 1);
  }

  override onTimer(timestampMs: number): void {
    this.#flightsByEnd.remove(timestampMs + 1);
  }
}
