import { expect, test } from 'vitest';
import {
  WatermarkStrategy,
  appendSink,
  kafkaSource,
  logSource,
  simulate,
  simulateBatch,
} from '#engine';
import type { LogInput, LogSource, StreamExecutionEnvironment } from '#engine';
import { simulateMicroBatches } from '#engine/spark';
import type { Row } from '#engine/spark';
import { topicOf } from './topic-notation.ts';

/** A transaction that commits, one that aborts, a zombie, a new partition, a plain record. */
const STEPS = 'T/0:a=1 1:b=2 T.commit T/0:a=3 T.abort T.restart T0/0:a=4 +3 2:c=5 0:a=6';

function job(source: LogSource<number>): (env: StreamExecutionEnvironment) => void {
  return (env) => {
    env
      .fromSource(source, WatermarkStrategy.noWatermarks(), 'in')
      .sinkTo(appendSink({ name: 'out' }));
  };
}

const base = {
  name: 'copy',
  seed: 1,
  cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
  trace: 'none',
} as const;

function continuous(log: LogInput): unknown[] {
  const source = kafkaSource<number>({ topic: 'in', 'partition.discovery.interval.ms': 1000 });
  const run = simulate({ ...base, logs: { in: log }, faults: [], job: job(source) });
  return (run.sinks['out'] ?? []).map(({ row }) => row);
}

function microBatch(log: LogInput): unknown[] {
  const partitions = log.partitions.map((records) =>
    records.map((record) => ({ ...record, value: { value: record.value } as Row })),
  );
  const run = simulateMicroBatches({
    name: 'copy',
    logs: { in: { ...log, partitions } },
    trace: 'none',
    query: (spark) => {
      spark.readStream.schema({ value: 'long' }).load('in').writeStream.start();
    },
  });
  return run.rows.map(({ value }) => value);
}

function batch(log: LogInput): unknown[] {
  const run = simulateBatch({
    ...base,
    logs: { in: log },
    cutOffMs: 60_000,
    job: job(logSource<number>('in')),
  });
  return (run.sinks['out'] ?? []).map(({ row }) => row);
}

test.each([
  ['read_committed', [1, 2, 5, 6]],
  ['read_uncommitted', [1, 2, 3, 5, 6]],
] as const)('all three runtimes read the same of a topic, %s', (isolation, expected) => {
  const log = topicOf(STEPS, { partitions: 2 }).toLogInput({ isolation });
  for (const read of [continuous, microBatch, batch]) {
    expect(read(log).sort(), read.name).toEqual(expected);
  }
});
