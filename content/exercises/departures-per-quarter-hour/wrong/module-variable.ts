import {
  KeyedProcessFunction,
  minutes,
  type Collector,
  type OnTimerContext,
  type ProcessContext,
} from '#engine';
import type { Departures, Flight } from '../solution.ts';

/** Counts in a variable of the module: it outlives the crash, and the replay counts again. */
export const fails = 'survives-every-crash';

const QUARTER_HOUR_MS = minutes(15);

const flightsByWindow = new Map<string, number>();

export class DeparturesPerQuarterHour extends KeyedProcessFunction<string, Flight, Departures> {
  processElement(
    _flight: Flight,
    context: ProcessContext<string>,
    _out: Collector<Departures>,
  ): void {
    const timestampMs = context.timestamp();
    if (timestampMs === null) return;
    const endMs = Math.floor(timestampMs / QUARTER_HOUR_MS) * QUARTER_HOUR_MS + QUARTER_HOUR_MS;
    if (endMs - 1 <= context.timerService().currentWatermark()) return;
    const window = `${context.getCurrentKey()} ${endMs}`;
    flightsByWindow.set(window, (flightsByWindow.get(window) ?? 0) + 1);
    context.timerService().registerEventTimeTimer(endMs - 1);
  }

  override onTimer(
    timestampMs: number,
    context: OnTimerContext<string>,
    out: Collector<Departures>,
  ): void {
    const endMs = timestampMs + 1;
    const origin = context.getCurrentKey();
    const window = `${origin} ${endMs}`;
    const flights = flightsByWindow.get(window);
    if (flights === undefined) return;
    out.collect({ origin, endMs, flights });
    flightsByWindow.delete(window);
  }
}
