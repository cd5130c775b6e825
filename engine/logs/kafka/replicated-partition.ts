/**
 * Models a partition on several brokers: Apache Kafka 4.1, core, `Partition`, `ReplicaManager`;
 * metadata, `ReplicationControlManager`, `PartitionChangeBuilder`.
 * Simplified: one controller that never fails and learns of a crash at once; no eligible leader
 * replicas (KIP-966) beyond the in-sync ones; a fetch moves all that is missing.
 * Invariant: what lies below the high watermark is on every in-sync replica, so a clean leader
 * change loses none of it.
 */
import { assert } from '../../core/assert.ts';
import { ConfigError } from '../../core/errors.ts';
import { PartitionLog } from './partition-log.ts';
import type { LogBatch, ProduceBatch } from './record-batch.ts';
import type { ProduceError } from './producer-state.ts';

/** How a topic is replicated. */
export interface ReplicationSettings {
  readonly replicas: number;
  /** `min.insync.replicas`, which binds `acks=all` only. */
  readonly minInsyncReplicas: number;
  /** `unclean.leader.election.enable`; default false: rather no leader than lost records. */
  readonly isUncleanElectionAllowed?: boolean;
  /** `replica.lag.time.max.ms`; default 30 s. */
  readonly lagTimeMaxMs?: number;
}

/** What a producer waits for: nothing, the leader, or all in-sync replicas. Default `all`. */
export type Acks = '0' | '1' | 'all';

/** What happened to the replicas. */
export type ReplicaFact =
  | {
      readonly type: 'isr-changed';
      readonly atMs: number;
      readonly inSync: readonly number[];
    }
  | {
      readonly type: 'leader-elected';
      readonly atMs: number;
      /** Undefined: offline, until an in-sync replica returns. */
      readonly leader?: number;
      readonly leaderEpoch: number;
      readonly isClean: boolean;
    }
  | {
      readonly type: 'log-truncated';
      readonly atMs: number;
      readonly broker: number;
      readonly fromOffset: number;
      readonly batches: readonly LogBatch[];
    }
  | { readonly type: 'high-watermark-advanced'; readonly atMs: number; readonly offset: number };

/** Why a batch is refused, in the names of Kafka's protocol. */
export type RefusalError = ProduceError | 'NOT_ENOUGH_REPLICAS' | 'NOT_LEADER_OR_FOLLOWER';

/** What the leader answers to a batch, before anybody waits for other replicas. */
export type LeaderAnswer =
  | {
      readonly type: 'appended' | 'duplicate';
      readonly baseOffset: number;
      readonly lastOffset: number;
      readonly leaderEpoch: number;
    }
  | {
      readonly type: 'rejected';
      readonly error: RefusalError;
    };

interface Replica {
  readonly log: PartitionLog;
  isUp: boolean;
  /** When it last had all that the leader had. */
  caughtUpMs: number;
}

const HALF_MINUTE_MS = 30_000;

/** Leader, followers, in-sync set and high watermark of one partition. */
export class ReplicatedPartition {
  readonly facts: ReplicaFact[] = [];
  readonly #settings: Required<ReplicationSettings>;
  readonly #replicas: Replica[];
  #inSync: number[];
  #leader: number | undefined = 0;
  #leaderEpoch = 0;

  /** @throws ConfigError when more replicas must be in sync than there are. */
  constructor(settings: ReplicationSettings) {
    this.#settings = {
      isUncleanElectionAllowed: false,
      lagTimeMaxMs: HALF_MINUTE_MS,
      ...settings,
    };
    const { replicas, minInsyncReplicas } = settings;
    if (!Number.isInteger(replicas) || replicas < 1) {
      throw new ConfigError('replicas must be a whole number of at least 1', replicas, 'give 3');
    }
    if (!(minInsyncReplicas >= 1 && minInsyncReplicas <= replicas)) {
      throw new ConfigError(
        `minInsyncReplicas must be from 1 to the number of replicas, ${replicas}`,
        minInsyncReplicas,
        'with 3 replicas, 2 keeps acknowledged records and survives one broker',
      );
    }
    this.#replicas = Array.from({ length: replicas }, () => ({
      log: new PartitionLog({ segmentBytes: 2 ** 30 }),
      isUp: true,
      caughtUpMs: 0,
    }));
    this.#inSync = this.#replicas.map((_, broker) => broker);
  }

  get leader(): number | undefined {
    return this.#leader;
  }

  get inSync(): readonly number[] {
    return this.#inSync;
  }

  get leaderEpoch(): number {
    return this.#leaderEpoch;
  }

  /** The log as one broker has it. */
  logOf(broker: number): PartitionLog {
    const replica = this.#replicas[broker];
    if (replica === undefined) {
      throw new ConfigError(
        `broker must be below ${this.#replicas.length}`,
        broker,
        'the replicas are numbered from 0',
      );
    }
    return replica.log;
  }

  isUp(broker: number): boolean {
    return this.#replicas[broker]?.isUp === true;
  }

  /** A batch of a producer reaches a broker. */
  produce(broker: number, batch: ProduceBatch, acks: Acks, nowMs: number): LeaderAnswer {
    if (broker !== this.#leader) return { type: 'rejected', error: 'NOT_LEADER_OR_FOLLOWER' };
    if (acks === 'all' && this.#inSync.length < this.#settings.minInsyncReplicas) {
      return { type: 'rejected', error: 'NOT_ENOUGH_REPLICAS' };
    }
    const answer = this.logOf(broker).append(batch, nowMs, this.#leaderEpoch);
    this.#advance(nowMs);
    return answer.type === 'rejected' ? answer : { ...answer, leaderEpoch: this.#leaderEpoch };
  }

  /** Whether `acks=all` is satisfied for an append of this epoch. */
  isReplicated(lastOffset: number, leaderEpoch: number): boolean {
    if (this.#leader === undefined || leaderEpoch !== this.#leaderEpoch) return false;
    return this.logOf(this.#leader).highWatermark > lastOffset;
  }

  /** A follower asks the leader for what it misses; asking tells how far it has come. */
  fetchAsFollower(broker: number, nowMs: number): void {
    const follower = this.#replicas[broker] as Replica;
    if (this.#leader === undefined || broker === this.#leader || !follower.isUp) return;
    const leaderLog = this.logOf(this.#leader);
    this.#truncateToLeader(broker, nowMs);
    for (const batch of leaderLog.segments.flatMap((segment) => segment.batches)) {
      if (batch.baseOffset >= follower.log.endOffset) follower.log.replicate(batch);
    }
    follower.caughtUpMs = nowMs;
    const mayJoin = follower.log.endOffset >= leaderLog.highWatermark;
    if (mayJoin && !this.#inSync.includes(broker)) {
      this.#changeInSync(
        [...this.#inSync, broker].sort((a, b) => a - b),
        nowMs,
      );
    }
    this.#advance(nowMs);
    follower.log.advanceHighWatermark(leaderLog.highWatermark);
  }

  /** Puts out of sync who has not caught up for `replica.lag.time.max.ms`. */
  shrinkInSync(nowMs: number): void {
    const isLagging = (broker: number): boolean => {
      const replica = this.#replicas[broker] as Replica;
      const leaderEnd = this.#leader === undefined ? 0 : this.logOf(this.#leader).endOffset;
      const isBehind = replica.log.endOffset < leaderEnd;
      return isBehind && nowMs - replica.caughtUpMs > this.#settings.lagTimeMaxMs;
    };
    const left = this.#inSync.filter((broker) => broker === this.#leader || !isLagging(broker));
    if (left.length < this.#inSync.length) this.#changeInSync(left, nowMs);
    this.#advance(nowMs);
  }

  /** The controller takes a broker out; if it led, another leads. */
  crash(broker: number, nowMs: number): void {
    const replica = this.#replicas[broker] as Replica;
    if (!replica.isUp) return;
    replica.isUp = false;
    // The last one in sync stays in the set: only it is known to have everything.
    const left = this.#inSync.filter((member) => member !== broker);
    if (left.length > 0 && left.length < this.#inSync.length) this.#changeInSync(left, nowMs);
    if (broker === this.#leader) this.#elect(nowMs);
    else this.#advance(nowMs);
  }

  /** A broker comes back with what its disk holds. */
  restart(broker: number, nowMs: number): void {
    const replica = this.#replicas[broker] as Replica;
    replica.isUp = true;
    replica.caughtUpMs = nowMs;
    if (this.#leader === undefined) this.#elect(nowMs);
  }

  #elect(nowMs: number): void {
    const clean = this.#inSync.find((broker) => this.isUp(broker));
    const any = this.#replicas.findIndex((replica) => replica.isUp);
    const unclean = this.#settings.isUncleanElectionAllowed && any >= 0 ? any : undefined;
    this.#leader = clean ?? unclean;
    this.#leaderEpoch += 1;
    const isClean = clean !== undefined;
    const leader = this.#leader;
    const elected = { type: 'leader-elected', atMs: nowMs, isClean } as const;
    this.facts.push({
      ...elected,
      ...(leader === undefined ? {} : { leader }),
      leaderEpoch: this.#leaderEpoch,
    });
    if (leader === undefined) return;
    if (!isClean) this.#changeInSync([leader], nowMs);
    for (const replica of this.#replicas) replica.caughtUpMs = nowMs;
    this.#advance(nowMs);
  }

  /** Cuts off what the leader does not have: the leader's log is the truth. */
  #truncateToLeader(broker: number, nowMs: number): void {
    const leaderBatches = this.logOf(this.#leader as number).segments.flatMap((s) => s.batches);
    const epochs = new Map(leaderBatches.map((batch) => [batch.baseOffset, batch.leaderEpoch]));
    const { log } = this.#replicas[broker] as Replica;
    const foreign = log.segments
      .flatMap((segment) => segment.batches)
      .find((batch) => epochs.get(batch.baseOffset) !== batch.leaderEpoch);
    if (foreign === undefined) return;
    const fromOffset = foreign.baseOffset;
    const batches = log.truncateTo(fromOffset);
    this.facts.push({ type: 'log-truncated', atMs: nowMs, broker, fromOffset, batches });
  }

  /** The high watermark stands still while fewer replicas are in sync than the topic demands. */
  #advance(nowMs: number): void {
    if (this.#leader === undefined) return;
    if (this.#inSync.length < this.#settings.minInsyncReplicas) return;
    const log = this.logOf(this.#leader);
    const ends = this.#inSync.map((broker) => this.logOf(broker).endOffset);
    const offset = Math.min(...ends, log.endOffset);
    if (offset <= log.highWatermark) return;
    log.advanceHighWatermark(offset);
    assert(log.highWatermark === offset, 'a high watermark within the log');
    this.facts.push({ type: 'high-watermark-advanced', atMs: nowMs, offset });
  }

  #changeInSync(inSync: number[], nowMs: number): void {
    this.#inSync = inSync;
    this.facts.push({ type: 'isr-changed', atMs: nowMs, inSync });
  }
}
