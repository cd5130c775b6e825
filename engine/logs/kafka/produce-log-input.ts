/**
 * Models what consumers see of a replicated partition: Apache Kafka 4.1, a fetch ends at the high
 * watermark, so a clean leader change takes nothing from them.
 * Simplified: consumers know the high watermark as soon as the leader does; records that a clean
 * leader change cuts off were never readable, and are left out.
 * Invariant: a record is readable from the moment at which the high watermark passed it.
 */
import { ConfigError } from '../../core/errors.ts';
import type { LogFact } from '../log-fact.ts';
import type { LogInput } from '../log.ts';
import type { LogEdges } from '../partition-life.ts';
import type { ProduceRun } from './produce-scenario.ts';
import type { LogBatch } from './record-batch.ts';

/**
 * The partition that a producer has written, as any runtime reads it.
 * @throws ConfigError when it has no leader, or lost what consumers could have read: an unclean
 * election gives offsets to other records.
 */
export function produceLogInput<V = unknown>(name: string, run: ProduceRun): LogInput<V> {
  const { partition, facts } = run;
  const { leader } = partition;
  if (leader === undefined) {
    throw new ConfigError(
      `${name}-0 must have a leader at the end to be read`,
      leader,
      'let a broker that is in sync restart',
    );
  }
  const edges: LogEdges[] = [{ atMs: 0, startOffset: 0, readableEnd: 0 }];
  for (const fact of facts) {
    if (fact.type === 'leader-elected' && fact.leader !== undefined && !fact.isClean) {
      throw new ConfigError(
        `${name}-0 must keep what consumers have read`,
        `an unclean election at ${fact.atMs} ms`,
        'leave isUncleanElectionAllowed out',
      );
    }
    if (fact.type !== 'high-watermark-advanced') continue;
    const last = edges.at(-1) as LogEdges;
    // A new leader learns of the high watermark late: consumers keep what they know.
    if (fact.offset <= last.readableEnd) continue;
    edges.push({ atMs: fact.atMs, startOffset: 0, readableEnd: fact.offset });
  }
  const batches = partition.logOf(leader).segments.flatMap((segment) => segment.batches);
  const records = batches.flatMap((batch) => batch.records);
  const shown = records.flatMap((record) => {
    const edge = edges.find(({ readableEnd }) => readableEnd > record.offset);
    return edge === undefined ? [] : [{ record, arrivalMs: edge.atMs }];
  });
  const life = {
    name: `${name}-0`,
    offsets: shown.map(({ record }) => record.offset),
    goneMs: shown.map(() => Infinity),
    openedMs: 0,
    closedMs: Infinity,
    parents: [],
    edges,
  };
  return {
    partitions: [
      shown.map(({ record: { key, value, timestampMs }, arrivalMs }) => ({
        ...(key === null ? {} : { key }),
        value: value as V,
        timestampMs,
        arrivalMs,
      })),
    ],
    lives: [life],
    facts: factsOf(run, batches),
  };
}

/** What happened to the replicas, with the records of the log that is left. */
function factsOf({ facts }: ProduceRun, batches: readonly LogBatch[]): LogFact[] {
  const partition = 0;
  const changes = facts.flatMap((fact): LogFact[] => {
    const { atMs } = fact;
    switch (fact.type) {
      case 'leader-elected': {
        const { leader = -1, leaderEpoch, isClean, type } = fact;
        return [{ type, atMs, partition, leader, leaderEpoch, isClean }];
      }
      case 'log-truncated':
        return [{ type: fact.type, atMs, partition, offset: fact.fromOffset }];
      case 'high-watermark-advanced':
        return [{ type: 'high-watermark-moved', atMs, partition, offset: fact.offset }];
      default:
        return [];
    }
  });
  const appends = batches.flatMap(({ records, appendedMs: atMs }) =>
    records.map(({ offset, key, value, timestampMs }): LogFact => {
      return { type: 'record-appended', atMs, partition, offset, key, value, timestampMs };
    }),
  );
  return [...appends, ...changes].sort((left, right) => left.atMs - right.atMs);
}
