import { describe, expect, test } from 'vitest';
import { KinesisStream, TraceReader, judgeDelivery, simulateLeases, traceLeases } from '#engine';
import type { LeaseRun, LeaseScenario, Trace } from '#engine';

const AT_LEAST_ONCE = { guarantee: 'at-least-once', isOrdered: true } as const;

/** Ten records; the only shard is split after the fifth, and its halves are merged at the end. */
function stream(): KinesisStream {
  const result = new KinesisStream({ shards: 1 });
  for (let second = 1; second <= 10; second += 1) {
    if (second === 6) result.splitShard('shardId-000000000000', 5500);
    if (second === 10) result.mergeShards('shardId-000000000001', 'shardId-000000000002', 9500);
    result.putRecord({ partitionKey: `key-${second}`, value: second }, second * 1000);
  }
  return result;
}

function run(options: Partial<LeaseScenario>): LeaseRun & { readonly trace: Trace } {
  const scenario: LeaseScenario = {
    stream: stream(),
    workers: [
      { workerId: 'A', startMs: 0 },
      { workerId: 'B', startMs: 500 },
    ],
    processMs: 100,
    checkpointEvery: 2,
    failoverMs: 1000,
    untilMs: 60_000,
    ...options,
  };
  const result = simulateLeases(scenario);
  return { ...result, trace: traceLeases(scenario, result.facts) };
}

describe('a crash at every arrow of a worker', () => {
  test.each(['A', 'B'])('%s: nothing is lost, and no child comes before its parents', (victim) => {
    const straight = run({});
    const count = straight.arrows.get(victim) ?? 0;
    for (let arrow = 1; arrow <= count; arrow += 1) {
      const workers = ['A', 'B'].map((workerId, place) => ({
        workerId,
        startMs: place * 500,
        ...(workerId === victim ? { crashAtArrow: arrow } : {}),
      }));
      const result = run({ workers });
      expect(judgeDelivery(result.trace, AT_LEAST_ONCE), `arrow ${arrow}`).toEqual([]);
      const processed = new Set(
        result.facts.flatMap((fact) =>
          fact.type === 'record-processed' ? [fact.sequenceNumber] : [],
        ),
      );
      expect(processed.size, `arrow ${arrow}`).toBe(10);
    }
    expect(count).toBeGreaterThan(0);
  });
});

test('the trace shows shards that close, leases that move and checkpoints', () => {
  const { trace } = run({ workers: [{ workerId: 'A', startMs: 0 }] });
  const reader = new TraceReader(trace);
  const lines = Array.from({ length: reader.rowCount }, (_, row) => reader.narrate(row));
  expect(lines.filter((line) => /stream-0|stream-1 exists/.test(line)).slice(5, 12)).toEqual([
    'A-0 processes offset 2 of stream-0.',
    'A-0 commits offset 3 of stream-0: whoever comes after it begins there.',
    'stream-0 stores 3 at offset 3.',
    'A-0 processes offset 3 of stream-0.',
    'stream-0 stores 4 at offset 4.',
    'A-0 processes offset 4 of stream-0.',
    'A-0 commits offset 5 of stream-0: whoever comes after it begins there.',
  ]);
  const closed = reader.frameAt(reader.rowCount - 1).splits.map(({ log }) => log.isClosed);
  expect(closed).toEqual([true, true, true, false]);
});
