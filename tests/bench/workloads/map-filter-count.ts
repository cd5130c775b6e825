import {
  GlobalWindows,
  WatermarkStrategy,
  appendSink,
  logSource,
  seconds,
  simulate,
} from '#engine';
import type { AggregateFunction, LogRecord, Scenario } from '#engine';
import { DOUBLED_MIN, mapFilterCountLimit, mapFilterCountLoop } from '../loops/map-filter-count.ts';
import { numbersHash } from '../loops/output-hash.ts';
import type { Workload } from '../workload.ts';
import { RECORD_COUNT, RECORD_GAP_MS, makeWorkload, toRows } from '../workload-data.ts';
import type { Row } from '../workload-data.ts';
import { benchScenario, sinkRows, toLog } from './per-record-watermarks.ts';

const count: AggregateFunction<Row, number, number> = {
  createAccumulator: () => 0,
  add: (_row, soFar) => soFar + 1,
  getResult: (soFar) => soFar,
  merge: (left, right) => left + right,
};

export function mapFilterCountScenario(records: readonly LogRecord<Row>[]): Scenario {
  return benchScenario({
    name: 'W1',
    logs: { records: { partitions: [records] } },
    job: (env) => {
      env.configure({ 'pipeline.object-reuse': true });
      const strategy = WatermarkStrategy.forBoundedOutOfOrderness<Row>(seconds(5));
      env
        .fromSource(logSource<Row>('records'), strategy, 'records')
        .map((row) => ({ ts: row.ts, key: row.key, value: row.value * 2 }))
        .filter((row) => row.value > DOUBLED_MIN)
        .windowAll(GlobalWindows.createWithEndOfStreamTrigger())
        .aggregate(count)
        .sinkTo(appendSink({ name: 'counts' }));
    },
  });
}

/** W1: what it costs to hand a record on. */
export const mapFilterCount: Workload = {
  id: 'W1',
  title: 'map, filter, count',
  goals: { ofLoop: 0.3, timesLimit: 3 },
  prepare: async (recordCount = RECORD_COUNT) => {
    const columns = makeWorkload({ count: recordCount, seed: 7 });
    const rows = toRows(columns);
    const scenario = mapFilterCountScenario(toLog(rows, RECORD_GAP_MS));
    return {
      records: recordCount,
      sides: [
        {
          name: 'engine',
          run: () => {
            const run = simulate(scenario);
            return () => numbersHash([sinkRows<number>(run, 'counts')]);
          },
        },
        {
          name: 'loop',
          run: () => {
            const total = mapFilterCountLoop(rows);
            return () => numbersHash([[total]]);
          },
        },
        {
          name: 'limit',
          run: () => {
            const total = mapFilterCountLimit(columns);
            return () => numbersHash([[total]]);
          },
        },
      ],
    };
  },
};
