/**
 * Models a partition read by a share group: Apache Kafka 4.2 (KIP-932), core, `SharePartition`.
 * Simplified: no batches of acquisition, no limit per member, no `release` of a closed session.
 * Invariant: at any time a record is acquired by at most one consumer; it is delivered at most
 * `group.share.delivery.count.limit` times; order is not kept.
 */
import { ConfigError } from '../../core/errors.ts';

/** What may become of a record. `archived`: done, or given up. */
export type DeliveryState = 'available' | 'acquired' | 'acknowledged' | 'archived';

/** What a consumer says of a record it was given. */
export type Acknowledgement = 'accept' | 'release' | 'reject';

/** What happened to a record. */
export type ShareFact =
  | {
      readonly type: 'record-acquired';
      readonly atMs: number;
      readonly offset: number;
      readonly memberId: string;
      readonly deliveryCount: number;
    }
  | {
      readonly type: 'record-settled';
      readonly atMs: number;
      readonly offset: number;
      readonly state: DeliveryState;
      readonly cause: Acknowledgement | 'lock-expired';
    };

/** Settings of a share group. */
export interface ShareSettings {
  /** `group.share.record.lock.duration.ms`; default 30 s. */
  readonly lockMs?: number;
  /** `group.share.delivery.count.limit`; default 5. */
  readonly deliveryCountMax?: number;
  /** `group.share.partition.max.record.locks`: how far reading runs ahead; default 2000. */
  readonly inFlightMax?: number;
}

interface Entry {
  state: DeliveryState;
  memberId: string;
  deliveryCount: number;
  lockEndMs: number;
}

const DEFAULTS = { lockMs: 30_000, deliveryCountMax: 5, inFlightMax: 2000 };

/** Hands records of one partition to many consumers, one by one. */
export class SharePartition {
  readonly facts: ShareFact[] = [];
  readonly #settings: Required<ShareSettings>;
  readonly #entries = new Map<number, Entry>();
  #endOffset = 0;
  #startOffset = 0;

  /** @throws ConfigError when a setting is not positive. */
  constructor(settings: ShareSettings = {}) {
    this.#settings = { ...DEFAULTS, ...settings };
    for (const [name, value] of Object.entries(this.#settings)) {
      if (!(value > 0)) throw new ConfigError(`${name} must be positive`, value, 'see the default');
    }
  }

  /** Everything below is settled for good: the share-partition start offset. */
  get startOffset(): number {
    return this.#startOffset;
  }

  /** Tells how many records the partition has. */
  extendTo(endOffset: number): void {
    this.#endOffset = Math.max(this.#endOffset, endOffset);
  }

  stateOf(offset: number): DeliveryState {
    if (offset < this.#startOffset) return 'archived';
    return this.#entries.get(offset)?.state ?? 'available';
  }

  /** Gives up to `count` available records to a member, oldest first. */
  acquire(memberId: string, count: number, nowMs: number): number[] {
    this.expireLocks(nowMs);
    const offsets: number[] = [];
    const until = Math.min(this.#endOffset, this.#startOffset + this.#settings.inFlightMax);
    for (let offset = this.#startOffset; offset < until && offsets.length < count; offset += 1) {
      if (this.stateOf(offset) !== 'available') continue;
      const deliveryCount = (this.#entries.get(offset)?.deliveryCount ?? 0) + 1;
      const lockEndMs = nowMs + this.#settings.lockMs;
      this.#entries.set(offset, { state: 'acquired', memberId, deliveryCount, lockEndMs });
      this.facts.push({ type: 'record-acquired', atMs: nowMs, offset, memberId, deliveryCount });
      offsets.push(offset);
    }
    return offsets;
  }

  /** False when the member does not hold the record (any more): `INVALID_RECORD_STATE`. */
  acknowledge(memberId: string, offset: number, how: Acknowledgement, nowMs: number): boolean {
    this.expireLocks(nowMs);
    const entry = this.#entries.get(offset);
    if (entry?.state !== 'acquired' || entry.memberId !== memberId) return false;
    this.#settle(offset, entry, how, nowMs);
    return true;
  }

  /** Takes back what was held for too long. */
  expireLocks(nowMs: number): void {
    for (const [offset, entry] of [...this.#entries]) {
      const isExpired = entry.state === 'acquired' && entry.lockEndMs <= nowMs;
      if (isExpired) this.#settle(offset, entry, 'lock-expired', entry.lockEndMs);
    }
  }

  #settle(
    offset: number,
    entry: Entry,
    cause: Acknowledgement | 'lock-expired',
    atMs: number,
  ): void {
    const isSpent = entry.deliveryCount >= this.#settings.deliveryCountMax;
    const state: DeliveryState =
      cause === 'accept'
        ? 'acknowledged'
        : cause === 'reject' || isSpent
          ? 'archived'
          : 'available';
    entry.state = state;
    this.facts.push({ type: 'record-settled', atMs, offset, state, cause });
    while (this.#isDone(this.#startOffset)) {
      this.#entries.delete(this.#startOffset);
      this.#startOffset += 1;
    }
  }

  #isDone(offset: number): boolean {
    const state = this.#entries.get(offset)?.state;
    return state === 'acknowledged' || state === 'archived';
  }
}
