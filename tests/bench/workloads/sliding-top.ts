import {
  ProcessAllWindowFunction,
  ProcessWindowFunction,
  SlidingEventTimeWindows,
  TumblingEventTimeWindows,
  appendSink,
  logSource,
  simulate,
} from '#engine';
import type {
  AggregateFunction,
  Collector,
  LogRecord,
  ProcessWindowContext,
  Scenario,
} from '#engine';
import { numbersHash } from '../loops/output-hash.ts';
import { slidingTopLimit } from '../loops/sliding-top-limit.ts';
import { slidingTopLoop } from '../loops/sliding-top.ts';
import type { RankedCount, SlidingTopOptions } from '../loops/sliding-top.ts';
import { topOf } from '../loops/top.ts';
import type { Workload } from '../workload.ts';
import { RECORD_COUNT, RECORD_GAP_MS, makeWorkload, toRows } from '../workload-data.ts';
import type { Row } from '../workload-data.ts';
import { benchScenario, everyRecord, sinkRows, toLog } from './per-record-watermarks.ts';

interface KeyCount {
  readonly key: number;
  readonly count: number;
}

const count: AggregateFunction<Row, number, number> = {
  createAccumulator: () => 0,
  add: (_row, soFar) => soFar + 1,
  getResult: (soFar) => soFar,
  merge: (left, right) => left + right,
};

class NameKey extends ProcessWindowFunction<number, KeyCount, number> {
  override process(
    key: number,
    _context: ProcessWindowContext,
    elements: readonly number[],
    out: Collector<KeyCount>,
  ): void {
    for (const counted of elements) out.collect({ key, count: counted });
  }
}

/** Gets the results of the sliding window that ends where its own window does. */
class Top extends ProcessAllWindowFunction<KeyCount, RankedCount> {
  readonly top: number;

  constructor(top: number) {
    super();
    this.top = top;
  }

  override process(
    context: ProcessWindowContext,
    elements: readonly KeyCount[],
    out: Collector<RankedCount>,
  ): void {
    const { endMs } = context.window();
    const entries = elements.map(({ key, count: counted }) => [key, counted] as const);
    topOf(entries, this.top).forEach(([key, counted], rank) => {
      out.collect({ windowEnd: endMs, rank, key, count: counted });
    });
  }
}

export function slidingTopScenario(
  records: readonly LogRecord<Row>[],
  { windowMs, slideMs, delayMs, top }: SlidingTopOptions,
): Scenario {
  return benchScenario({
    name: 'W3',
    logs: { records: { partitions: [records] } },
    job: (env) => {
      env.configure({ 'pipeline.object-reuse': true });
      env
        .fromSource(logSource<Row>('records'), everyRecord<Row>(delayMs), 'records')
        .keyBy((row) => row.key)
        .window(SlidingEventTimeWindows.of(windowMs, slideMs))
        .aggregate(count, new NameKey())
        .windowAll(TumblingEventTimeWindows.of(slideMs))
        .process(new Top(top))
        .sinkTo(appendSink({ name: 'top' }));
    },
  });
}

const OPTIONS = { windowMs: 60_000, slideMs: 10_000, delayMs: 5_000, top: 5 };

function hashOf(rows: readonly RankedCount[]): string {
  return numbersHash(
    rows.map(({ windowEnd, rank, key, count: counted }) => [windowEnd, rank, key, counted]),
  );
}

/** W3: every record belongs to six windows. */
export const slidingTop: Workload = {
  id: 'W3',
  title: 'keyed sliding 60 s by 10 s count, top 5',
  goals: { ofLoop: 1, timesLimit: 2 },
  prepare: async (recordCount = RECORD_COUNT) => {
    const columns = makeWorkload({ count: recordCount, seed: 7 });
    const rows = toRows(columns);
    const scenario = slidingTopScenario(toLog(rows, RECORD_GAP_MS), OPTIONS);
    return {
      records: recordCount,
      sides: [
        {
          name: 'engine',
          run: () => {
            const run = simulate(scenario);
            return () => hashOf(sinkRows<RankedCount>(run, 'top'));
          },
        },
        {
          name: 'loop',
          run: () => {
            const result = slidingTopLoop(rows, OPTIONS);
            return () => hashOf(result.rows);
          },
        },
        {
          name: 'limit',
          run: () => {
            const result = slidingTopLimit(columns, OPTIONS);
            return () => hashOf(result.rows);
          },
        },
      ],
    };
  },
};
