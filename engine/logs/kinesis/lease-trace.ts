/**
 * Writes the run of lease workers as a trace: workers are subtasks, shards are splits, and a
 * checkpoint of a lease is a commit. Sequence numbers stand where Kafka has offsets.
 */
import { KeyTable } from '../../core/key-table.ts';
import { KIND } from '../../trace/kinds.ts';
import type { TraceKind } from '../../trace/kinds.ts';
import { NONE, Recorder } from '../../trace/recorder.ts';
import type { Trace } from '../../trace/trace.ts';
import { LogFactFeed } from '../log-fact-feed.ts';
import type { LeaseFact, LeaseScenario } from './simulate-leases.ts';
import { kinesisLogInput } from './to-log-input.ts';

/** The facts of the workers, and of their stream, as a trace. */
export function traceLeases(scenario: LeaseScenario, facts: readonly LeaseFact[]): Trace {
  return new LeaseTrace(scenario).write(facts);
}

class LeaseTrace {
  readonly #scenario: LeaseScenario;
  readonly #recorder = new Recorder(true);
  readonly #keys = new KeyTable();
  readonly #feed: LogFactFeed;
  readonly #splits: { log: string; partition: number; subtask: number }[];
  readonly #shards: ReadonlyMap<string, number>;
  /** Last row of a worker in a shard. */
  readonly #last = new Map<string, number>();
  readonly #processed = new Map<number, number>();
  /** Where a lease begins: behind the last checkpoint that was taken. */
  readonly #checkpoints = new Map<string, number>();

  constructor(scenario: LeaseScenario) {
    this.#scenario = scenario;
    const { shards } = scenario.stream;
    this.#shards = new Map(shards.map(({ shardId }, index) => [shardId, index]));
    this.#splits = shards.map((_, partition) => ({ log: 'stream', partition, subtask: NONE }));
    const logs = { stream: kinesisLogInput(scenario.stream) };
    this.#feed = new LogFactFeed(logs, this.#splits, this.#recorder, this.#keys);
  }

  write(facts: readonly LeaseFact[]): Trace {
    for (const fact of facts) {
      this.#feed.advanceTo(fact.atMs);
      this.#write(fact);
    }
    this.#feed.advanceTo(this.#scenario.untilMs);
    const subtasks = this.#scenario.workers.map(({ workerId }) => ({
      operator: workerId,
      index: 0,
      task: workerId,
      taskManager: 0,
      kind: 'operator' as const,
      epoch: 0,
    }));
    const header = {
      version: 1,
      engine: 'kinesis',
      job: 'leases',
      subtasks,
      channels: [],
      splits: this.#splits,
      states: [],
      sinks: [],
      outputTags: [],
      maxParallelism: 1,
      taskManagerCount: 1,
    } as const;
    return this.#recorder.finish(header, this.#keys);
  }

  #write(fact: LeaseFact): void {
    switch (fact.type) {
      case 'lease-taken': {
        const b = this.#checkpoints.get(fact.shardId) ?? 0;
        const row = this.#follow(fact, 'split-assigned', { b });
        this.#recorder.setValue(row, fact.reason);
        return;
      }
      case 'lease-lost': {
        const row = this.#follow(fact, 'split-revoked', {});
        this.#recorder.setValue(row, 'lease lost');
        return;
      }
      case 'shard-finished':
        this.#follow(fact, 'split-finished', {});
        return;
      case 'record-processed': {
        const { sequenceNumber: b } = fact;
        const d = this.#processed.get(b) ?? 0;
        this.#processed.set(b, d + 1);
        this.#follow(fact, 'record-processed', { a: this.#timeOf(fact.shardId, b), b, d });
        return;
      }
      case 'lease-checkpointed': {
        const b = fact.sequenceNumber + 1;
        this.#checkpoints.set(fact.shardId, b);
        this.#follow(fact, 'offset-committed', { a: NONE, b });
        return;
      }
      case 'checkpoint-refused': {
        const row = this.#follow(fact, 'commit-refused', {});
        this.#recorder.setValue(row, 'another worker has the lease');
        return;
      }
      case 'worker-crashed': {
        const row = this.#add('member-gone', fact.workerId, NONE, {});
        this.#recorder.setValue(row, 'crashed');
      }
    }
  }

  #follow(
    fact: { readonly workerId: string; readonly shardId: string },
    kind: TraceKind,
    at: Columns,
  ): number {
    const place = `${fact.workerId} ${fact.shardId}`;
    const split = this.#shards.get(fact.shardId) as number;
    const row = this.#add(kind, fact.workerId, this.#last.get(place) ?? NONE, { ...at, split });
    this.#last.set(place, row);
    return row;
  }

  #timeOf(shardId: string, sequenceNumber: number): number {
    const shard = this.#scenario.stream.shards[this.#shards.get(shardId) as number];
    const record = shard?.records.find((other) => other.sequenceNumber === sequenceNumber);
    return record?.timestampMs ?? record?.arrivalMs ?? NONE;
  }

  #add(kind: TraceKind, workerId: string, cause: number, at: Columns): number {
    const { a = 0, b = 0, split = NONE, d = NONE } = at;
    const subtask = this.#scenario.workers.findIndex((plan) => plan.workerId === workerId);
    return this.#recorder.add(KIND[kind], subtask, cause, NONE, a, b, split, d);
  }
}

interface Columns {
  readonly a?: number;
  readonly b?: number;
  readonly split?: number;
  readonly d?: number;
}
