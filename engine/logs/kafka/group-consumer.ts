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
import { arrivedCount, edgesAt, nextKept, offsetAt, placeOf } from '../partition-life.ts';
import type { ReadPartition } from '../partition-life.ts';
import { edgeOffset, resumeAt } from '../read-position.ts';
import { partitionName } from './assignors/group-member.ts';
import type { TopicPartition } from './assignors/group-member.ts';
import type { ConsumerProtocolCoordinator } from './consumer-protocol-coordinator.ts';
import type { GroupCoordinator, JoinAnswer } from './group-coordinator.ts';
import type { ConsumerPlan, GroupFact, GroupSettings } from './group-scenario.ts';
import type { GroupOutput, OutputSession } from './group-output.ts';

/** What a consumer needs of its surroundings. */
export interface ConsumerContext {
  readonly settings: GroupSettings;
  readonly coordinator: GroupCoordinator | ConsumerProtocolCoordinator;
  readonly note: (fact: GroupFact) => void;
  /** Plans a call of `wake` for this life of the consumer. */
  readonly wakeAt: (atMs: number) => void;
  /** Its poll throws, and nobody catches that. */
  readonly fail: (error: FailedPoll) => never;
  /** Between two of its own steps: the process may end here. */
  readonly arrow: () => void;
  /** What it writes, when its commits are transactions. */
  readonly output: GroupOutput | undefined;
}

type FailedPoll = (GroupFact & { readonly type: 'consumer-failed' })['error'];

interface Owned extends ReadPartition {
  readonly topicPartition: TopicPartition;
  /** The next offset to return; undefined: its committed offset is not decided yet. */
  position: number | undefined;
}

interface Returned {
  readonly partition: string;
  readonly offset: number;
}

/** `retry.backoff.ms` */
const RETRY_BACKOFF_MS = 100;

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
  readonly #session: OutputSession | undefined;

  constructor(plan: ConsumerPlan, context: ConsumerContext, nowMs: number) {
    this.#plan = plan;
    this.#context = context;
    this.#lastPollMs = nowMs;
    const { commit } = context.settings;
    this.#nextCommitMs = commit.type === 'auto' ? nowMs + commit.intervalMs : Infinity;
    this.#session = context.output?.begin(plan, nowMs);
  }

  get memberId(): string {
    return this.#plan.memberId;
  }

  get #isIncremental(): boolean {
    return this.#context.settings.protocol === 'consumer';
  }

  /** Names of what it owns. */
  get owned(): readonly string[] {
    return [...this.#owned.keys()];
  }

  /** The group has a new generation. It is taken in at the next poll. */
  onAnswer(answer: JoinAnswer, nowMs: number): void {
    this.#answer = answer;
    // Under the newer protocol the epoch counts at once, whenever the partitions are taken in.
    if (this.#isIncremental) this.#generation = answer.generation;
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
    const answer = coordinator.heartbeat(this.memberId, nowMs, this.owned);
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
    this.#session?.abort(nowMs);
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
      this.#context.arrow();
      if (this.#context.settings.commit.type === 'before-processing') this.#commit(nowMs);
      this.#startRecord(nowMs);
      return;
    }
    const nextMs = Math.min(this.#nextArrivalMs(nowMs), this.#nextCommitMs);
    if (nextMs !== Infinity) this.#context.wakeAt(Math.max(nextMs, nowMs));
  }

  /** When it may get something, after it got nothing. */
  #nextArrivalMs(nowMs: number): number {
    let nextMs = Infinity;
    for (const held of this.#owned.values()) {
      if (held.position === undefined) return nowMs + RETRY_BACKOFF_MS;
      const place = nextKept(held, placeOf(held, held.position), nowMs);
      nextMs = Math.min(nextMs, held.records[place]?.arrivalMs ?? Infinity);
    }
    return nextMs;
  }

  #join(nowMs: number): void {
    const { settings, coordinator } = this.#context;
    const isCooperative = settings.assignor === 'cooperative-sticky' || this.#isIncremental;
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
    this.#isJoining = !this.#isIncremental || generation < 0;
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
    const log = this.#context.settings.topics[topicPartition.topic] as LogInput;
    const records = log.partitions[topicPartition.partition] as readonly LogRecord[];
    const life = log.lives?.[topicPartition.partition];
    const held: Owned = { topicPartition, records, life, position: undefined };
    this.#owned.set(partitionName(topicPartition), held);
    this.#findPosition(held, nowMs);
  }

  /** Offsets of a transaction that is not decided must be waited for (KIP-447). */
  #findPosition(held: Owned, nowMs: number): void {
    const { settings, coordinator, output } = this.#context;
    const name = partitionName(held.topicPartition);
    if (output?.isUndecided(name) === true) return;
    const committed = coordinator.committed.get(name);
    const { offsetReset } = settings;
    if (committed !== undefined) held.position = committed;
    else if (offsetReset !== 'none') held.position = edgeOffset(held, offsetReset, nowMs);
    else this.#context.fail('NoOffsetForPartitionException');
  }

  #fetch(nowMs: number): void {
    const names = [...this.#owned.keys()];
    for (let turn = 0; turn < names.length; turn += 1) {
      const partition = names[(this.#nextPartition + turn) % names.length] as string;
      const held = this.#owned.get(partition) as Owned;
      if (held.position === undefined) this.#findPosition(held, nowMs);
      if (held.position !== undefined) this.#fetchFrom(partition, held, held.position, nowMs);
    }
    this.#nextPartition += 1;
  }

  #fetchFrom(partition: string, held: Owned, position: number, nowMs: number): void {
    const { settings } = this.#context;
    const { memberId } = this;
    const isOutOfRange = position < edgesAt(held, nowMs).startOffset;
    if (isOutOfRange && settings.offsetReset === 'none') {
      this.#context.fail('OffsetOutOfRangeException');
    }
    const resumed = resumeAt(held, position, settings.offsetReset, nowMs);
    if (resumed.offset !== position) {
      const { offset: toOffset, missedCount: missed } = resumed;
      const moved = { memberId, partition, fromOffset: position, toOffset, missed };
      this.#context.note({ type: 'position-reset', atMs: nowMs, ...moved });
    }
    const arrived = arrivedCount(held, nowMs);
    let count = 0;
    let { place, offset } = resumed;
    while (this.#batch.length < settings.maxPollRecords && place < arrived) {
      offset = offsetAt(held, place);
      this.#batch.push({ partition, offset });
      offset += 1;
      count += 1;
      place = nextKept(held, place + 1, nowMs);
    }
    // At the end it passes over markers and over what it is not shown.
    held.position = place < arrived ? offset : Math.max(offset, edgesAt(held, nowMs).readableEnd);
    if (count === 0) return;
    const range = { memberId, partition, fromOffset: position, toOffset: held.position, count };
    this.#context.note({ type: 'records-returned', atMs: nowMs, ...range });
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
    this.#session?.send({ partition, offset }, nowMs);
    this.#context.arrow();
    if (this.#batch.length > 0) return;
    const { type } = this.#context.settings.commit;
    if (type === 'after-processing') this.#commit(nowMs);
    if (type === 'transactional') this.#commitTransaction(nowMs);
  }

  /** The read positions and what was written become visible together, or not at all. */
  #commitTransaction(nowMs: number): void {
    const session = this.#session as OutputSession;
    const { coordinator } = this.#context;
    const offsets = this.#positions();
    // A commit of an older generation is refused, so a zombie can't undo its successor's work.
    const error = coordinator.refuses(this.memberId, this.#generation, nowMs);
    if (error !== undefined || !session.addOffsets(offsets, nowMs)) {
      session.abort(nowMs);
      // What was processed did not happen: it goes back to what is committed.
      for (const held of this.#owned.values()) held.position = undefined;
      if (error !== 'ILLEGAL_GENERATION' && error !== 'STALE_MEMBER_EPOCH') {
        this.#isLost = true;
        this.#needsJoin = true;
      }
      return;
    }
    this.#context.arrow();
    if (session.commit(nowMs)) coordinator.takeOffsets(this.memberId, offsets, nowMs);
    this.#context.arrow();
  }

  #positions(): Map<string, number> {
    return new Map(
      [...this.#owned].flatMap(([name, { position }]) =>
        position === undefined ? [] : [[name, position] as const],
      ),
    );
  }

  #autoCommit(nowMs: number): void {
    const { commit } = this.#context.settings;
    if (commit.type === 'auto') this.#nextCommitMs = nowMs + commit.intervalMs;
    this.#commit(nowMs);
  }

  /** Commits the positions: all that was returned counts as done. */
  #commit(nowMs: number): void {
    if (this.#session !== undefined) return;
    const offsets = this.#positions();
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
    this.#context.arrow();
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
