import {
  ProcessWindowFunction,
  TumblingEventTimeWindows,
  WatermarkStrategy,
  appendSink,
  hours,
  logSource,
} from '#engine';
import type {
  AggregateFunction,
  Collector,
  Json,
  LogRecord,
  ProcessWindowContext,
  StreamExecutionEnvironment,
} from '#engine';

/** `ATL@5/7`: a departure of ATL at 5 h of event time that the log received at 7 h. */
export function departures(text: string): LogRecord<string>[] {
  const records = text.split(' ').map((word) => {
    const [, airport = '', at, known] = /^([A-Z]+)@([\d.]+)\/([\d.]+)$/.exec(word) ?? [];
    const [timestampMs, arrivalMs] = [hours(Number(at)), hours(Number(known))];
    return { value: airport, timestampMs, arrivalMs };
  });
  return records.sort((left, right) => left.arrivalMs - right.arrivalMs);
}

const counting: AggregateFunction<string, number, number> = {
  createAccumulator: () => 0,
  add: (_airport, count) => count + 1,
  getResult: (count) => count,
  merge: (left, right) => left + right,
};

/** One result: departures of an airport in a window that begins at an hour. */
export interface Departures {
  readonly airport: string;
  readonly fromH: number;
  readonly count: number;
}

class NameWindow extends ProcessWindowFunction<number, Departures, string> {
  override process(
    airport: string,
    context: ProcessWindowContext,
    [count = 0]: readonly number[],
    out: Collector<Departures>,
  ): void {
    out.collect({ airport, fromH: context.window().startMs / hours(1), count });
  }
}

/** Departures per airport and window of so many hours, into the sink `out`. */
export function departuresPer(windowH: number, delayH = 0) {
  return (env: StreamExecutionEnvironment): void => {
    const strategy = WatermarkStrategy.forBoundedOutOfOrderness<string>(hours(delayH));
    env
      .fromSource(logSource<string>('in'), strategy, 'in')
      .keyBy((airport) => airport)
      .window(TumblingEventTimeWindows.of(hours(windowH)))
      .aggregate(counting, new NameWindow())
      .name('count')
      .sinkTo(appendSink<Departures>({ name: 'out' }));
  };
}

/** What identifies a result. */
export function airportAndWindow(row: Json): Json {
  const { airport, fromH } = row as unknown as Departures;
  return [airport, fromH];
}

/** `ATL 0h 3`. */
export function text(row: Json): string {
  const { airport, fromH, count } = row as unknown as Departures;
  return `${airport} ${fromH}h ${count}`;
}

/** The rows of a sink as texts, in the order of these. */
export function texts(rows: readonly { readonly row: Json }[] = []): string[] {
  return rows.map(({ row }) => text(row)).sort();
}
