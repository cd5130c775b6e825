export { HASH_KEY_LIMIT, coversAll, hashKeyOf } from './hash-key-range.ts';
export type { HashKeyRange } from './hash-key-range.ts';
export type { Lease, LeaseCheckpoint } from './lease-table.ts';
export { traceLeases } from './lease-trace.ts';
export { putWithRetries } from './put-with-retries.ts';
export type { PutAttempt, PutBatch } from './put-with-retries.ts';
export { SHARD_LIMITS, shardsNeeded } from './shard-limits.ts';
export { simulateLeases } from './simulate-leases.ts';
export type { LeaseFact, LeaseRun, LeaseScenario, WorkerPlan } from './simulate-leases.ts';
export { simulateReaders } from './simulate-readers.ts';
export type { ReaderPlan, ReaderResult } from './simulate-readers.ts';
export { KinesisStream } from './stream.ts';
export type {
  GetRecordsResult,
  IteratorPosition,
  KinesisRecord,
  PutRecordsEntry,
  PutResult,
  Shard,
  ShardIterator,
  StreamFact,
} from './stream-records.ts';
export { kinesisLogInput } from './to-log-input.ts';
export type { KinesisLogOptions } from './to-log-input.ts';
