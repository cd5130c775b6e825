import type {
  CommitMode,
  ConsumerPlan,
  Fault,
  GroupScenario,
  IsolationLevel,
  ProduceScenario,
  PutBatch,
  ShareConsumerPlan,
  TopicScenario,
  WorkerPlan,
} from '#engine';
import type { BatchFault } from '#engine/spark';

/** When the reading job goes on with another parallelism. */
export interface Rescale {
  readonly parallelism: number;
  readonly atMs: number;
}

/** A topic, and a runtime that reads it. */
export interface TopicPlan {
  readonly type: 'topic';
  readonly topic: TopicScenario;
  readonly isolation: IsolationLevel;
  readonly reader:
    | {
        readonly type: 'flink';
        readonly parallelism: number;
        readonly checkpointMs: number;
        readonly faults: readonly Fault[];
        readonly rescale: Rescale;
      }
    | { readonly type: 'spark'; readonly faults: readonly BatchFault[] }
    | { readonly type: 'batch'; readonly parallelism: number };
}

/** A consumer group on a topic. The last consumer has no faults and stays. */
export interface GroupPlan {
  readonly type: 'group';
  readonly topic: TopicScenario;
  readonly isolation: IsolationLevel;
  readonly consumers: readonly ConsumerPlan[];
  readonly assignor: GroupScenario['assignor'];
  readonly protocol: 'classic' | 'consumer';
  readonly commit: CommitMode;
  readonly maxPollRecords: number;
}

/** A share group on a topic. The last consumer has no faults and stays. */
export interface SharePlan {
  readonly type: 'share';
  readonly counts: readonly number[];
  readonly consumers: readonly ShareConsumerPlan[];
  readonly maxPollRecords: number;
}

/** Batches that are put, each phase followed by a change of the shards. */
export interface StreamPhase {
  readonly batches: readonly PutBatch[];
  /** Which open shard, by place, is split, or merged with the next one. */
  readonly reshard: { readonly type: 'split' | 'merge'; readonly place: number } | undefined;
}

/** A stream, and who reads it. */
export interface StreamPlan {
  readonly type: 'stream';
  readonly shards: number;
  readonly phases: readonly StreamPhase[];
  readonly reader:
    | {
        readonly type: 'flink';
        readonly parallelism: number;
        readonly checkpointMs: number;
        readonly otherPollingReaders: number;
        readonly faults: readonly Fault[];
        readonly startMs: number;
        readonly rescale: Rescale;
      }
    | { readonly type: 'leases'; readonly workers: readonly WorkerPlan[] };
}

/** A producer and its brokers, and Flink reading what is left of it. */
export interface ProducePlan {
  readonly type: 'produce';
  readonly produce: ProduceScenario;
  readonly checkpointMs: number;
  readonly faults: readonly Fault[];
}

/** What the attack on logs tries. */
export type LogPlan = TopicPlan | GroupPlan | SharePlan | StreamPlan | ProducePlan;
