import {
  KeyedProcessFunction,
  minutes,
  type Collector,
  type OnTimerContext,
  type OpenContext,
  type ProcessContext,
} from '#engine';

const QUARTER_HOUR_MS = minutes(15);

export class DeparturesPerQuarterHour extends KeyedProcessFunction<string, Flight, Departures> {
  override open(_context: OpenContext): void {
    // TODO: ask for the state you need: this.getRuntimeContext().getMapState(…) or .getState(…)
  }

  processElement(
    _flight: Flight,
    context: ProcessContext<string>,
    out: Collector<Departures>,
  ): void {
    const timestampMs = context.timestamp();
    if (timestampMs === null) return;
    const endMs = Math.floor(timestampMs / QUARTER_HOUR_MS) * QUARTER_HOUR_MS + QUARTER_HOUR_MS;

    // TODO: count the flights of a window, and emit once, when the watermark has passed its end.
    // This emits "1 flight" for every flight, at once.
    out.collect({ origin: context.getCurrentKey(), endMs, flights: 1 });
  }

  override onTimer(
    _timestampMs: number,
    _context: OnTimerContext<string>,
    _out: Collector<Departures>,
  ): void {
    // TODO: called when a timer that you have set is due: emit here, and leave nothing behind
  }
}

/** One real departure. The key of the stream is `origin`. */
export interface Flight {
  readonly origin: string;
  readonly destination: string;
  readonly delayMinutes: number;
  readonly distanceMiles: number;
}

/** One line of the board: flights of an airport in the quarter hour that ends at `endMs`. */
export interface Departures {
  readonly origin: string;
  /** Event time in ms; the window holds flights up to `endMs - 1`. */
  readonly endMs: number;
  readonly flights: number;
}
