import { describe, expect, test } from 'vitest';
import { Random, SharePartition } from '#engine';
import { forEachSeed } from '../../stream-notation.ts';

function shareOf(count: number, settings = {}): SharePartition {
  const share = new SharePartition(settings);
  share.extendTo(count);
  return share;
}

test('two members share one partition, record by record', () => {
  const share = shareOf(4);
  expect([share.acquire('A', 2, 0), share.acquire('B', 9, 0)]).toEqual([
    [0, 1],
    [2, 3],
  ]);
  expect(share.acquire('C', 1, 0)).toEqual([]);
});

test('order is not kept: what is released is given behind what was later', () => {
  const share = shareOf(3);
  share.acquire('A', 1, 0);
  share.acquire('B', 2, 0);
  share.acknowledge('B', 1, 'accept', 1);
  share.acknowledge('A', 0, 'release', 2);
  expect(share.acquire('B', 9, 3)).toEqual([0]);
});

test('the start moves over what is settled, without gaps', () => {
  const share = shareOf(3);
  share.acquire('A', 3, 0);
  share.acknowledge('A', 1, 'accept', 1);
  expect(share.startOffset).toBe(0);
  share.acknowledge('A', 0, 'reject', 2);
  expect(share.startOffset).toBe(2);
});

describe('a record that is held', () => {
  test('comes back when its lock ends, and its holder can no longer settle it', () => {
    const share = shareOf(1);
    share.acquire('A', 1, 0);
    expect(share.acquire('B', 1, 29_999)).toEqual([]);
    expect(share.acquire('B', 1, 30_000)).toEqual([0]);
    expect(share.acknowledge('A', 0, 'accept', 30_001)).toBe(false);
    expect(share.acknowledge('B', 0, 'accept', 30_001)).toBe(true);
  });

  test('is given up after five deliveries: a poison pill does not stop the rest', () => {
    const share = shareOf(2);
    for (let delivery = 1; delivery <= 5; delivery += 1) {
      expect(share.acquire('A', 1, delivery)).toEqual([0]);
      share.acknowledge('A', 0, 'release', delivery);
    }
    expect(share.stateOf(0)).toBe('archived');
    expect(share.acquire('A', 1, 9)).toEqual([1]);
  });
});

test('reading does not run further ahead than its limit', () => {
  const share = shareOf(9, { inFlightMax: 3 });
  expect(share.acquire('A', 9, 0)).toEqual([0, 1, 2]);
  share.acknowledge('A', 0, 'accept', 1);
  expect(share.acquire('A', 9, 1)).toEqual([3]);
});

test('at any time one holder a record, and in the end each is settled', () => {
  forEachSeed(100, (seed) => {
    const random = new Random(seed);
    const share = shareOf(12, { lockMs: 50, deliveryCountMax: 3 });
    const held = new Map<number, { member: string; untilMs: number }>();
    for (let nowMs = 0; nowMs < 3000; nowMs += random.between(1, 9)) {
      const member = random.pick(['A', 'B', 'C']);
      for (const offset of share.acquire(member, random.between(1, 3), nowMs)) {
        expect((held.get(offset)?.untilMs ?? 0) <= nowMs).toBe(true);
        held.set(offset, { member, untilMs: nowMs + 50 });
      }
      for (const [offset, holder] of held) {
        if (!random.chance(0.3)) continue;
        const how = random.pick(['accept', 'release', 'reject'] as const);
        const isHeld = holder.untilMs > nowMs;
        expect(share.acknowledge(holder.member, offset, how, nowMs)).toBe(isHeld);
        held.delete(offset);
      }
    }
    expect(share.startOffset).toBe(12);
    const counts = share.facts.flatMap((fact) =>
      fact.type === 'record-acquired' ? [fact.deliveryCount] : [],
    );
    expect(Math.max(...counts)).toBeLessThanOrEqual(3);
  });
});

test('a setting that is not positive is refused', () => {
  expect(() => new SharePartition({ lockMs: 0 })).toThrow(/lockMs must be positive/);
});
