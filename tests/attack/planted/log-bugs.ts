import type { PlantedBug } from './bugs.ts';

const family = 'logs';

/** Slips in the models of logs and in whoever reads them. */
export const LOG_BUGS: readonly PlantedBug[] = [
  {
    family,
    name: 'an at-least-once consumer commits before it has processed',
    file: 'logs/kafka/group-consumer.ts',
    find: "if (this.#context.settings.commit.type === 'before-processing') this.#commit(nowMs);",
    replace: "if (this.#context.settings.commit.type !== 'auto') this.#commit(nowMs);",
  },
  {
    family,
    name: 'read_committed reads past the last stable offset',
    file: 'logs/kafka/fetch.ts',
    find: "return isolation === 'read_committed' ? log.lastStableOffset : log.highWatermark;",
    replace: 'return isolation === undefined ? log.lastStableOffset : log.highWatermark;',
  },
  {
    family,
    name: 'a source reads a child shard before its parent',
    file: 'flink/split-enumerator.ts',
    find: 'return parents.every((parent) =>',
    replace: 'return parents.length < 9 || parents.every((parent) =>',
  },
  {
    family,
    name: 'workers read a merged shard when one of its parents is finished',
    file: 'logs/kinesis/lease-table.ts',
    find: 'const isReady = shard.parentIds.every(',
    replace: 'const isReady = shard.parentIds.some(',
  },
  {
    family,
    name: 'a producer is not fenced by a newer session',
    file: 'logs/kafka/transaction-coordinator.ts',
    find: 'state.producerEpoch === session.producerEpoch) {',
    replace: 'state.producerEpoch >= session.producerEpoch) {',
  },
  {
    family,
    name: 'a zombie of an older generation commits its transaction',
    file: 'logs/kafka/group-consumer.ts',
    find: 'if (error !== undefined || !session.addOffsets(offsets, nowMs)) {',
    replace: 'if (!session.addOffsets(offsets, nowMs)) {',
  },
  {
    family,
    name: 'what an aborted transaction has read is not read again',
    file: 'logs/kafka/group-consumer.ts',
    find: 'for (const held of this.#owned.values()) held.position = undefined;',
    replace: '',
  },
  {
    family,
    name: 'a source takes the offset of its checkpoint for a place',
    file: 'flink/log-split.ts',
    find: 'return this.seekPlace(offset, placeOf(this, offset), nowMs);',
    replace: 'return this.seekPlace(offset, Math.min(offset, this.records.length), nowMs);',
  },
  {
    family,
    name: 'a batch of a query begins one offset too late',
    file: 'spark/stream-source.ts',
    find: 'let place = placeOf({ records, life }, from); place < last;',
    replace: 'let place = placeOf({ records, life }, from + 1); place < last;',
  },
  {
    family,
    name: 'the lock of a share group never ends',
    file: 'logs/kafka/share-partition.ts',
    find: "entry.state === 'acquired' && entry.lockEndMs <= nowMs;",
    replace: "entry.state === 'acquired' && entry.lockEndMs < 0;",
  },
  {
    family,
    name: 'a resend of an idempotent producer is stored again',
    file: 'logs/kafka/producer-state.ts',
    find: "return { type: 'duplicate', baseOffset: known.baseOffset,",
    replace:
      "if (known.lastOffset >= 0) return { type: 'append' };" +
      "return { type: 'duplicate', baseOffset: known.baseOffset,",
  },
  {
    family,
    name: 'acks=all is answered before the followers have the record',
    file: 'logs/kafka/replicated-partition.ts',
    find: 'const offset = Math.min(...ends, log.endOffset);',
    replace: 'const offset = Math.max(...ends, log.endOffset);',
  },
  {
    family,
    name: 'the newer protocol hands a partition out before it is given up',
    file: 'logs/kafka/consumer-protocol.ts',
    find: 'const free = wanted.filter((name) => !this.#isHeld(name, memberId));',
    replace: 'const free = wanted;',
  },
];
