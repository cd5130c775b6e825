import { ConfigError } from '../core/errors.ts';
import type { SparkConf } from './conf.ts';
import type { PhysicalPlan } from './physical-plan.ts';
import type { StateEntry } from './state-store.ts';
import type { StateSchema } from './state-schema.ts';
import { StateStore } from './state-store.ts';

/** Where each stream is read up to: offsets by partition, by the stream's place in the query. */
export type Offsets = readonly (readonly number[])[];

/** What is written before a batch: enough to run exactly the same batch again. */
export interface OffsetLogEntry {
  readonly batchId: number;
  readonly offsets: Offsets;
  /** The watermark of this batch, in ms. */
  readonly batchWatermarkMs: number;
  readonly batchTimestampMs: number;
}

/** What is written after a batch. */
export interface CommitLogEntry {
  readonly batchId: number;
  /** What the watermark came to at the end of the batch. */
  readonly nextBatchWatermarkMs: number;
}

/** The state of an operator's partition, as it was committed. */
export interface StoredState {
  readonly operator: number;
  readonly partition: number;
  readonly version: number;
  readonly rows: readonly (readonly [string, StateEntry])[];
}

/** What a query leaves at its checkpoint location: a query that is started there goes on. */
export interface Checkpoint {
  /** When the query stopped, in ms: another one starts then or later. */
  readonly stoppedAtMs: number;
  readonly initialOffsets: Offsets;
  readonly offsetLog: readonly OffsetLogEntry[];
  readonly commitLog: readonly CommitLogEntry[];
  readonly state: readonly StoredState[];
  /** Settings that a restart takes from here, whatever it was given. */
  readonly conf: SparkConf;
  readonly sourceCount: number;
  /** What the stateful operators keep; undefined before the first batch. */
  readonly stateSchemas: readonly StateSchema[] | undefined;
}

/** The files at the checkpoint location while a query runs. They survive the driver. */
export class CheckpointFiles {
  /** Where each stream began: written once, before the first batch. */
  initialOffsets: Offsets | undefined;
  /** What the stateful operators keep: written by the first batch of each start. */
  stateSchemas: readonly StateSchema[] | undefined;
  readonly offsetLog = new Map<number, OffsetLogEntry>();
  readonly commitLog = new Map<number, CommitLogEntry>();
  readonly #stores = new Map<string, StateStore>();

  store(operator: number, partition: number): StateStore {
    const id = `${operator} ${partition}`;
    let store = this.#stores.get(id);
    if (store === undefined) {
      store = new StateStore();
      this.#stores.set(id, store);
    }
    return store;
  }

  /** All stores of an operator that have been used. */
  storesOf(operator: number): readonly StateStore[] {
    const own = `${operator} `;
    return [...this.#stores].flatMap(([id, store]) => (id.startsWith(own) ? [store] : []));
  }

  get latestOffsets(): OffsetLogEntry | undefined {
    return [...this.offsetLog.values()].at(-1);
  }

  get latestCommit(): CommitLogEntry | undefined {
    return [...this.commitLog.values()].at(-1);
  }

  /** Brings all state to the version that a batch reads: its own number. */
  loadState(batchId: number): void {
    for (const store of this.#stores.values()) store.load(Math.min(batchId, store.version));
  }

  /** A copy for a later query, with the state as of the last committed batch. */
  export(conf: SparkConf, plan: PhysicalPlan, stoppedAtMs: number): Checkpoint {
    this.loadState((this.latestCommit?.batchId ?? -1) + 1);
    return {
      stoppedAtMs,
      initialOffsets: this.initialOffsets ?? [],
      offsetLog: [...this.offsetLog.values()],
      commitLog: [...this.commitLog.values()],
      state: [...this.#stores].map(([id, store]) => {
        const [operator, partition] = id.split(' ').map(Number) as [number, number];
        return { operator, partition, version: store.version, rows: [...store.entries()] };
      }),
      conf,
      sourceCount: plan.streams.length,
      stateSchemas: this.stateSchemas,
    };
  }

  import(checkpoint: Checkpoint): void {
    // Before the first batch, a query may still come to read other streams.
    const isUsed = checkpoint.offsetLog.length > 0;
    this.initialOffsets = isUsed ? checkpoint.initialOffsets : undefined;
    this.stateSchemas = checkpoint.stateSchemas;
    for (const entry of checkpoint.offsetLog) this.offsetLog.set(entry.batchId, entry);
    for (const entry of checkpoint.commitLog) this.commitLog.set(entry.batchId, entry);
    for (const { operator, partition, version, rows } of checkpoint.state) {
      this.store(operator, partition).restore(version, rows);
    }
  }
}

/**
 * Whether a query may go on from a checkpoint. Models Spark 4.2.0 OffsetSeq.toStreamProgress; what
 * its state must be is checked in the first batch (checkStateSchemas).
 * @throws ConfigError when it may not.
 */
export function checkSources(checkpoint: Checkpoint, plan: PhysicalPlan): void {
  if (checkpoint.sourceCount === plan.streams.length || checkpoint.offsetLog.length === 0) return;
  throw new ConfigError(
    `There are [${checkpoint.sourceCount}] sources in the checkpoint offsets and now there are ` +
      `[${plan.streams.length}] sources requested by the query. Cannot continue`,
    plan.streams.length,
    'read the same streams, or start with another checkpoint location',
  );
}
