import { describe, expect, test } from 'vitest';
import {
  KinesisStream,
  WatermarkStrategy,
  appendSink,
  kafkaSource,
  kinesisLogInput,
  kinesisSource,
  simulateBatch,
} from '#engine';
import type { BatchRun, BatchScenario, LogInput, LogSource, StartPosition } from '#engine';
import { topicOf } from '../logs/topic-notation.ts';

function copy(
  source: LogSource<unknown>,
  log: LogInput,
  options: Partial<BatchScenario> = {},
): BatchRun {
  return simulateBatch({
    name: 'copy',
    seed: 1,
    logs: { in: log },
    cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
    trace: 'none',
    job: (env) => {
      env
        .fromSource(source, WatermarkStrategy.noWatermarks(), 'in')
        .sinkTo(appendSink({ name: 'out' }));
    },
    ...options,
  });
}

const valuesOf = ({ sinks }: BatchRun): unknown[] => (sinks['out'] ?? []).map(({ row }) => row);

describe('a batch job on a topic', () => {
  const log = topicOf('T/a=1 a=2 T.commit a=3 a=4').toLogInput({ isolation: 'read_committed' });

  test.each<[StartPosition, unknown[]]>([
    ['earliest', [1, 2, 3, 4]],
    ['latest', []],
    [{ timestampMs: 4500 }, [4]],
    [{ committed: { 0: 2 } }, [3, 4]],
  ])('begins at %j and ends where the log ends', (startingOffsets, values) => {
    const source = kafkaSource<unknown>({ topic: 'in', startingOffsets, 'group.id': 'g' });
    expect(valuesOf(copy(source, log))).toEqual(values);
  });

  test('reads what had been committed by its cut-off, and what is not deleted by then', () => {
    const source = kafkaSource<unknown>({ topic: 'in' });
    expect(valuesOf(copy(source, log, { cutOffMs: 2500 }))).toEqual([]);
    expect(valuesOf(copy(source, log, { cutOffMs: 4000 }))).toEqual([1, 2, 3]);
    const short = topicOf('a=1 a=2 a=3 a=4', {
      segmentBytes: 1,
      retention: { retentionMs: 1500 },
      retentionCheckMs: 1000,
    }).toLogInput({ isolation: 'read_committed' });
    expect(valuesOf(copy(source, short, { cutOffMs: 4000 }))).toEqual([3, 4]);
  });
});

test('a Kinesis source is never bounded', () => {
  const log = kinesisLogInput(new KinesisStream({ shards: 1 }));
  expect(() => copy(kinesisSource({ stream: 'in' }), log)).toThrow(/a Kinesis source has no end/);
});
