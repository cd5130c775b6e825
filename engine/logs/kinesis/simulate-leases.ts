/**
 * Models workers of the Kinesis Client Library on one stream: KCL 2.x, `Scheduler`,
 * `LeaseCoordinator`, `ShardConsumer`. Renewal every third of the failover time, taking every
 * second one, each 25 ms off (`LeaseCoordinator.EPSILON`).
 * Simplified: each shard is processed record by record on its own thread; reading is not limited;
 * see `LeaseTable` for the rest.
 * Invariant: every record is processed at least once; a child's first after its parents' last.
 */
import { ConfigError } from '../../core/errors.ts';
import { EventQueue } from '../../core/event-queue.ts';
import { LeaseTable } from './lease-table.ts';
import type { Lease, LeaseToTake } from './lease-table.ts';
import type { KinesisStream } from './stream.ts';
import type { KinesisRecord, Shard } from './stream-records.ts';

/** A worker process over the run. */
export interface WorkerPlan {
  readonly workerId: string;
  readonly startMs: number;
  /** Dies without a word. */
  readonly crashMs?: number;
  /** The same at its n-th arrow, from 1: behind a record, behind a checkpoint. */
  readonly crashAtArrow?: number;
}

/** Workers that share a stream. */
export interface LeaseScenario {
  readonly stream: KinesisStream;
  readonly workers: readonly WorkerPlan[];
  readonly processMs: number;
  /** Checkpoints after every so many records of a shard, and at its end. */
  readonly checkpointEvery: number;
  readonly untilMs: number;
  /** `failoverTimeMillis`; default 10 s. */
  readonly failoverMs?: number;
}

/** What happened among the workers. */
export type LeaseFact =
  | {
      readonly type: 'lease-taken';
      readonly atMs: number;
      readonly workerId: string;
      readonly shardId: string;
      readonly reason: LeaseToTake['reason'];
      readonly from?: string;
      readonly checkpoint: Lease['checkpoint'];
    }
  | {
      readonly type: 'lease-lost' | 'shard-finished';
      readonly atMs: number;
      readonly workerId: string;
      readonly shardId: string;
    }
  | {
      readonly type: 'record-processed' | 'lease-checkpointed' | 'checkpoint-refused';
      readonly atMs: number;
      readonly workerId: string;
      readonly shardId: string;
      readonly sequenceNumber: number;
    }
  | { readonly type: 'worker-crashed'; readonly atMs: number; readonly workerId: string };

/** What happened, and what was processed more than once. */
export interface LeaseRun {
  readonly facts: readonly LeaseFact[];
  /** Sequence numbers processed by more than one worker, or twice by one. */
  readonly repeated: readonly number[];
  readonly leases: readonly Lease[];
  /** How many arrows each worker came to: where it could have crashed. */
  readonly arrows: ReadonlyMap<string, number>;
}

/** The worker dies between two of its steps. */
class WorkerCrash extends Error {}

const EPSILON_MS = 25;
const FAILOVER_MS = 10_000;

/**
 * Runs the workers until `untilMs`.
 * @throws ConfigError naming what can't be run as it is written.
 */
export function simulateLeases(scenario: LeaseScenario): LeaseRun {
  for (const name of ['processMs', 'checkpointEvery'] as const) {
    if (!(scenario[name] > 0)) {
      throw new ConfigError(`${name} must be positive`, scenario[name], 'give for example 10');
    }
  }
  const { failoverMs = FAILOVER_MS } = scenario;
  if (!(failoverMs > 3 * EPSILON_MS) || !Number.isFinite(scenario.untilMs)) {
    throw new ConfigError(
      'failoverMs must be above 75 and untilMs finite',
      `${failoverMs} and ${scenario.untilMs}`,
      'the library has 10000 ms',
    );
  }
  return new LeaseSimulation(scenario, failoverMs).run();
}

interface Holding {
  readonly shardId: string;
  /** Index in the shard of the next record. */
  index: number;
  sinceCheckpoint: number;
}

interface Worker {
  readonly plan: WorkerPlan;
  readonly held: Map<string, Holding>;
}

type Work =
  | { readonly type: 'start' | 'take' | 'renew' | 'crash'; readonly worker: Worker }
  | { readonly type: 'read' | 'done'; readonly worker: Worker; readonly holding: Holding };

class LeaseSimulation {
  readonly #scenario: LeaseScenario;
  readonly #failoverMs: number;
  readonly #table: LeaseTable;
  readonly #shards: ReadonlyMap<string, Shard>;
  readonly #queue = new EventQueue<Work>();
  readonly #facts: LeaseFact[] = [];
  readonly #crashed = new Set<string>();
  readonly #arrows = new Map<string, number>();
  #nowMs = 0;

  constructor(scenario: LeaseScenario, failoverMs: number) {
    this.#scenario = scenario;
    this.#failoverMs = failoverMs;
    this.#table = new LeaseTable(scenario.stream.shards, failoverMs);
    this.#shards = new Map(scenario.stream.shards.map((shard) => [shard.shardId, shard]));
  }

  run(): LeaseRun {
    for (const plan of this.#scenario.workers) {
      const worker = { plan, held: new Map<string, Holding>() };
      this.#queue.push(plan.startMs, { type: 'start', worker });
      if (plan.crashMs !== undefined) this.#queue.push(plan.crashMs, { type: 'crash', worker });
    }
    while (this.#queue.peekTimeMs() <= this.#scenario.untilMs) {
      this.#nowMs = this.#queue.peekTimeMs();
      const work = this.#queue.pop() as Work;
      if (!this.#crashed.has(work.worker.plan.workerId)) this.#handleOrCrash(work);
    }
    const repeated = this.#repeated();
    const { leases } = this.#table;
    return { facts: this.#facts, repeated, leases, arrows: this.#arrows };
  }

  #handleOrCrash(work: Work): void {
    try {
      this.#handle(work);
    } catch (error) {
      if (!(error instanceof WorkerCrash)) throw error;
      this.#crash(work.worker);
    }
  }

  #crash({ plan: { workerId } }: Worker): void {
    this.#crashed.add(workerId);
    this.#facts.push({ type: 'worker-crashed', atMs: this.#nowMs, workerId });
  }

  #passArrow({ plan: { workerId, crashAtArrow } }: Worker): void {
    const count = (this.#arrows.get(workerId) ?? 0) + 1;
    this.#arrows.set(workerId, count);
    if (count === crashAtArrow) throw new WorkerCrash(workerId);
  }

  #handle(work: Work): void {
    const { worker } = work;
    switch (work.type) {
      case 'start':
        this.#take(worker);
        this.#renew(worker);
        return;
      case 'take':
        this.#take(worker);
        return;
      case 'renew':
        this.#renew(worker);
        return;
      case 'crash':
        this.#crash(worker);
        return;
      case 'read':
      case 'done':
        if (worker.held.get(work.holding.shardId) !== work.holding) return;
        if (work.type === 'read') this.#read(worker, work.holding);
        else this.#finishRecord(worker, work.holding);
    }
  }

  #take(worker: Worker): void {
    const { workerId } = worker.plan;
    for (const { shardId, reason, from } of this.#table.leasesToTake(workerId, this.#nowMs)) {
      const { checkpoint } = this.#table.take(shardId, workerId, this.#nowMs);
      const taken = { type: 'lease-taken', atMs: this.#nowMs, workerId, shardId, reason } as const;
      this.#facts.push({ ...taken, ...(from === undefined ? {} : { from }), checkpoint });
      const holding = { shardId, index: this.#indexAfter(shardId, checkpoint), sinceCheckpoint: 0 };
      worker.held.set(shardId, holding);
      this.#queue.push(this.#nowMs, { type: 'read', worker, holding });
    }
    const nextMs = this.#nowMs + 2 * (this.#failoverMs + EPSILON_MS);
    this.#queue.push(nextMs, { type: 'take', worker });
  }

  /** Only here a worker learns that a lease was taken from it: until then it goes on. */
  #renew(worker: Worker): void {
    const { workerId } = worker.plan;
    for (const shardId of [...worker.held.keys()]) {
      if (this.#table.renew(shardId, workerId, this.#nowMs)) continue;
      worker.held.delete(shardId);
      this.#facts.push({ type: 'lease-lost', atMs: this.#nowMs, workerId, shardId });
    }
    const nextMs = this.#nowMs + Math.floor(this.#failoverMs / 3) - EPSILON_MS;
    this.#queue.push(nextMs, { type: 'renew', worker });
  }

  #read(worker: Worker, holding: Holding): void {
    const shard = this.#shards.get(holding.shardId) as Shard;
    const record = shard.records[holding.index];
    if (record !== undefined) {
      const startMs = Math.max(this.#nowMs, record.arrivalMs);
      this.#queue.push(startMs + this.#scenario.processMs, { type: 'done', worker, holding });
      return;
    }
    // An open shard has no more to give in this run; a closed one ends when it has closed.
    if (shard.closedMs === undefined) return;
    if (shard.closedMs > this.#nowMs) {
      this.#queue.push(shard.closedMs, { type: 'read', worker, holding });
      return;
    }
    this.#finishShard(worker, holding);
  }

  #finishRecord(worker: Worker, holding: Holding): void {
    const { workerId } = worker.plan;
    const { shardId } = holding;
    const record = this.#shards.get(shardId)?.records[holding.index] as KinesisRecord;
    const { sequenceNumber } = record;
    const place = { atMs: this.#nowMs, workerId, shardId, sequenceNumber };
    this.#facts.push({ type: 'record-processed', ...place });
    this.#passArrow(worker);
    holding.index += 1;
    holding.sinceCheckpoint += 1;
    if (holding.sinceCheckpoint >= this.#scenario.checkpointEvery) {
      holding.sinceCheckpoint = 0;
      const isDone = this.#table.checkpoint(shardId, workerId, sequenceNumber);
      this.#facts.push({ type: isDone ? 'lease-checkpointed' : 'checkpoint-refused', ...place });
      this.#passArrow(worker);
    }
    this.#read(worker, holding);
  }

  #finishShard(worker: Worker, { shardId }: Holding): void {
    const { workerId } = worker.plan;
    worker.held.delete(shardId);
    const isDone = this.#table.checkpoint(shardId, workerId, 'SHARD_END');
    const type = isDone ? 'shard-finished' : 'lease-lost';
    this.#facts.push({ type, atMs: this.#nowMs, workerId, shardId });
  }

  #indexAfter(shardId: string, checkpoint: Lease['checkpoint']): number {
    const { records } = this.#shards.get(shardId) as Shard;
    if (typeof checkpoint !== 'number') return 0;
    const index = records.findIndex((record) => record.sequenceNumber > checkpoint);
    return index < 0 ? records.length : index;
  }

  #repeated(): number[] {
    const counts = new Map<number, number>();
    for (const fact of this.#facts) {
      if (fact.type !== 'record-processed') continue;
      counts.set(fact.sequenceNumber, (counts.get(fact.sequenceNumber) ?? 0) + 1);
    }
    return [...counts].filter(([, count]) => count > 1).map(([sequenceNumber]) => sequenceNumber);
  }
}
