import { expect, test } from 'vitest';
import { TraceReader, backPressureShares, checkpointMetrics, writeLatencies } from '#engine';
import { runCounting } from '../flink/counting-job.ts';
import type { CountingOptions } from '../flink/counting-job.ts';
import { traceOf } from '../stream-notation.ts';

const readerOf = (options: CountingOptions): TraceReader =>
  new TraceReader(traceOf(runCounting(options)));

test('a checkpoint takes as long as its slowest barrier, and says how long it aligned', () => {
  const reader = readerOf({
    partitions: ['a@1 a@2 a@3.2 a@9', 'b@1 b@2.8 b@8'],
    configuration: { 'execution.checkpointing.interval': 2000 },
    faults: [
      { type: 'subtask-stall', operator: 'in', index: 1, when: { atMs: 2500 }, durationMs: 1500 },
    ],
  });
  const [first] = checkpointMetrics(reader);
  expect(first).toMatchObject({
    checkpointId: 1,
    status: 'completed',
    triggeredMs: 3000,
    durationMs: 1000,
    alignmentMs: 1000,
  });
});

test('storing a snapshot takes time in proportion to its size', () => {
  const options: CountingOptions = {
    partitions: ['a@1 b@1.1 c@1.2 d@1.3 e@9'],
    configuration: { 'execution.checkpointing.interval': 2000 },
  };
  const [free] = checkpointMetrics(readerOf(options));
  const [paid] = checkpointMetrics(readerOf({ ...options, costs: { snapshotSyncMs: 30 } }));
  expect(free?.durationMs).toBe(0);
  expect(paid?.durationMs).toBeGreaterThanOrEqual(30);
});

test('the share of waiting is that of the source before a slow operator', () => {
  const reader = readerOf({
    partitions: ['a@1 a@1.1 a@1.2 a@1.3 a@1.4 a@1.5 a@1.6'],
    costs: { serviceMs: { count: 1000 }, bufferRecords: 2 },
  });
  const [source = 0, count = 0] = backPressureShares(reader);
  expect(source).toBeGreaterThan(0.5);
  expect(count).toBe(0);
});

test('the latency of a write is what its record waited and was served', () => {
  const reader = readerOf({
    partitions: ['a@1 a@1.1 a@1.2'],
    costs: { serviceMs: { count: 1000 } },
  });
  const seen = new Set(writeLatencies(reader).map(({ latencyMs }) => latencyMs));
  expect([...seen]).toEqual([1000, 1900, 2800]);
});
