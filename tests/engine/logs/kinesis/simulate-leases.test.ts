import { describe, expect, test } from 'vitest';
import { ConfigError, KinesisStream, Random, simulateLeases } from '#engine';
import type { LeaseFact, LeaseScenario, WorkerPlan } from '#engine';
import { forEachSeed } from '../../stream-notation.ts';

const SECOND_MS = 1000;

/** `count` records in each of the open shards, one every 100 ms from `fromMs` on. */
function fill(stream: KinesisStream, count: number, fromMs = 0): void {
  for (let at = 0; at < count; at += 1) {
    for (const { range } of stream.openShards) {
      const entry = { partitionKey: 'k', value: at, explicitHashKey: range.start };
      stream.putRecord(entry, fromMs + at * 100);
    }
  }
}

/** `A 0` starts at 0 s; `B 5 crash 20` crashes at 20 s. */
function workers(...texts: string[]): WorkerPlan[] {
  return texts.map((text) => {
    const [workerId = '', start, , crash] = text.split(' ');
    const crashMs = crash === undefined ? {} : { crashMs: Number(crash) * SECOND_MS };
    return { workerId, startMs: Number(start) * SECOND_MS, ...crashMs };
  });
}

const scenario = (more: Partial<LeaseScenario> & Pick<LeaseScenario, 'stream'>): LeaseScenario => ({
  workers: workers('A 0'),
  processMs: 100,
  checkpointEvery: 10,
  untilMs: 200 * SECOND_MS,
  ...more,
});

/** `30.05 B takes 1 (expired) at 7`, without records and checkpoints. */
function timeline(facts: readonly LeaseFact[]): string[] {
  return facts.flatMap((fact) => {
    const at = fact.atMs / SECOND_MS;
    if (fact.type === 'worker-crashed') return [`${at} ${fact.workerId} crashes`];
    const shard = Number(fact.shardId.slice(-3));
    if (fact.type === 'lease-taken') {
      const { workerId, reason, checkpoint } = fact;
      return [`${at} ${workerId} takes ${shard} (${reason}) at ${checkpoint}`];
    }
    if (fact.type === 'lease-lost') return [`${at} ${fact.workerId} loses ${shard}`];
    if (fact.type === 'shard-finished') return [`${at} ${fact.workerId} finishes ${shard}`];
    return [];
  });
}

/** The records in the order in which they were processed. */
function processedOf(facts: readonly LeaseFact[]) {
  return facts.flatMap((fact) => (fact.type === 'record-processed' ? [fact] : []));
}

test('one worker takes all; a second steals one, and the first learns of it later', () => {
  const stream = new KinesisStream({ shards: 2 });
  fill(stream, 300);
  const run = simulateLeases(scenario({ stream, workers: workers('A 0', 'B 5') }));
  expect(timeline(run.facts)).toEqual([
    '0 A takes 0 (unassigned) at TRIM_HORIZON',
    '0 A takes 1 (unassigned) at TRIM_HORIZON',
    '5 B takes 0 (stolen) at 79',
    '6.616 A loses 0',
  ]);
  // What A did after its last checkpoint, and what it went on doing until it learned of the theft.
  expect(run.repeated.length).toBe(26);
  expect(run.facts.some((fact) => fact.type === 'checkpoint-refused')).toBe(true);
});

test('a crash is noticed by the missing renewal; work since the checkpoint is repeated', () => {
  const stream = new KinesisStream({ shards: 2 });
  fill(stream, 300);
  const run = simulateLeases(
    scenario({ stream, workers: workers('A 0', 'B 0 crash 7'), checkpointEvery: 30 }),
  );
  expect(timeline(run.facts)).toEqual([
    '0 A takes 0 (unassigned) at TRIM_HORIZON',
    '0 A takes 1 (unassigned) at TRIM_HORIZON',
    '0 B takes 0 (stolen) at TRIM_HORIZON',
    '3.308 A loses 0',
    '7 B crashes',
    '20.05 A takes 0 (expired) at 119',
  ]);
  expect(new Set(processedOf(run.facts).map((fact) => fact.sequenceNumber)).size).toBe(600);
});

test('children wait for their parents', () => {
  const stream = new KinesisStream({ shards: 1 });
  fill(stream, 20);
  const [lower, upper] = stream.splitShard('shardId-000000000000', 2 * SECOND_MS);
  fill(stream, 5, 2 * SECOND_MS);
  stream.mergeShards(lower, upper, 3 * SECOND_MS);
  fill(stream, 5, 3 * SECOND_MS);
  const run = simulateLeases(scenario({ stream }));
  expect(timeline(run.facts)).toEqual([
    '0 A takes 0 (unassigned) at TRIM_HORIZON',
    '2 A finishes 0',
    '20.05 A takes 1 (unassigned) at TRIM_HORIZON',
    '20.05 A takes 2 (unassigned) at TRIM_HORIZON',
    '20.55 A finishes 1',
    '20.55 A finishes 2',
    '40.1 A takes 3 (unassigned) at TRIM_HORIZON',
  ]);
});

test('every record is processed, parents before children, whoever crashes', () => {
  forEachSeed(60, (seed) => {
    const random = new Random(seed);
    const stream = new KinesisStream({ shards: random.between(1, 3) });
    for (let phase = 0; phase < 4; phase += 1) {
      fill(stream, random.between(1, 15), phase * 3000);
      const shards = [...stream.openShards].sort((a, b) =>
        a.range.start < b.range.start ? -1 : 1,
      );
      const atMs = phase * 3000 + 2500;
      if (random.chance(0.6)) stream.splitShard(random.pick(shards).shardId, atMs);
      else if (shards.length > 1) {
        stream.mergeShards(shards[0]!.shardId, shards[1]!.shardId, atMs);
      }
    }
    const plans = ['A 0', 'B 1', 'C 15'].map((text, at) =>
      at > 0 && random.chance(0.6) ? `${text} crash ${random.between(16, 60)}` : text,
    );
    const untilMs = 2000 * SECOND_MS;
    const { facts } = simulateLeases(scenario({ stream, workers: workers(...plans), untilMs }));
    const processed = processedOf(facts);
    const all = stream.shards.flatMap((shard) => shard.records);
    expect(new Set(processed.map((fact) => fact.sequenceNumber)).size).toBe(all.length);
    const firstOf = (shardId: string): number =>
      processed.findIndex((fact) => fact.shardId === shardId);
    for (const shard of stream.shards) {
      for (const parentId of shard.parentIds) {
        const finished = facts.findIndex(
          (fact) => fact.type === 'shard-finished' && fact.shardId === parentId,
        );
        const started = facts.findIndex(
          (fact) => fact.type === 'record-processed' && fact.shardId === shard.shardId,
        );
        if (firstOf(shard.shardId) >= 0) expect(started).toBeGreaterThan(finished);
      }
    }
  });
});

describe('is refused:', () => {
  const stream = new KinesisStream({ shards: 1 });
  test.each<[Partial<LeaseScenario>, RegExp]>([
    [{ processMs: 0 }, /processMs must be positive/],
    [{ checkpointEvery: 0 }, /checkpointEvery must be positive/],
    [{ failoverMs: 50 }, /failoverMs must be above 75/],
    [{ untilMs: Infinity }, /untilMs finite/],
  ])('%o', (options, message) => {
    expect(() => simulateLeases(scenario({ stream, ...options }))).toThrow(message);
    expect(() => simulateLeases(scenario({ stream, ...options }))).toThrow(ConfigError);
  });
});
