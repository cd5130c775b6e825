import {
  EventTimeSessionWindows,
  ProcessWindowFunction,
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
import { sessionsLimit } from '../loops/sessions-limit.ts';
import { sessionsLoop } from '../loops/sessions.ts';
import type { SessionCount, SessionOptions } from '../loops/sessions.ts';
import type { Workload } from '../workload.ts';
import { RECORD_COUNT, RECORD_GAP_MS, makeWorkload, toRows } from '../workload-data.ts';
import type { Row } from '../workload-data.ts';
import { benchScenario, everyRecord, sinkRows, toLog } from './per-record-watermarks.ts';

interface Accumulator {
  count: number;
  sum: number;
}

const countAndSum: AggregateFunction<Row, Accumulator, Accumulator> = {
  createAccumulator: () => ({ count: 0, sum: 0 }),
  add: (row, accumulator) => {
    accumulator.count += 1;
    accumulator.sum += row.value;
    return accumulator;
  },
  getResult: (accumulator) => accumulator,
  merge: (left, right) => ({ count: left.count + right.count, sum: left.sum + right.sum }),
};

class NameSession extends ProcessWindowFunction<Accumulator, SessionCount, number> {
  override process(
    key: number,
    context: ProcessWindowContext,
    elements: readonly Accumulator[],
    out: Collector<SessionCount>,
  ): void {
    const { startMs, endMs } = context.window();
    for (const { count, sum } of elements) {
      out.collect({ key, start: startMs, end: endMs, count, sum });
    }
  }
}

export function sessionsScenario(
  records: readonly LogRecord<Row>[],
  { gapMs, delayMs }: SessionOptions,
): Scenario {
  return benchScenario({
    name: 'W4',
    logs: { records: { partitions: [records] } },
    job: (env) => {
      env.configure({ 'pipeline.object-reuse': true });
      env
        .fromSource(logSource<Row>('records'), everyRecord<Row>(delayMs), 'records')
        .keyBy((row) => row.key)
        .window(EventTimeSessionWindows.withGap(gapMs))
        .aggregate(countAndSum, new NameSession())
        .sinkTo(appendSink({ name: 'sessions' }));
    },
  });
}

const OPTIONS = { gapMs: 30_000, delayMs: 5_000 };

function hashOf(rows: readonly SessionCount[]): string {
  return numbersHash(rows.map(({ key, start, end, count, sum }) => [start, key, end, count, sum]));
}

/** W4: windows that merge. */
export const sessions: Workload = {
  id: 'W4',
  title: 'sessions per key, gap 30 s',
  goals: { ofLoop: 0.8, timesLimit: 3 },
  prepare: async (recordCount = RECORD_COUNT) => {
    const columns = makeWorkload({ count: recordCount, seed: 7 });
    const rows = toRows(columns);
    const scenario = sessionsScenario(toLog(rows, RECORD_GAP_MS), OPTIONS);
    return {
      records: recordCount,
      sides: [
        {
          name: 'engine',
          run: () => {
            const run = simulate(scenario);
            return () => hashOf(sinkRows<SessionCount>(run, 'sessions'));
          },
        },
        {
          name: 'loop',
          run: () => {
            const result = sessionsLoop(rows, OPTIONS);
            return () => hashOf(result.rows);
          },
        },
        {
          name: 'limit',
          run: () => {
            const result = sessionsLimit(columns, OPTIONS);
            return () => hashOf(result.rows);
          },
        },
      ],
    };
  },
};
