import { describe, expect, test } from 'vitest';
import { ConfigError, TraceReader, judgeDelivery, simulateShareGroup } from '#engine';
import type { ShareConsumerPlan, ShareGroupRun, ShareGroupScenario } from '#engine';
import { filled } from '../group-notation.ts';

function member(memberId: string, more: Partial<ShareConsumerPlan> = {}): ShareConsumerPlan {
  return { memberId, joinMs: 0, processMs: 100, ...more };
}

function run(options: Partial<ShareGroupScenario>): ShareGroupRun {
  return simulateShareGroup({
    topic: 't',
    log: filled(4),
    consumers: [member('A'), member('B')],
    maxPollRecords: 2,
    lockMs: 1000,
    deliveryCountMax: 2,
    untilMs: 60_000,
    ...options,
  });
}

/** Who processed each record: `0:A 1:A 2:B`. */
function shares({ processed }: ShareGroupRun): string {
  return [...processed]
    .sort()
    .map(([place, members]) => `${place.split('@')[1]}:${members.join('')}`)
    .join(' ');
}

describe('one partition, more members than partitions', () => {
  test('everybody gets some of its records', () => {
    expect(shares(run({}))).toBe('0:A 1:A 2:B 3:B');
  });

  test('what a member held that died is delivered again when its lock ends', () => {
    const consumers = [member('A', { crashAtArrow: 2 }), member('B')];
    const result = run({ consumers });
    expect(shares(result)).toBe('0:AB 1:B 2:B 3:B');
    const reader = new TraceReader(result.trace);
    const lines = Array.from({ length: reader.rowCount }, (_, row) => reader.narrate(row));
    expect(lines.filter((line) => /offset 0|^A/i.test(line))).toEqual([
      't-0 stores 0 at offset 0.',
      'A-0 gets offset 0 of t-0, delivery 1: nobody else does for a while.',
      'A-0 gets offset 1 of t-0, delivery 1: nobody else does for a while.',
      'A-0 processes offset 0 of t-0.',
      'A-0 is gone: crashed.',
      'Offset 0 of t-0 is settled: {"state":"available","why":"lock-expired"}.',
      'B-0 gets offset 0 of t-0, delivery 2: nobody else does for a while.',
      'B-0 processes offset 0 of t-0 again: it was processed before.',
      'Offset 0 of t-0 is settled: {"state":"acknowledged","why":"accept"}.',
    ]);
  });

  test('a record that always fails is given up after its deliveries, and others go on', () => {
    const answers = { '0@1': 'release' } as const;
    const result = run({ consumers: [member('A', { answers })] });
    expect(shares(result)).toBe('0:A 1:AA 2:A 3:A');
    expect(result.archived).toEqual(['0@1']);
  });

  test('order is not kept: later records are done before one that is delivered again', () => {
    const consumers = [member('A', { crashAtArrow: 1 }), member('B')];
    const { trace } = run({ consumers });
    const judge = (isOrdered: boolean): string[] =>
      judgeDelivery(trace, { guarantee: 'at-least-once', isOrdered }).map(({ name }) => name);
    expect(judge(false)).toEqual([]);
    expect(judge(true)).toEqual(['records out of order', 'records out of order']);
  });
});

test('whoever dies at whichever arrow, every record is processed', () => {
  for (let arrow = 1; arrow <= 6; arrow += 1) {
    const consumers = [member('A', { crashAtArrow: arrow }), member('B')];
    const result = run({ consumers, log: filled(4, 3) });
    expect(result.processed.size, `arrow ${arrow}`).toBe(7);
    expect(result.archived, `arrow ${arrow}`).toEqual([]);
  }
});

test('refuses a run without an end, and work without time', () => {
  expect(() => run({ untilMs: Infinity })).toThrow(ConfigError);
  expect(() => run({ consumers: [member('A', { processMs: 0 })] })).toThrow(/processMs of A/);
});
