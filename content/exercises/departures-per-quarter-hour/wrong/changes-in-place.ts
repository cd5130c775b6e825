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

/** Changes the object that it got from the state and does not put it back. */
export const fails = 'any-state-backend';

const QUARTER_HOUR_MS = minutes(15);

interface Tally {
  flights: number;
}

export class DeparturesPerQuarterHour extends KeyedProcessFunction<string, Flight, Departures> {
  #tallies!: MapState<number, Tally>;

  override open(_context: OpenContext): void {
    const descriptor = new MapStateDescriptor<number, Tally>('tallies');
    this.#tallies = this.getRuntimeContext().getMapState(descriptor);
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
    const tally = this.#tallies.get(endMs);
    if (tally === null) this.#tallies.put(endMs, { flights: 1 });
    else tally.flights += 1;
    context.timerService().registerEventTimeTimer(endMs - 1);
  }

  override onTimer(
    timestampMs: number,
    context: OnTimerContext<string>,
    out: Collector<Departures>,
  ): void {
    const endMs = timestampMs + 1;
    const tally = this.#tallies.get(endMs);
    if (tally === null) return;
    out.collect({ origin: context.getCurrentKey(), endMs, flights: tally.flights });
    this.#tallies.remove(endMs);
  }
}
