/**
 * Models a topic over time: producers, transactions, retention, compaction and more partitions on
 * one clock. Apache Kafka 4.1; see `Topic`, `TransactionCoordinator`, `deleteOldSegments` and
 * `compactLog` for what each does.
 * Simplified: one broker; the check for transactions that have timed out comes with each step and
 * each retention check, not every 10 s.
 * Invariant: the same scenario gives the same history, and readers don't change it.
 */
import { ConfigError } from '../../core/errors.ts';
import { EventQueue } from '../../core/event-queue.ts';
import type { LogInput } from '../log.ts';
import { compactLog } from './compaction.ts';
import type { IsolationLevel } from './fetch.ts';
import { kafkaPartition } from './partitioner.ts';
import type { PartitionLog } from './partition-log.ts';
import { deleteOldSegments } from './retention.ts';
import { TopicHistory } from './topic-history.ts';
import { Topic } from './topic.ts';
import { checkTopicScenario } from './topic-scenario.ts';
import type { TopicScenario, TopicStep } from './topic-scenario.ts';
import { TransactionCoordinator } from './transaction-coordinator.ts';
import type { TransactionFact } from './transaction-coordinator.ts';
import { TransactionalProducer } from './transactional-producer.ts';

const FIVE_MINUTES_MS = 300_000;
const MINUTE_MS = 60_000;

/** A topic that everything has happened to. */
export interface TopicRun {
  readonly topic: Topic;
  readonly transactions: readonly TransactionFact[];
  /** The topic as any runtime reads it, with what was lost and when. */
  toLogInput<V = unknown>(options: {
    readonly isolation: IsolationLevel;
    readonly isBounded?: boolean;
  }): LogInput<V>;
}

/**
 * Does all steps, and what brokers do by themselves, until `untilMs`.
 * @throws ConfigError naming the step that can't be done.
 */
export function simulateTopic(scenario: TopicScenario): TopicRun {
  checkTopicScenario(scenario);
  return new TopicSimulation(scenario).run();
}

type Work = TopicStep | { readonly type: 'retention'; readonly atMs: number };

class TopicSimulation {
  readonly #scenario: TopicScenario;
  readonly #topic: Topic;
  readonly #logs = new Map<string, PartitionLog>();
  readonly #coordinator: TransactionCoordinator;
  readonly #history: TopicHistory;
  /** Sessions of each producer, the newest last. */
  readonly #sessions = new Map<string, TransactionalProducer[]>();
  #nowMs: number;

  constructor(scenario: TopicScenario) {
    const { name, partitions, segmentBytes, segmentMs } = scenario;
    this.#scenario = scenario;
    this.#topic = new Topic(name, {
      partitions,
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
      ...(segmentMs === undefined ? {} : { segmentMs }),
    });
    this.#coordinator = new TransactionCoordinator(this.#logs);
    this.#history = new TopicHistory(name);
    this.#nowMs = scenario.steps[0]?.atMs ?? 0;
    this.#observe();
  }

  run(): TopicRun {
    const { steps, retention, retentionCheckMs = FIVE_MINUTES_MS } = this.#scenario;
    const untilMs = this.#scenario.untilMs ?? steps.at(-1)?.atMs ?? 0;
    const queue = new EventQueue<Work>();
    for (const step of steps) queue.push(step.atMs, step);
    const firstMs = this.#nowMs + retentionCheckMs;
    if (retention !== undefined) queue.push(firstMs, { type: 'retention', atMs: firstMs });
    while (queue.peekTimeMs() <= untilMs) {
      const work = queue.pop() as Work;
      this.#nowMs = work.atMs;
      this.#coordinator.expire(this.#nowMs);
      this.#observe();
      if (work.type === 'retention') {
        this.#deleteOld();
        const atMs = this.#nowMs + retentionCheckMs;
        queue.push(atMs, { type: 'retention', atMs });
      } else {
        this.#take(work);
        this.#observe();
      }
    }
    const history = this.#history;
    return {
      topic: this.#topic,
      transactions: this.#coordinator.facts,
      toLogInput: ({ isolation, isBounded }) => history.toLogInput(isolation, isBounded),
    };
  }

  #observe(reason?: string): void {
    for (const [name, log] of this.#topic.byName()) this.#logs.set(name, log);
    this.#history.observe(this.#topic.partitions, this.#nowMs, reason);
  }

  #take(step: TopicStep): void {
    switch (step.type) {
      case 'send':
        this.#send(step);
        return;
      case 'commit':
      case 'abort': {
        const outcome = this.#producer(step.producer, step.session)[step.type](this.#nowMs);
        this.#noteIfFenced(step.producer, 0, outcome);
        return;
      }
      case 'restart-producer':
        this.#begin(step.producer);
        return;
      case 'add-partitions':
        this.#topic.addPartitions(step.partitions);
        return;
      case 'compact':
        this.#compact();
    }
  }

  #send(step: TopicStep & { readonly type: 'send' }): void {
    const { key, value, timestampMs = this.#nowMs, producer, session } = step;
    const count = this.#topic.partitions.length;
    const partition = step.partition ?? kafkaPartition(key as string, count);
    const log = this.#topic.partitions[partition];
    if (log === undefined) {
      throw new ConfigError(
        `topic "${this.#scenario.name}" must have the partition that a step sends to`,
        partition,
        `there are ${count}, numbered from 0`,
      );
    }
    const record = { key, value, timestampMs };
    if (producer === undefined) {
      log.append({ records: [record] }, this.#nowMs);
      log.advanceHighWatermark(log.endOffset);
      return;
    }
    const name = `${this.#scenario.name}-${partition}`;
    const outcome = this.#producer(producer, session).send(name, record, this.#nowMs);
    this.#noteIfFenced(producer, partition, outcome);
  }

  #noteIfFenced(producer: string, partition: number, outcome: string): void {
    if (outcome === 'ok') return;
    const atMs = this.#nowMs;
    this.#history.facts.push({ type: 'producer-fenced', atMs, partition, producer });
  }

  #producer(producer: string, session: number | undefined): TransactionalProducer {
    const sessions = this.#sessions.get(producer) ?? [this.#begin(producer)];
    const wanted = sessions[session ?? sessions.length - 1];
    if (wanted === undefined) {
      throw new ConfigError(
        `producer "${producer}" must have the session that a step names`,
        session,
        `there are ${sessions.length} by then, numbered from 0`,
      );
    }
    return wanted;
  }

  #begin(producer: string): TransactionalProducer {
    const { transactionTimeoutMs = MINUTE_MS } = this.#scenario;
    const begun = new TransactionalProducer(
      { coordinator: this.#coordinator, logs: this.#logs },
      { transactionalId: producer, timeoutMs: transactionTimeoutMs },
      this.#nowMs,
    );
    this.#sessions.set(producer, [...(this.#sessions.get(producer) ?? []), begun]);
    return begun;
  }

  #deleteOld(): void {
    const { retention } = this.#scenario;
    if (retention === undefined) return;
    for (const log of this.#topic.partitions) {
      const [first] = deleteOldSegments(log, retention, this.#nowMs);
      this.#observe(first?.reason);
    }
  }

  #compact(): void {
    const { compaction } = this.#scenario;
    if (compaction === undefined) {
      throw new ConfigError(
        `topic "${this.#scenario.name}" must be compacted before a step can compact it`,
        compaction,
        'give compaction: { deleteRetentionMs: 86400000 }',
      );
    }
    for (const [partition, log] of this.#topic.partitions.entries()) {
      this.#history.noteCompacted(partition, compactLog(log, compaction, this.#nowMs).facts);
    }
  }
}
