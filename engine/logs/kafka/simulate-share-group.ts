/**
 * Models applications of a share group (KIP-932): Apache Kafka 4.2, `SharePartition` for the
 * broker's side. Each polls, processes record by record and acknowledges each one explicitly.
 * Simplified: members come and go without a rebalance of partitions: everybody reads all; a poll
 * that finds nothing is tried again when a record arrives or a lock ends.
 * Invariant: a record that is never accepted is delivered as often as the limit says, and no more.
 */
import { ConfigError } from '../../core/errors.ts';
import { EventQueue } from '../../core/event-queue.ts';
import { KeyTable } from '../../core/key-table.ts';
import { KIND } from '../../trace/kinds.ts';
import type { TraceKind } from '../../trace/kinds.ts';
import { NONE, Recorder } from '../../trace/recorder.ts';
import type { Trace } from '../../trace/trace.ts';
import { LogFactFeed } from '../log-fact-feed.ts';
import { checkLog } from '../log.ts';
import type { LogInput, LogRecord } from '../log.ts';
import { SharePartition } from './share-partition.ts';
import type { Acknowledgement, ShareSettings } from './share-partition.ts';

/** One process that reads for a share group. */
export interface ShareConsumerPlan {
  readonly memberId: string;
  readonly joinMs: number;
  readonly processMs: number;
  /** Dies at its n-th arrow, from 1: behind a poll, behind a record, behind an acknowledgement. */
  readonly crashAtArrow?: number;
  /** What it says of a record instead of `accept`, by `partition@offset`. */
  readonly answers?: { readonly [place: string]: Acknowledgement };
}

/** A share group that reads one topic until a moment. */
export interface ShareGroupScenario extends ShareSettings {
  readonly topic: string;
  readonly log: LogInput;
  readonly consumers: readonly ShareConsumerPlan[];
  /** `max.poll.records`; default 500. */
  readonly maxPollRecords?: number;
  readonly untilMs: number;
}

/** A finished run. */
export interface ShareGroupRun {
  readonly trace: Trace;
  /** Members that processed each record, by `partition@offset`, in order. */
  readonly processed: ReadonlyMap<string, readonly string[]>;
  /** Records that were given up: rejected, or delivered too often. */
  readonly archived: readonly string[];
}

/**
 * Runs the group until `untilMs`.
 * @throws ConfigError naming what can't be run as it is written.
 */
export function simulateShareGroup(scenario: ShareGroupScenario): ShareGroupRun {
  checkLog(scenario.topic, scenario.log);
  if (!Number.isFinite(scenario.untilMs)) {
    const { untilMs } = scenario;
    throw new ConfigError('untilMs must be finite', untilMs, 'a group never ends by itself');
  }
  for (const { memberId, processMs } of scenario.consumers) {
    if (processMs > 0) continue;
    throw new ConfigError(`processMs of ${memberId} must be positive`, processMs, 'give ms');
  }
  return new ShareGroupSimulation(scenario).run();
}

interface Held {
  readonly partition: number;
  readonly offset: number;
  readonly row: number;
}

interface Consumer {
  readonly plan: ShareConsumerPlan;
  readonly subtask: number;
  batch: Held[];
  arrows: number;
}

type Work =
  { readonly type: 'poll' | 'done'; readonly consumer: Consumer } | { readonly type: 'expire' };

class ShareGroupSimulation {
  readonly #scenario: ShareGroupScenario;
  readonly #partitions: readonly SharePartition[];
  readonly #noted: number[];
  readonly #queue = new EventQueue<Work>();
  readonly #recorder = new Recorder(true);
  readonly #keys = new KeyTable();
  readonly #feed: LogFactFeed;
  readonly #processed = new Map<string, string[]>();
  readonly #archived: string[] = [];
  readonly #crashed = new Set<Consumer>();
  readonly #idle = new Set<Consumer>();
  /** The `record-acquired` row of each record that is held, by place. */
  readonly #rows = new Map<string, number>();
  readonly #deliveries = new Map<string, number>();
  #nowMs = 0;

  constructor(scenario: ShareGroupScenario) {
    this.#scenario = scenario;
    this.#partitions = scenario.log.partitions.map(() => new SharePartition(settingsOf(scenario)));
    this.#noted = this.#partitions.map(() => 0);
    const logs = { [scenario.topic]: scenario.log };
    this.#feed = new LogFactFeed(logs, this.#splits(), this.#recorder, this.#keys);
  }

  run(): ShareGroupRun {
    const { consumers, untilMs, log } = this.#scenario;
    consumers.forEach((plan, subtask) => {
      const consumer = { plan, subtask, batch: [], arrows: 0 };
      this.#queue.push(plan.joinMs, { type: 'poll', consumer });
    });
    for (const { arrivalMs } of log.partitions.flat()) {
      this.#queue.push(arrivalMs, { type: 'expire' });
    }
    while (this.#queue.peekTimeMs() <= untilMs) {
      this.#nowMs = this.#queue.peekTimeMs();
      this.#feed.advanceTo(this.#nowMs);
      this.#handle(this.#queue.pop() as Work);
    }
    this.#feed.advanceTo(untilMs);
    return {
      trace: this.#recorder.finish(this.#header(), this.#keys),
      processed: this.#processed,
      archived: this.#archived,
    };
  }

  #handle(work: Work): void {
    if (work.type === 'expire') {
      for (const partition of this.#partitions) partition.expireLocks(this.#nowMs);
      this.#noteSettled();
      for (const consumer of [...this.#idle]) this.#poll(consumer);
    } else if (this.#crashed.has(work.consumer)) return;
    else if (work.type === 'poll') this.#poll(work.consumer);
    else this.#finishRecord(work.consumer);
  }

  #poll(consumer: Consumer): void {
    this.#idle.delete(consumer);
    const { plan, subtask } = consumer;
    let left = this.#scenario.maxPollRecords ?? 500;
    for (const [partition, shared] of this.#partitions.entries()) {
      const records = this.#scenario.log.partitions[partition] as readonly LogRecord[];
      shared.extendTo(records.filter(({ arrivalMs }) => arrivalMs <= this.#nowMs).length);
      for (const offset of shared.acquire(plan.memberId, left, this.#nowMs)) {
        left -= 1;
        const place = placeText(partition, offset);
        const delivery = (this.#deliveries.get(place) ?? 0) + 1;
        this.#deliveries.set(place, delivery);
        const cause = this.#rows.get(place) ?? NONE;
        const row = this.#add('record-acquired', subtask, cause, [delivery, offset, partition]);
        this.#rows.set(place, row);
        consumer.batch.push({ partition, offset, row });
      }
    }
    this.#noteSettled();
    if (consumer.batch.length === 0) {
      this.#idle.add(consumer);
      return;
    }
    const { lockMs = 30_000 } = this.#scenario;
    this.#queue.push(this.#nowMs + lockMs, { type: 'expire' });
    if (!this.#passArrow(consumer)) this.#startRecord(consumer);
  }

  #startRecord(consumer: Consumer): void {
    const atMs = this.#nowMs + consumer.plan.processMs;
    this.#queue.push(atMs, { type: 'done', consumer });
  }

  #finishRecord(consumer: Consumer): void {
    const { plan, subtask } = consumer;
    const { partition, offset, row } = consumer.batch.shift() as Held;
    const place = placeText(partition, offset);
    const members = this.#processed.get(place) ?? [];
    const record = this.#scenario.log.partitions[partition]?.[offset];
    const at = [record?.timestampMs ?? NONE, offset, partition] as const;
    this.#add('record-processed', subtask, row, at, members.length);
    this.#processed.set(place, [...members, plan.memberId]);
    if (this.#passArrow(consumer)) return;
    const shared = this.#partitions[partition] as SharePartition;
    const how = plan.answers?.[place] ?? 'accept';
    if (!shared.acknowledge(plan.memberId, offset, how, this.#nowMs)) {
      const refused = this.#add('commit-refused', subtask, row, [0, offset, partition]);
      this.#recorder.setValue(refused, 'INVALID_RECORD_STATE');
    }
    this.#noteSettled();
    if (how === 'release') this.#queue.push(this.#nowMs, { type: 'expire' });
    if (this.#passArrow(consumer)) return;
    if (consumer.batch.length > 0) this.#startRecord(consumer);
    else this.#queue.push(this.#nowMs, { type: 'poll', consumer });
  }

  /** True: the process has ended here. */
  #passArrow(consumer: Consumer): boolean {
    consumer.arrows += 1;
    if (consumer.arrows !== consumer.plan.crashAtArrow) return false;
    this.#crashed.add(consumer);
    const row = this.#add('member-gone', consumer.subtask, NONE, [0, 0, NONE]);
    this.#recorder.setValue(row, 'crashed');
    return true;
  }

  /** Writes what the partitions have settled since it was last asked. */
  #noteSettled(): void {
    for (const [partition, shared] of this.#partitions.entries()) {
      for (const fact of shared.facts.slice(this.#noted[partition])) {
        if (fact.type !== 'record-settled') continue;
        const { offset, state, cause: why } = fact;
        const place = placeText(partition, offset);
        const cause = this.#rows.get(place) ?? NONE;
        const row = this.#add('record-settled', NONE, cause, [0, offset, partition]);
        this.#recorder.setValue(row, { state, why });
        if (state === 'archived') this.#archived.push(place);
      }
      this.#noted[partition] = shared.facts.length;
    }
  }

  #add(
    kind: TraceKind,
    subtask: number,
    cause: number,
    [a, b, split]: readonly [number, number, number],
    d = NONE,
  ): number {
    return this.#recorder.add(KIND[kind], subtask, cause, NONE, a, b, split, d);
  }

  #splits(): { log: string; partition: number; subtask: number }[] {
    const { topic: log, log: input } = this.#scenario;
    return input.partitions.map((_, partition) => ({ log, partition, subtask: NONE }));
  }

  #header(): Trace['header'] {
    const subtasks = this.#scenario.consumers.map(({ memberId }) => ({
      operator: memberId,
      index: 0,
      task: memberId,
      taskManager: 0,
      kind: 'operator' as const,
      epoch: 0,
    }));
    const rest = { channels: [], states: [], sinks: [], outputTags: [], maxParallelism: 1 };
    const splits = this.#splits();
    return {
      version: 1,
      engine: 'kafka',
      job: 'share group',
      subtasks,
      splits,
      ...rest,
      taskManagerCount: 1,
    };
  }
}

function placeText(partition: number, offset: number): string {
  return `${partition}@${offset}`;
}

function settingsOf(scenario: ShareGroupScenario): ShareSettings {
  const { lockMs, deliveryCountMax, inFlightMax } = scenario;
  return {
    ...(lockMs === undefined ? {} : { lockMs }),
    ...(deliveryCountMax === undefined ? {} : { deliveryCountMax }),
    ...(inFlightMax === undefined ? {} : { inFlightMax }),
  };
}
