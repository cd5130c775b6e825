/**
 * Models one consumer: Apache Kafka 4.1, clients, `ClassicKafkaConsumer`, `ConsumerCoordinator`.
 * Simplified: one thread that polls, processes what it got record by record, and polls again; a
 * fetch takes no time; heartbeats come from a second thread, as in Kafka. Who commits by hand does
 * so in `onPartitionsRevoked` too, as the documentation advises. Auto-commit does not: what a
 * cooperative member processes during a rebalance and then gives up is processed again.
 * Invariant: a partition is given up only between two polls, when all its records that were
 * returned have been processed.
 */
import type { LogInput, LogRecord } from '../log.ts';
import { partitionName } from './assignors/group-member.ts';
import type { TopicPartition } from './assignors/group-member.ts';
import type { GroupCoordinator, JoinAnswer } from './group-coordinator.ts';
import type { ConsumerPlan, GroupFact, GroupSettings } from './group-scenario.ts';

/** What a consumer needs of its surroundings. */
export interface ConsumerContext {
  readonly settings: GroupSettings;
  readonly coordinator: GroupCoordinator;
  readonly note: (fact: GroupFact) => void;
  /** Plans a call of `wake` for this life of the consumer. */
  readonly wakeAt: (atMs: number) => void;
}

interface Owned {
  readonly topicPartition: TopicPartition;
  readonly records: readonly LogRecord[];
  position: number;
}

interface Returned {
  readonly partition: string;
  readonly offset: number;
}

/** A consumer from one start to its end. */
export class GroupConsumer {
  readonly #plan: ConsumerPlan;
  readonly #context: ConsumerContext;
  readonly #owned = new Map<string, Owned>();
  /** Returned by the last poll and not processed yet. */
  #batch: Returned[] = [];
  #busyUntilMs = -Infinity;
  #generation = -1;
  #needsJoin = true;
  #isJoining = false;
  #isLost = false;
  #isCommitOwed = false;
  #answer: JoinAnswer | undefined;
  #lastPollMs: number;
  #nextCommitMs: number;
  #nextPartition = 0;

  constructor(plan: ConsumerPlan, context: ConsumerContext, nowMs: number) {
    this.#plan = plan;
    this.#context = context;
    this.#lastPollMs = nowMs;
    const { commit } = context.settings;
    this.#nextCommitMs = commit.type === 'auto' ? nowMs + commit.intervalMs : Infinity;
  }

  get memberId(): string {
    return this.#plan.memberId;
  }

  /** Names of what it owns. */
  get owned(): readonly string[] {
    return [...this.#owned.keys()];
  }

  /** The group has a new generation. It is taken in at the next poll. */
  onAnswer(answer: JoinAnswer, nowMs: number): void {
    this.#answer = answer;
    this.#wakeIfIdle(nowMs);
  }

  /** Called by the heartbeat thread. */
  heartbeat(nowMs: number): void {
    const { coordinator, settings } = this.#context;
    if (this.#generation < 0 && !this.#isJoining) return;
    const isIdle = this.#batch.length === 0;
    if (!isIdle && nowMs - this.#lastPollMs > settings.maxPollIntervalMs && !this.#isLost) {
      this.#isLost = true;
      this.#needsJoin = true;
      coordinator.leave(this.memberId, nowMs);
      return;
    }
    if (this.#isLost) return;
    const answer = coordinator.heartbeat(this.memberId, nowMs);
    if (answer === 'ok') return;
    if (answer === 'unknown') this.#isLost = true;
    this.#needsJoin = true;
    this.#wakeIfIdle(nowMs);
  }

  /** Goes on with its work: finishes a record, or polls. */
  wake(nowMs: number): void {
    if (nowMs < this.#busyUntilMs) return;
    if (this.#batch.length > 0) this.#finishRecord(nowMs);
    if (this.#batch.length > 0) this.#startRecord(nowMs);
    else this.#poll(nowMs);
  }

  /** Closes. A static member keeps its place until its session ends. */
  close(nowMs: number): void {
    if (this.#context.settings.commit.type === 'auto') this.#commitProcessed(nowMs);
    if (this.#plan.groupInstanceId !== undefined) return;
    this.#revoke([...this.#owned.keys()], 'partitions-revoked', nowMs);
    this.#context.coordinator.leave(this.memberId, nowMs);
  }

  #poll(nowMs: number): void {
    this.#lastPollMs = nowMs;
    if (this.#answer !== undefined) this.#takeIn(this.#answer, nowMs);
    if (this.#needsJoin) this.#join(nowMs);
    if (this.#nextCommitMs <= nowMs) this.#autoCommit(nowMs);
    this.#fetch(nowMs);
    if (this.#batch.length > 0) {
      if (this.#context.settings.commit.type === 'before-processing') this.#commit(nowMs);
      this.#startRecord(nowMs);
      return;
    }
    const arrivals = [...this.#owned.values()].map(
      ({ records, position }) => records[position]?.arrivalMs ?? Infinity,
    );
    const nextMs = Math.min(...arrivals, this.#nextCommitMs);
    if (nextMs !== Infinity) this.#context.wakeAt(Math.max(nextMs, nowMs));
  }

  #join(nowMs: number): void {
    const { settings, coordinator } = this.#context;
    const isCooperative = settings.assignor === 'cooperative-sticky';
    this.#needsJoin = false;
    const owned = [...this.#owned.values()].map((held) => held.topicPartition);
    if (this.#isLost) {
      this.#isLost = false;
      this.#generation = -1;
      this.#revoke([...this.#owned.keys()], 'partitions-lost', nowMs);
    } else {
      if (settings.commit.type === 'auto') this.#commit(nowMs);
      // Eager: everybody stops, whatever the next assignment will be.
      if (!isCooperative) this.#revoke([...this.#owned.keys()], 'partitions-revoked', nowMs);
    }
    const { memberId, groupInstanceId, topics } = this.#plan;
    const generation = this.#generation;
    this.#isJoining = true;
    coordinator.join(
      {
        memberId,
        ...(groupInstanceId === undefined ? {} : { groupInstanceId }),
        topics,
        ownedPartitions: generation < 0 ? [] : owned,
        generation,
      },
      nowMs,
    );
  }

  #takeIn(answer: JoinAnswer, nowMs: number): void {
    this.#answer = undefined;
    this.#isJoining = false;
    this.#generation = answer.generation;
    const { commit } = this.#context.settings;
    if (commit.type === 'auto') this.#nextCommitMs = nowMs + commit.intervalMs;
    const names = new Set(answer.partitions.map(partitionName));
    const revoked = [...this.#owned.keys()].filter((name) => !names.has(name));
    const isCommitting = commit.type !== 'auto';
    if (isCommitting && (revoked.length > 0 || this.#isCommitOwed)) this.#commit(nowMs);
    if (revoked.length > 0) {
      this.#revoke(revoked, 'partitions-revoked', nowMs);
      // What was given up can be handed out now: join again at once.
      this.#needsJoin = true;
    }
    const added = answer.partitions.filter(
      (partition) => !this.#owned.has(partitionName(partition)),
    );
    for (const topicPartition of added) this.#own(topicPartition, nowMs);
    const partitions = added.map(partitionName);
    const { memberId } = this;
    this.#context.note({ type: 'partitions-assigned', atMs: nowMs, memberId, partitions });
  }

  #own(topicPartition: TopicPartition, nowMs: number): void {
    const { topics, offsetReset } = this.#context.settings;
    const log = topics[topicPartition.topic] as LogInput;
    const records = log.partitions[topicPartition.partition] as readonly LogRecord[];
    const name = partitionName(topicPartition);
    const latest = records.filter((record) => record.arrivalMs <= nowMs).length;
    const start = offsetReset === 'earliest' ? 0 : latest;
    const position = this.#context.coordinator.committed.get(name) ?? start;
    this.#owned.set(name, { topicPartition, records, position });
  }

  #fetch(nowMs: number): void {
    const names = [...this.#owned.keys()];
    for (let turn = 0; turn < names.length; turn += 1) {
      const partition = names[(this.#nextPartition + turn) % names.length] as string;
      const held = this.#owned.get(partition) as Owned;
      while (
        this.#batch.length < this.#context.settings.maxPollRecords &&
        (held.records[held.position]?.arrivalMs ?? Infinity) <= nowMs
      ) {
        this.#batch.push({ partition, offset: held.position });
        held.position += 1;
      }
    }
    this.#nextPartition += 1;
  }

  #startRecord(nowMs: number): void {
    const { partition, offset } = this.#batch[0] as Returned;
    const { processMs, slowRecord } = this.#plan;
    const isSlow = slowRecord?.partition === partition && slowRecord.offset === offset;
    this.#busyUntilMs = nowMs + (isSlow ? slowRecord.ms : processMs);
    this.#context.wakeAt(this.#busyUntilMs);
  }

  #finishRecord(nowMs: number): void {
    const { partition, offset } = this.#batch.shift() as Returned;
    const { memberId } = this;
    this.#context.note({ type: 'record-processed', atMs: nowMs, memberId, partition, offset });
    const isLast = this.#batch.length === 0;
    if (isLast && this.#context.settings.commit.type === 'after-processing') this.#commit(nowMs);
  }

  #autoCommit(nowMs: number): void {
    const { commit } = this.#context.settings;
    if (commit.type === 'auto') this.#nextCommitMs = nowMs + commit.intervalMs;
    this.#commit(nowMs);
  }

  /** Commits the positions: all that was returned counts as done. */
  #commit(nowMs: number): void {
    const offsets = new Map([...this.#owned].map(([name, held]) => [name, held.position]));
    if (offsets.size === 0) return;
    if (this.#isJoining) {
      // The client refuses by itself until the rebalance is over; then it is tried again.
      this.#isCommitOwed = true;
      const { memberId } = this;
      const error = 'REBALANCE_IN_PROGRESS';
      this.#context.note({ type: 'commit-failed', atMs: nowMs, memberId, error });
      return;
    }
    this.#isCommitOwed = false;
    const request = { generation: this.#generation, offsets };
    if (!this.#context.coordinator.commit(this.memberId, request, nowMs)) {
      this.#isLost = true;
      this.#needsJoin = true;
    }
  }

  /** Commits only what is processed, for it stops in the middle of a batch. */
  #commitProcessed(nowMs: number): void {
    for (const { partition, offset } of [...this.#batch].reverse()) {
      const held = this.#owned.get(partition);
      if (held !== undefined) held.position = offset;
    }
    this.#commit(nowMs);
  }

  #revoke(
    partitions: readonly string[],
    type: 'partitions-revoked' | 'partitions-lost',
    nowMs: number,
  ): void {
    for (const name of partitions) this.#owned.delete(name);
    const { memberId } = this;
    if (partitions.length > 0) this.#context.note({ type, atMs: nowMs, memberId, partitions });
  }

  #wakeIfIdle(nowMs: number): void {
    if (this.#batch.length === 0) this.#context.wakeAt(nowMs);
  }
}
