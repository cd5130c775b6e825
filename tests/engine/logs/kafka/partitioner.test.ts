import { describe, expect, it } from 'vitest';
import { kafkaPartition, murmur2 } from '#engine';

const hash = (key: string): number => murmur2(new TextEncoder().encode(key));

describe('murmur2', () => {
  // The vectors of Apache Kafka's own UtilsTest.testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %s as Kafka does', (key, expected) => {
    expect(hash(key)).toBe(expected);
  });

  it('reads only its own part of a shared buffer', () => {
    const shared = new TextEncoder().encode('xxabcxx');
    expect(murmur2(shared.subarray(2, 5))).toBe(479470107);
  });
});

describe('kafkaPartition', () => {
  it('clears the sign bit instead of negating, as Utils.toPositive does', () => {
    expect(hash('21')).toBeLessThan(0);
    expect(kafkaPartition('21', 7)).toBe((-973932308 & 0x7fffffff) % 7);
  });

  it('says what a partition count must be', () => {
    expect(() => kafkaPartition('ORD', 0)).toThrow(
      'partition count must be a whole number of at least 1: got 0',
    );
    expect(() => kafkaPartition('ORD', 1.5)).toThrow('got 1.5');
  });
});
