import { ConfigError } from '../../core/errors.ts';
import type { CompactionSettings } from './compaction.ts';
import type { SegmentSettings } from './partition-log.ts';
import type { RetentionSettings } from './retention.ts';

/** Something that is done to a topic at a moment. */
export type TopicStep = { readonly atMs: number } & (
  | {
      readonly type: 'send';
      readonly key: string | null;
      /** Null: a tombstone. */
      readonly value: unknown;
      /** Event time; default: the moment itself. */
      readonly timestampMs?: number;
      /** Left out, the key decides; a record without a key needs it. */
      readonly partition?: number;
      /** The `transactional.id` of who sends it; left out, it is not part of a transaction. */
      readonly producer?: string;
      /** Which session of that producer, from 0; default the newest. An older one is a zombie. */
      readonly session?: number;
    }
  | {
      readonly type: 'commit' | 'abort';
      readonly producer: string;
      readonly session?: number;
    }
  /** The producer starts again: `initTransactions()` fences its older sessions. */
  | { readonly type: 'restart-producer'; readonly producer: string }
  | { readonly type: 'add-partitions'; readonly partitions: number }
  /** The cleaner comes by, if the topic is compacted. */
  | { readonly type: 'compact' }
);

/** A topic, and everything that is done to it. */
export interface TopicScenario extends Partial<SegmentSettings> {
  readonly name: string;
  readonly partitions: number;
  /** In the order of time. */
  readonly steps: readonly TopicStep[];
  readonly retention?: RetentionSettings;
  readonly compaction?: CompactionSettings;
  /** `log.retention.check.interval.ms`; default 5 minutes. */
  readonly retentionCheckMs?: number;
  /** `transaction.timeout.ms` of its producers; default 1 minute. */
  readonly transactionTimeoutMs?: number;
  /** The brokers go on until then. Default: the last step. */
  readonly untilMs?: number;
}

/** @throws ConfigError naming the step that can't be done. */
export function checkTopicScenario({ name, steps, retentionCheckMs = 1 }: TopicScenario): void {
  let previousMs = -Infinity;
  for (const [place, step] of steps.entries()) {
    const what = `step ${place} of topic "${name}"`;
    if (!Number.isFinite(step.atMs) || step.atMs < previousMs) {
      throw new ConfigError(
        `${what} must have a time at or after the step before it`,
        step.atMs,
        'sort the steps by atMs',
      );
    }
    previousMs = step.atMs;
    if (step.type === 'send' && step.key === null && step.partition === undefined) {
      throw new ConfigError(
        `${what} sends a record without a key and must say where`,
        step.partition,
        'give a partition: batchRecords shows where the sticky partitioner puts it',
      );
    }
  }
  if (!(retentionCheckMs > 0)) {
    throw new ConfigError('retentionCheckMs must be positive', retentionCheckMs, 'give 300000');
  }
}
