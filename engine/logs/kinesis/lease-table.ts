/**
 * Models the lease table of the Kinesis Client Library: KCL 2.x, `Lease`, `DynamoDBLeaseTaker`,
 * `DynamoDBLeaseRenewer`, `HierarchicalShardSyncer`.
 * Simplified: every worker sees the table at once and without delay; what Java shuffles is taken
 * in the order of shard ids; no very old leases; no graceful hand-off (KCL 3 has one).
 * Invariant: a lease has one owner; a child's lease exists only when all its parents are finished.
 */
import { assert } from '../../core/assert.ts';
import type { Shard } from './stream-records.ts';

/** Where a worker may begin: the oldest record, after a sequence number, or nowhere any more. */
export type LeaseCheckpoint = 'TRIM_HORIZON' | 'SHARD_END' | number;

/** Who reads a shard, and how far it said it has come. */
export interface Lease {
  readonly shardId: string;
  readonly owner: string | undefined;
  readonly checkpoint: LeaseCheckpoint;
  /** When its owner last raised its counter. */
  readonly renewedMs: number;
}

/** A lease that a worker takes, and from whom. */
export interface LeaseToTake {
  readonly shardId: string;
  readonly from?: string;
  readonly reason: 'unassigned' | 'expired' | 'stolen';
}

/** The table in which workers agree on who reads what. */
export class LeaseTable {
  readonly #shards: readonly Shard[];
  readonly #failoverMs: number;
  readonly #leases = new Map<string, { -readonly [key in keyof Lease]: Lease[key] }>();

  constructor(shards: readonly Shard[], failoverMs: number) {
    this.#shards = shards;
    this.#failoverMs = failoverMs;
    for (const shard of shards) if (shard.parentIds.length === 0) this.#add(shard.shardId);
  }

  get leases(): readonly Lease[] {
    return [...this.#leases.values()];
  }

  leaseOf(shardId: string): Lease | undefined {
    return this.#leases.get(shardId);
  }

  /**
   * What a worker should take now: what nobody holds or renews, up to its fair share; and if
   * there is no such lease, one of the most loaded worker (`maxLeasesToStealAtOneTime` is 1).
   */
  leasesToTake(workerId: string, nowMs: number): LeaseToTake[] {
    const active = this.leases.filter((lease) => lease.checkpoint !== 'SHARD_END');
    if (active.length === 0) return [];
    const available = active.filter((lease) => this.#isAvailable(lease, nowMs));
    const counts = new Map([[workerId, 0]]);
    for (const lease of active) {
      if (lease.owner === undefined || available.includes(lease)) continue;
      counts.set(lease.owner, (counts.get(lease.owner) ?? 0) + 1);
    }
    const target = Math.max(1, Math.ceil(active.length / counts.size));
    const needed = target - (counts.get(workerId) as number);
    if (needed <= 0) return [];
    if (available.length > 0) return available.slice(0, needed).map(toTake);
    return this.#leasesToSteal(active, counts, { needed, target });
  }

  /** Gives the lease to the worker. */
  take(shardId: string, workerId: string, nowMs: number): Lease {
    const lease = this.#existing(shardId);
    lease.owner = workerId;
    lease.renewedMs = nowMs;
    return lease;
  }

  /** False: another worker has taken it meanwhile. */
  renew(shardId: string, workerId: string, nowMs: number): boolean {
    const lease = this.#existing(shardId);
    if (lease.owner !== workerId) return false;
    lease.renewedMs = nowMs;
    return true;
  }

  /** False: only the owner can move the checkpoint. */
  checkpoint(shardId: string, workerId: string, checkpoint: LeaseCheckpoint): boolean {
    const lease = this.#existing(shardId);
    if (lease.owner !== workerId) return false;
    lease.checkpoint = checkpoint;
    if (checkpoint === 'SHARD_END') this.#addChildren(shardId);
    return true;
  }

  #leasesToSteal(
    active: readonly Lease[],
    counts: ReadonlyMap<string, number>,
    want: { readonly needed: number; readonly target: number },
  ): LeaseToTake[] {
    const [victim, most] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best));
    const excess = most - want.target;
    const isWorthIt = excess > 0 || (excess === 0 && want.needed > 1);
    const lease = active.find((candidate) => candidate.owner === victim);
    if (!isWorthIt || lease === undefined) return [];
    return [{ shardId: lease.shardId, from: victim, reason: 'stolen' }];
  }

  #isAvailable(lease: Lease, nowMs: number): boolean {
    return lease.owner === undefined || nowMs - lease.renewedMs > this.#failoverMs;
  }

  #addChildren(parentId: string): void {
    for (const shard of this.#shards) {
      const isChild = shard.parentIds.includes(parentId);
      const isReady = shard.parentIds.every(
        (shardId) => this.#leases.get(shardId)?.checkpoint === 'SHARD_END',
      );
      if (isChild && isReady) this.#add(shard.shardId);
    }
  }

  #add(shardId: string): void {
    const checkpoint = 'TRIM_HORIZON';
    this.#leases.set(shardId, { shardId, owner: undefined, checkpoint, renewedMs: -Infinity });
  }

  #existing(shardId: string): { -readonly [key in keyof Lease]: Lease[key] } {
    const lease = this.#leases.get(shardId);
    assert(lease !== undefined, `a lease for ${shardId}`);
    return lease;
  }
}

function toTake({ shardId, owner }: Lease): LeaseToTake {
  if (owner === undefined) return { shardId, reason: 'unassigned' };
  return { shardId, from: owner, reason: 'expired' };
}
