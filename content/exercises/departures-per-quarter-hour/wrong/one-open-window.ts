import {
  KeyedProcessFunction,
  minutes,
  type Collector,
  type OnTimerContext,
  type OpenContext,
  type ProcessContext,
  type ValueState,
  ValueStateDescriptor,
} from '#engine';
import type { Departures, Flight } from '../solution.ts';

/** Keeps one window per airport and moves on when a flight of another comes. */
export const fails = 'any-arrival-order';

const QUARTER_HOUR_MS = minutes(15);

interface OpenWindow {
  readonly endMs: number;
  readonly flights: number;
}

export class DeparturesPerQuarterHour extends KeyedProcessFunction<string, Flight, Departures> {
  #current!: ValueState<OpenWindow>;

  override open(_context: OpenContext): void {
    this.#current = this.getRuntimeContext().getState(new ValueStateDescriptor('current-window'));
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
    const current = this.#current.value();
    if (current !== null && current.endMs !== endMs) {
      out.collect({ origin: context.getCurrentKey(), ...current });
    }
    const flights = current?.endMs === endMs ? current.flights + 1 : 1;
    this.#current.update({ endMs, flights });
    context.timerService().registerEventTimeTimer(endMs - 1);
  }

  override onTimer(
    timestampMs: number,
    context: OnTimerContext<string>,
    out: Collector<Departures>,
  ): void {
    const current = this.#current.value();
    if (current?.endMs !== timestampMs + 1) return;
    out.collect({ origin: context.getCurrentKey(), ...current });
    this.#current.clear();
  }
}
