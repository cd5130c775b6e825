import { describe, expect, test } from 'vitest';
import { KinesisStream, TraceReader, kinesisLogInput, retainedAt, simulateTopic } from '#engine';
import type { IsolationLevel, LogInput, TopicScenario } from '#engine';
import { simulateMicroBatches } from '#engine/spark';
import type { MicroBatchRun, MicroBatchScenario, Row } from '#engine/spark';
import { topicSteps } from '../logs/topic-notation.ts';

/** A topic whose values are rows. */
function rowsOf(
  steps: string,
  isolation: IsolationLevel = 'read_committed',
  options: Partial<TopicScenario> = {},
): LogInput<Row> {
  const log = simulateTopic({ name: 'in', partitions: 1, steps: topicSteps(steps), ...options });
  return asRows(log.toLogInput({ isolation }));
}

function asRows(log: LogInput): LogInput<Row> {
  const partitions = log.partitions.map((records) =>
    records.map((record) => ({ ...record, value: { value: record.value } as Row })),
  );
  return { ...log, partitions };
}

function copy(
  log: LogInput<Row>,
  options: Partial<MicroBatchScenario> & { readonly read?: { readonly [name: string]: string } },
): MicroBatchRun {
  const { read = {}, ...rest } = options;
  return simulateMicroBatches({
    name: 'copy',
    logs: { in: log },
    query: (spark) => {
      let reader = spark.readStream;
      for (const [name, value] of Object.entries(read)) reader = reader.option(name, value);
      reader.schema({ value: 'long' }).load('in').writeStream.start();
    },
    trace: 'full',
    ...rest,
  });
}

/** One line a batch: `0: 0→3 1 2`, its offsets and its values. */
function batches(run: MicroBatchRun): string[] {
  return run.progress.map(({ batchId, sources, numInputRows }, at) => {
    const [source] = sources;
    const values = (run.sinkBatches[at]?.rows ?? []).map(({ value }) => value);
    expect(source?.numInputRows).toBe(numInputRows);
    const range = `${source?.startOffset.join(',')}→${source?.endOffset.join(',')}`;
    return [`${batchId}: ${range}`, ...values].join(' ');
  });
}

describe('offsets of a batch', () => {
  test('are those of the log: markers count, and give a batch without rows', () => {
    const run = copy(rowsOf('T/a=1 a=2 T.commit a=3 T/a=4 T.abort'), {});
    expect(batches(run)).toEqual(['0: 0→3 1 2', '1: 3→4 3', '2: 4→6']);
  });

  test('read_uncommitted sees what is aborted later', () => {
    const run = copy(rowsOf('T/a=1 a=2 T.abort a=3', 'read_uncommitted'), {});
    expect(run.rows.map(({ value }) => value)).toEqual([1, 2, 3]);
  });

  test('startingOffsets latest begins behind what can be read at the start', () => {
    const run = copy(rowsOf('a=1 a=2 a=3'), { read: { startingOffsets: 'latest' }, startMs: 2500 });
    expect(batches(run)).toEqual(['0: 2→3 3']);
  });

  test('a partition that comes later is read from its beginning, also with latest', () => {
    const run = copy(rowsOf('0:a=1 +2 1:b=2 0:a=3'), {
      read: { startingOffsets: 'latest' },
      startMs: 1500,
    });
    expect(batches(run)).toEqual(['0: 1,0→1,1 2', '1: 1,1→2,1 3']);
  });

  test('a batch that is run again reads the same offsets', () => {
    const faults = [{ type: 'driver-failure', batchId: 1, at: 'tasks-finished' }] as const;
    const log = rowsOf('a=1 T/a=2 T.commit a=3');
    expect(batches(copy(log, { faults }))).toEqual(batches(copy(log, {})));
  });

  test('the trace has them, and what happened to the log meanwhile', () => {
    const { trace } = copy(rowsOf('T/a=1 T.commit a=2'), {});
    if (trace === undefined) throw new TypeError('a trace');
    const reader = new TraceReader(trace);
    const lines = Array.from({ length: reader.rowCount }, (_, row) => reader.narrate(row));
    expect(lines.filter((line) => /reads offset|commits what/.test(line))).toEqual([
      'The marker at offset 1 of in-0 commits what producer 1000 wrote.',
      'driver-0 reads offset 0 of in-0: event time 2 s.',
      'driver-0 reads offset 2 of in-0: event time 3 s.',
    ]);
    expect(reader.frameAt(reader.rowCount - 1).splits[0]?.log.lastStableOffset).toBe(3);
  });
});

describe('failOnDataLoss', () => {
  const shortLived = {
    segmentBytes: 1,
    retention: { retentionMs: 2000 },
    retentionCheckMs: 1000,
    untilMs: 30_000,
  };
  const log = rowsOf('a=1 a=2 a=3 a=4 a=5 a=6', 'read_committed', shortLived);
  const first = copy(log, { stopAtMs: 1500 });

  test('a query that comes back too late fails', () => {
    const run = copy(log, { restoreFrom: first.checkpoint, startMs: 6500 });
    expect(batches(first)).toEqual(['0: 0→1 1']);
    expect(run.outcome).toBe('failed');
    expect(run.failure?.message).toMatch(/Cannot fetch offset 1 of in-0: the log begins at 3/);
  });

  test('switched off, it goes on with what is left', () => {
    const run = copy(log, {
      restoreFrom: first.checkpoint,
      startMs: 6500,
      read: { failOnDataLoss: 'false' },
    });
    expect(batches(run)).toEqual(['1: 1→6 4 5 6']);
  });

  test('what compaction has taken is no loss', () => {
    const compacted = rowsOf('a=1 b=2 a=3 c=4 compact', 'read_committed', {
      segmentBytes: 1,
      compaction: { deleteRetentionMs: 1000 },
    });
    expect(batches(copy(compacted, { startMs: 6000 }))).toEqual(['0: 0→4 2 3 4']);
  });
});

describe('a stream of shards', () => {
  const stream = new KinesisStream({ shards: 1 });
  stream.putRecord({ partitionKey: 'k', value: 1 }, 1000);
  stream.splitShard('shardId-000000000000', 2000);
  for (const value of [2, 3, 4]) stream.putRecord({ partitionKey: `k${value}`, value }, 3000);

  test('is read by sequence numbers, shard by shard', () => {
    const run = copy(asRows(kinesisLogInput(stream)), {});
    expect(run.rows.map(({ value }) => value).sort()).toEqual([1, 2, 3, 4]);
  });

  test('retainedAt gives a bounded reader what is there at a moment', () => {
    const day = 24 * 3_600_000;
    const values = (nowMs: number): unknown[] =>
      retainedAt(kinesisLogInput(stream), nowMs)
        .partitions.flat()
        .map(({ value }) => value);
    expect(values(2500)).toEqual([1]);
    expect(values(3000)).toHaveLength(4);
    expect(values(day + 2000)).toHaveLength(3);
    expect(values(day + 4000)).toEqual([]);
  });
});

test('failOnDataLoss must be true or false', () => {
  const run = (): unknown => copy(rowsOf('a=1'), { read: { failOnDataLoss: 'maybe' } });
  expect(run).toThrow(/failOnDataLoss must be true or false/);
});
