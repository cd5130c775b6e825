/**
 * Models Kafka's transactions: Apache Kafka 4.1, core, `TransactionCoordinator`,
 * `TransactionMetadata` with transaction version 2 (KIP-890, the default of 4.x).
 * Simplified: one coordinator that never fails; markers are written at once; epochs never run
 * out; the offsets of a transaction are one more thing that the end decides.
 * Invariant: of one transactional id only the newest session can write or end a transaction, and
 * a transaction is decided the same way in all its partitions.
 */
import { assert } from '../../core/assert.ts';
import { ConfigError } from '../../core/errors.ts';
import type { PartitionLog } from './partition-log.ts';
import type { TransactionMarker } from './record-batch.ts';

/** What identifies a producer to the brokers. */
export interface ProducerSession {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Why the coordinator refuses, in the names of Kafka's protocol (`Errors`). */
export type TransactionError = 'PRODUCER_FENCED' | 'INVALID_TXN_STATE';

/** What happened to the transactions. */
export type TransactionFact =
  | {
      readonly type: 'producer-initialized';
      readonly atMs: number;
      readonly transactionalId: string;
      readonly producerId: number;
      readonly producerEpoch: number;
    }
  | {
      readonly type: 'transaction-ended';
      readonly atMs: number;
      readonly transactionalId: string;
      readonly producerId: number;
      readonly marker: TransactionMarker;
      /** A new session of the same id, or no end within the timeout. */
      readonly cause: 'producer' | 'new-session' | 'timeout';
      readonly partitions: readonly string[];
    }
  | {
      readonly type: 'transaction-refused';
      readonly atMs: number;
      readonly transactionalId: string;
      readonly error: TransactionError;
    };

/** Settings of the brokers. */
export interface TransactionSettings {
  /** `transaction.max.timeout.ms`; default 15 minutes. */
  readonly maxTimeoutMs?: number;
}

interface TransactionState {
  readonly producerId: number;
  producerEpoch: number;
  timeoutMs: number;
  startedMs: number | undefined;
  readonly partitions: Set<string>;
  readonly offsets: Map<string, Map<string, number>>;
}

const QUARTER_HOUR_MS = 900_000;
const FIRST_PRODUCER_ID = 1000;

/** Gives producers their ids and epochs, and ends their transactions. */
export class TransactionCoordinator {
  readonly facts: TransactionFact[] = [];
  readonly #logs: ReadonlyMap<string, PartitionLog>;
  readonly #maxTimeoutMs: number;
  readonly #states = new Map<string, TransactionState>();
  readonly #committed = new Map<string, Map<string, number>>();

  /** @param logs the partitions by name, as `flights-3`. */
  constructor(logs: ReadonlyMap<string, PartitionLog>, settings: TransactionSettings = {}) {
    this.#logs = logs;
    this.#maxTimeoutMs = settings.maxTimeoutMs ?? QUARTER_HOUR_MS;
  }

  /** Committed offsets of a consumer group, by partition: the next offset to read. */
  committedOffsets(groupId: string): ReadonlyMap<string, number> {
    return this.#committed.get(groupId) ?? new Map<string, number>();
  }

  /** Whether an open transaction holds the group's offset of a partition. */
  hasPendingOffset(groupId: string, partition: string): boolean {
    return [...this.#states.values()].some(
      (state) => state.offsets.get(groupId)?.has(partition) === true,
    );
  }

  /** Until when the open transaction of an id must end; undefined: none is open. */
  deadlineMs(transactionalId: string): number | undefined {
    const state = this.#states.get(transactionalId);
    return state?.startedMs === undefined ? undefined : state.startedMs + state.timeoutMs;
  }

  /**
   * `initTransactions()`: aborts what an earlier session left open and fences that session.
   * @throws ConfigError when the timeout is above the brokers' maximum.
   */
  initProducer(
    transactionalId: string,
    options: { readonly timeoutMs: number },
    nowMs: number,
  ): ProducerSession {
    if (!(options.timeoutMs > 0 && options.timeoutMs <= this.#maxTimeoutMs)) {
      throw new ConfigError(
        'transaction.timeout.ms must be above 0 and at most transaction.max.timeout.ms ' +
          `(${this.#maxTimeoutMs} ms)`,
        options.timeoutMs,
        'shorten it, or raise the maximum of the brokers',
      );
    }
    let state = this.#states.get(transactionalId);
    if (state === undefined) {
      const producerId = FIRST_PRODUCER_ID + this.#states.size;
      state = { producerId, producerEpoch: -1, ...options, ...nothingOpen() };
      this.#states.set(transactionalId, state);
    }
    this.#abortOpen(transactionalId, state, 'new-session', nowMs);
    state.producerEpoch += 1;
    state.timeoutMs = options.timeoutMs;
    const { producerId, producerEpoch } = state;
    const session = { producerId, producerEpoch };
    this.facts.push({ type: 'producer-initialized', atMs: nowMs, transactionalId, ...session });
    return session;
  }

  /** A write to a partition makes it part of the transaction; the first one starts the clock. */
  addPartition(
    transactionalId: string,
    session: ProducerSession,
    partition: string,
    nowMs: number,
  ): TransactionError | undefined {
    const state = this.#ownState(transactionalId, session, nowMs);
    if (typeof state === 'string') return state;
    assert(this.#logs.has(partition), `a partition named ${partition}`);
    state.startedMs ??= nowMs;
    state.partitions.add(partition);
    return undefined;
  }

  /** `sendOffsetsToTransaction()`: read positions that count only if the transaction commits. */
  addOffsets(
    transactionalId: string,
    session: ProducerSession,
    request: { readonly groupId: string; readonly offsets: ReadonlyMap<string, number> },
    nowMs: number,
  ): TransactionError | undefined {
    const state = this.#ownState(transactionalId, session, nowMs);
    if (typeof state === 'string') return state;
    state.startedMs ??= nowMs;
    const pending = state.offsets.get(request.groupId) ?? new Map<string, number>();
    for (const [partition, offset] of request.offsets) pending.set(partition, offset);
    state.offsets.set(request.groupId, pending);
    return undefined;
  }

  /**
   * `commitTransaction()` or `abortTransaction()`: a marker in every partition. The epoch rises,
   * so that no write of the ended transaction can still arrive (KIP-890).
   */
  endTransaction(
    transactionalId: string,
    session: ProducerSession,
    marker: TransactionMarker,
    nowMs: number,
  ): ProducerSession | TransactionError {
    const state = this.#ownState(transactionalId, session, nowMs);
    if (typeof state === 'string') return state;
    this.#end(transactionalId, state, { marker, cause: 'producer', nowMs });
    return { producerId: state.producerId, producerEpoch: state.producerEpoch };
  }

  /**
   * Aborts transactions that are open for longer than their timeout and fences their producers.
   * A broker looks every 10 s (`transaction.abort.timed.out.transaction.cleanup.interval.ms`).
   */
  expire(nowMs: number): void {
    for (const [transactionalId, state] of this.#states) {
      const startedMs = state.startedMs ?? Infinity;
      if (startedMs + state.timeoutMs < nowMs) {
        this.#abortOpen(transactionalId, state, 'timeout', nowMs);
      }
    }
  }

  #ownState(
    transactionalId: string,
    session: ProducerSession,
    atMs: number,
  ): TransactionState | TransactionError {
    const state = this.#states.get(transactionalId);
    if (state?.producerId === session.producerId && state.producerEpoch === session.producerEpoch) {
      return state;
    }
    const error = state === undefined ? 'INVALID_TXN_STATE' : 'PRODUCER_FENCED';
    this.facts.push({ type: 'transaction-refused', atMs, transactionalId, error });
    return error;
  }

  #abortOpen(
    transactionalId: string,
    state: TransactionState,
    cause: 'new-session' | 'timeout',
    nowMs: number,
  ): void {
    if (state.startedMs === undefined) return;
    this.#end(transactionalId, state, { marker: 'abort', cause, nowMs });
  }

  #end(
    transactionalId: string,
    state: TransactionState,
    ending: {
      readonly marker: TransactionMarker;
      readonly cause: 'producer' | 'new-session' | 'timeout';
      readonly nowMs: number;
    },
  ): void {
    const { marker, cause, nowMs } = ending;
    state.producerEpoch += 1;
    const { producerId, producerEpoch } = state;
    const partitions = [...state.partitions].sort();
    for (const partition of partitions) {
      const log = this.#logs.get(partition) as PartitionLog;
      const stored = log.appendMarker({ producerId, producerEpoch, marker }, nowMs);
      assert(stored.type === 'appended', 'a marker of the newest epoch');
      log.advanceHighWatermark(log.endOffset);
    }
    if (marker === 'commit') this.#commitOffsets(state);
    this.facts.push({
      type: 'transaction-ended',
      atMs: nowMs,
      transactionalId,
      producerId,
      marker,
      cause,
      partitions,
    });
    Object.assign(state, nothingOpen());
  }

  #commitOffsets(state: TransactionState): void {
    for (const [groupId, offsets] of state.offsets) {
      const known = this.#committed.get(groupId) ?? new Map<string, number>();
      for (const [partition, offset] of offsets) known.set(partition, offset);
      this.#committed.set(groupId, known);
    }
  }
}

function nothingOpen(): Pick<TransactionState, 'startedMs' | 'partitions' | 'offsets'> {
  return { startedMs: undefined, partitions: new Set(), offsets: new Map() };
}
