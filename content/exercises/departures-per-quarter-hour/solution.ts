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

const QUARTER_HOUR_MS = minutes(15);

export class DeparturesPerQuarterHour extends KeyedProcessFunction<string, Flight, Departures> {
  // A handle, not the data: the backend keeps one map per airport, and checkpoints hold it. One
  // entry per open quarter hour, because two can be open at once.
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
    const timers = context.timerService();

    // The board has shown this quarter hour, and its state is gone. Counting the flight now would
    // open it again, with 1 in it, and overwrite the true number.
    if (endMs - 1 <= timers.currentWatermark()) return;

    const flights = this.#flightsByEnd.get(endMs) ?? 0;
    this.#flightsByEnd.put(endMs, flights + 1);

    // The last ms that belongs to the window. Setting the same timer again changes nothing.
    timers.registerEventTimeTimer(endMs - 1);
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

    // Only this window: a later one of the same airport may be open.
    this.#flightsByEnd.remove(endMs);
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
