import type { KeyContext, StateBackendType } from './state-context.ts';
import type { StateTtlConfig } from './state-ttl-config.ts';

/**
 * The rules by which one piece of state expires. Models Flink 2.3 `AbstractTtlDecorator`,
 * `TtlUtils` and `TtlIncrementalCleanup`: a value has expired when the time it was written plus the
 * time to live is ≤ now; it is removed by the read that finds it so, and on the heap by looking at
 * a few more entries with every access.
 * Simplified: the background clean-up goes over keys in the order of their first write, after the
 * access (Flink goes over hash buckets, before it, so that what it meets is a matter of luck);
 * RocksDB's compaction filter removes nothing.
 */
export class StateTtl {
  readonly refreshesOnRead: boolean;
  readonly returnsExpired: boolean;
  readonly inFullSnapshot: boolean;
  /** Entries to look at with every access; 0: none. */
  readonly cleanupSize: number;
  readonly cleansForEveryRecord: boolean;
  readonly #timeToLiveMs: number;
  readonly #context: KeyContext;

  constructor(config: StateTtlConfig, context: KeyContext, type: StateBackendType) {
    this.refreshesOnRead = config.getUpdateType() === 'OnReadAndWrite';
    this.returnsExpired = config.getStateVisibility() === 'ReturnExpiredIfNotCleanedUp';
    this.inFullSnapshot = config.inFullSnapshot();
    const incremental = type === 'hashmap' ? config.getIncrementalCleanup() : undefined;
    this.cleanupSize = incremental?.cleanupSize ?? 0;
    this.cleansForEveryRecord = incremental?.runCleanupForEveryRecord ?? false;
    this.#timeToLiveMs = config.getTimeToLive();
    this.#context = context;
  }

  nowMs(): number {
    return this.#context.nowMs();
  }

  /** When something written at `writtenMs` expires, in ms. */
  expiryMs(writtenMs: number): number {
    return writtenMs + this.#timeToLiveMs;
  }

  isExpired(writtenMs: number): boolean {
    return writtenMs + this.#timeToLiveMs <= this.#context.nowMs();
  }
}
