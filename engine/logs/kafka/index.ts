export { cooperativeStickyAssign } from './assignors/cooperative-sticky.ts';
export { partitionName } from './assignors/group-member.ts';
export type {
  Assignment,
  GroupMember,
  PartitionCounts,
  TopicPartition,
} from './assignors/group-member.ts';
export { rangeAssign } from './assignors/range.ts';
export { roundRobinAssign } from './assignors/round-robin.ts';
export { stickyAssign } from './assignors/sticky.ts';
export { compactLog } from './compaction.ts';
export type { CompactionResult, CompactionSettings, RecordCompacted } from './compaction.ts';
export { ConsumerGroup, uniformTarget } from './consumer-protocol.ts';
export type { ConsumerGroupFact, ConsumerGroupMember } from './consumer-protocol.ts';
export { fetchRecords, resetOffset } from './fetch.ts';
export type { FetchResult, IsolationLevel, OffsetReset } from './fetch.ts';
export type {
  Assignor,
  CommitMode,
  ConsumerPlan,
  GroupFact,
  GroupScenario,
  RecordPlace,
} from './group-scenario.ts';
export { PartitionLog } from './partition-log.ts';
export type { AppendResult, LogSegment, SegmentSettings } from './partition-log.ts';
export { kafkaPartition, murmur2 } from './partitioner.ts';
export type {
  ProduceFact,
  ProduceFault,
  ProduceRun,
  ProduceScenario,
  RecordFate,
} from './produce-scenario.ts';
export { produceLogInput } from './produce-log-input.ts';
export type { ProduceError } from './producer-state.ts';
export { batchRecords } from './record-accumulator.ts';
export type { BatchReady, BatchSettings, RecordToSend } from './record-accumulator.ts';
export type {
  LogBatch,
  ProduceBatch,
  ProducerRecord,
  StoredRecord,
  TransactionMarker,
} from './record-batch.ts';
export { ReplicatedPartition } from './replicated-partition.ts';
export type { Acks, ReplicaFact, ReplicationSettings } from './replicated-partition.ts';
export { deleteOldSegments } from './retention.ts';
export type { RetentionSettings, SegmentDeleted } from './retention.ts';
export { SharePartition } from './share-partition.ts';
export type {
  Acknowledgement,
  DeliveryState,
  ShareFact,
  ShareSettings,
} from './share-partition.ts';
export { simulateGroup } from './simulate-group.ts';
export type { GroupRun } from './simulate-group.ts';
export { simulateShareGroup } from './simulate-share-group.ts';
export type {
  ShareConsumerPlan,
  ShareGroupRun,
  ShareGroupScenario,
} from './simulate-share-group.ts';
export { traceGroup } from './group-trace.ts';
export { simulateTopic } from './simulate-topic.ts';
export type { TopicRun } from './simulate-topic.ts';
export type { TopicScenario, TopicStep } from './topic-scenario.ts';
export { simulateProduce } from './simulate-produce.ts';
export { StickyPartitioner } from './sticky-partitioner.ts';
export { Topic } from './topic.ts';
export { TransactionCoordinator } from './transaction-coordinator.ts';
export type { ProducerSession, TransactionFact } from './transaction-coordinator.ts';
export { TransactionalProducer } from './transactional-producer.ts';
export type { TransactionOutcome } from './transactional-producer.ts';
