/**
 * Models what a group that reads, processes and writes puts into its output topic: Apache Kafka
 * 4.1, `KafkaProducer.sendOffsetsToTransaction` with the group's metadata (KIP-447).
 * Simplified: an output topic of one partition; every input record gives one output record.
 * Invariant: the output of a record and the offset behind it are committed together or not at all.
 */
import { fetchRecords } from './fetch.ts';
import type { ConsumerPlan, GroupFact, RecordPlace } from './group-scenario.ts';
import { PartitionLog } from './partition-log.ts';
import { TransactionCoordinator } from './transaction-coordinator.ts';
import { TransactionalProducer } from './transactional-producer.ts';

const GROUP_ID = 'group';
const SEGMENT_BYTES = 2 ** 30;

/** The topic that a group writes in transactions, and the coordinator of these. */
export class GroupOutput {
  readonly log = new PartitionLog({ segmentBytes: SEGMENT_BYTES });
  readonly #name: string;
  readonly #timeoutMs: number;
  readonly #note: (fact: GroupFact) => void;
  readonly #coordinator: TransactionCoordinator;
  #factCount = 0;

  constructor(
    options: { readonly name: string; readonly timeoutMs: number },
    note: (fact: GroupFact) => void,
  ) {
    this.#name = `${options.name}-0`;
    this.#timeoutMs = options.timeoutMs;
    this.#note = note;
    this.#coordinator = new TransactionCoordinator(new Map([[this.#name, this.log]]));
  }

  /** A consumer starts: what an earlier process of the same id left open is aborted. */
  begin({ memberId, transactionalId = memberId }: ConsumerPlan, nowMs: number): OutputSession {
    const cluster = { coordinator: this.#coordinator, logs: new Map([[this.#name, this.log]]) };
    const options = { transactionalId, timeoutMs: this.#timeoutMs };
    const producer = new TransactionalProducer(cluster, options, nowMs);
    this.noteEnds();
    return new OutputSession(this, producer, memberId);
  }

  get partition(): string {
    return this.#name;
  }

  note(fact: GroupFact): void {
    this.#note(fact);
  }

  /** Whether a transaction that is not decided holds the offset of a partition. */
  isUndecided(partition: string): boolean {
    return this.#coordinator.hasPendingOffset(GROUP_ID, partition);
  }

  /** Aborts what has been open for too long. */
  expire(nowMs: number): void {
    this.#coordinator.expire(nowMs);
    this.noteEnds();
  }

  /** What readers of `read_committed` see, in order. */
  visible(): RecordPlace[] {
    const fetched = fetchRecords(this.log, { offset: 0, isolation: 'read_committed' });
    return fetched.type === 'records'
      ? fetched.records.map(({ value }) => value as RecordPlace)
      : [];
  }

  /** Passes on which transactions have ended. */
  noteEnds(): void {
    for (const fact of this.#coordinator.facts.slice(this.#factCount)) {
      if (fact.type !== 'transaction-ended') continue;
      const { atMs, transactionalId, marker, cause, producerId } = fact;
      const offset = this.log.endOffset - 1;
      const how = { transactionalId, producerId, marker, cause, offset };
      this.#note({ type: 'output-ended', atMs, ...how });
    }
    this.#factCount = this.#coordinator.facts.length;
  }
}

/** The producer of one consumer process. */
export class OutputSession {
  readonly #output: GroupOutput;
  readonly #producer: TransactionalProducer;
  readonly #memberId: string;
  #isOpen = false;

  constructor(output: GroupOutput, producer: TransactionalProducer, memberId: string) {
    this.#output = output;
    this.#producer = producer;
    this.#memberId = memberId;
  }

  /** Writes what a record gives. False: a newer process of the same id has fenced this one. */
  send(place: RecordPlace, nowMs: number): boolean {
    const { partition, log } = this.#output;
    const offset = log.endOffset;
    const record = { key: place.partition, value: place, timestampMs: nowMs };
    if (this.#producer.send(partition, record, nowMs) !== 'ok') return false;
    this.#isOpen = true;
    const { producerId } = this.#producer.session;
    const what = { memberId: this.#memberId, offset, producerId, of: place };
    this.#output.note({ type: 'output-sent', atMs: nowMs, ...what });
    return true;
  }

  /** Makes read positions part of the transaction. */
  addOffsets(offsets: ReadonlyMap<string, number>, nowMs: number): boolean {
    return this.#producer.sendOffsets(GROUP_ID, offsets, nowMs) === 'ok';
  }

  commit(nowMs: number): boolean {
    const outcome = this.#producer.commit(nowMs);
    this.#isOpen = false;
    this.#output.noteEnds();
    return outcome === 'ok';
  }

  /** Gives up what is open; nothing happens when nothing is. */
  abort(nowMs: number): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#producer.abort(nowMs);
    this.#output.noteEnds();
  }
}
