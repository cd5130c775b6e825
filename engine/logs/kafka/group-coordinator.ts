/**
 * Models the broker's side of a consumer group: Apache Kafka 4.1, group-coordinator,
 * `GroupMetadataManager`, `ClassicGroup` (the classic protocol, `group.protocol=classic`).
 * Simplified: the coordinator never fails; the leader's assignment arrives with the join, so there
 * is no waiting for SyncGroup; answers take no time.
 * Invariant: in one generation a partition belongs to at most one member, and only members of the
 * current generation can commit.
 */
import { cooperativeStickyAssign } from './assignors/cooperative-sticky.ts';
import { partitionName } from './assignors/group-member.ts';
import type {
  Assignment,
  GroupMember,
  PartitionCounts,
  TopicPartition,
} from './assignors/group-member.ts';
import { rangeAssign } from './assignors/range.ts';
import { roundRobinAssign } from './assignors/round-robin.ts';
import { stickyAssign } from './assignors/sticky.ts';
import { GroupOffsets } from './group-offsets.ts';
import type { Assignor, CommitError, GroupFact, GroupSettings } from './group-scenario.ts';

const ASSIGNORS: {
  readonly [name in Assignor]: (
    members: readonly GroupMember[],
    counts: PartitionCounts,
  ) => Assignment;
} = {
  range: rangeAssign,
  roundrobin: roundRobinAssign,
  sticky: stickyAssign,
  'cooperative-sticky': cooperativeStickyAssign,
};

/** What a member says when it joins. */
export interface JoinRequest {
  readonly memberId: string;
  readonly groupInstanceId?: string;
  readonly topics: readonly string[];
  readonly ownedPartitions: readonly TopicPartition[];
  readonly generation: number;
}

/** Who hears of what the coordinator does. */
export interface CoordinatorListeners {
  readonly note: (fact: GroupFact) => void;
  readonly answer: (memberId: string, answer: JoinAnswer) => void;
}

/** What it is told when the rebalance is complete. */
export interface JoinAnswer {
  readonly generation: number;
  readonly partitions: readonly TopicPartition[];
}

interface Member {
  request: JoinRequest;
  hasJoined: boolean;
  sessionEndMs: number;
  assigned: readonly TopicPartition[];
}

type RebalanceReason = (GroupFact & { readonly type: 'rebalance-started' })['reason'];

/** Keeps the members, their generation and the committed offsets. */
export class GroupCoordinator {
  readonly #offsets: GroupOffsets;
  readonly #settings: GroupSettings;
  readonly #counts: PartitionCounts;
  readonly #note: (fact: GroupFact) => void;
  readonly #answer: (memberId: string, answer: JoinAnswer) => void;
  readonly #members = new Map<string, Member>();
  #generation = 0;
  /** When the rebalance that is going on completes without those who have not joined. */
  #completesMs: number | undefined;
  #isFirst = false;

  constructor(settings: GroupSettings, listeners: CoordinatorListeners) {
    this.#settings = settings;
    this.#offsets = new GroupOffsets(listeners.note);
    this.#counts = Object.fromEntries(
      Object.entries(settings.topics).map(([topic, log]) => [topic, log.partitions.length]),
    );
    this.#note = listeners.note;
    this.#answer = listeners.answer;
  }

  get committed(): ReadonlyMap<string, number> {
    return this.#offsets.committed;
  }

  /** When something is due: the end of a session or of a rebalance. */
  nextDueMs(): number {
    let dueMs = this.#completesMs ?? Infinity;
    for (const member of this.#members.values()) dueMs = Math.min(dueMs, member.sessionEndMs);
    return dueMs;
  }

  /** A member joins, or joins again. */
  join(request: JoinRequest, nowMs: number): void {
    const { memberId, groupInstanceId } = request;
    if (groupInstanceId !== undefined && this.#returnsAsBefore(request, nowMs)) return;
    const known = this.#members.get(memberId);
    if (known === undefined) this.#note({ type: 'member-joined', atMs: nowMs, memberId });
    const sessionEndMs = nowMs + this.#settings.sessionTimeoutMs;
    this.#members.set(memberId, { request, hasJoined: true, sessionEndMs, assigned: [] });
    if (this.#completesMs === undefined) {
      this.#prepare(known === undefined ? 'member-joined' : 'partitions-revoked', nowMs, memberId);
    } else if (this.#isFirst && known === undefined) {
      // The first rebalance of a group waits for those who come at about the same time.
      this.#completesMs = nowMs + this.#settings.initialRebalanceDelayMs;
    }
    this.#completeIfAllJoined(nowMs);
  }

  /** True while the member may go on; `rebalance` when it has to join again. */
  heartbeat(memberId: string, nowMs: number): 'ok' | 'rebalance' | 'unknown' {
    const member = this.#members.get(memberId);
    if (member === undefined) return 'unknown';
    member.sessionEndMs = nowMs + this.#settings.sessionTimeoutMs;
    return this.#completesMs !== undefined && !member.hasJoined ? 'rebalance' : 'ok';
  }

  /** Stores the next offsets to read, unless the member is not, or no longer, of this group. */
  commit(
    memberId: string,
    request: { readonly generation: number; readonly offsets: ReadonlyMap<string, number> },
    nowMs: number,
  ): boolean {
    if (this.refuses(memberId, request.generation, nowMs) !== undefined) return false;
    this.takeOffsets(memberId, request.offsets, nowMs);
    return true;
  }

  /** Why a commit of this member and generation is refused; undefined: it is accepted. */
  refuses(memberId: string, generation: number, nowMs: number): CommitError | undefined {
    const error: CommitError | undefined = !this.#members.has(memberId)
      ? 'UNKNOWN_MEMBER_ID'
      : generation !== this.#generation
        ? 'ILLEGAL_GENERATION'
        : undefined;
    if (error !== undefined) this.#note({ type: 'commit-failed', atMs: nowMs, memberId, error });
    return error;
  }

  /** Stores offsets that were accepted, now or as part of a transaction that has committed. */
  takeOffsets(memberId: string, offsets: ReadonlyMap<string, number>, nowMs: number): void {
    this.#offsets.take(memberId, offsets, nowMs);
  }

  leave(memberId: string, nowMs: number): void {
    if (!this.#members.has(memberId)) return;
    this.#note({ type: 'member-left', atMs: nowMs, memberId });
    this.#remove(memberId, 'member-left', nowMs);
  }

  /** Ends sessions and rebalances that are due. */
  onTime(nowMs: number): void {
    for (const [memberId, member] of [...this.#members]) {
      if (member.sessionEndMs > nowMs) continue;
      this.#note({ type: 'member-expired', atMs: nowMs, memberId });
      this.#remove(memberId, 'member-expired', nowMs);
    }
    if ((this.#completesMs ?? Infinity) <= nowMs) this.#complete(nowMs);
  }

  #remove(memberId: string, reason: RebalanceReason, nowMs: number): void {
    this.#members.delete(memberId);
    if (this.#members.size === 0) {
      this.#completesMs = undefined;
      return;
    }
    if (this.#completesMs === undefined) this.#prepare(reason, nowMs);
    this.#completeIfAllJoined(nowMs);
  }

  #prepare(reason: RebalanceReason, nowMs: number, joiningId?: string): void {
    this.#isFirst = this.#members.size === 1 && joiningId !== undefined;
    for (const [memberId, member] of this.#members) member.hasJoined = memberId === joiningId;
    const { initialRebalanceDelayMs, maxPollIntervalMs } = this.#settings;
    this.#completesMs = nowMs + (this.#isFirst ? initialRebalanceDelayMs : maxPollIntervalMs);
    this.#note({ type: 'rebalance-started', atMs: nowMs, reason });
  }

  #completeIfAllJoined(nowMs: number): void {
    if (this.#completesMs === undefined) return;
    if (this.#isFirst && this.#completesMs > nowMs) return;
    if ([...this.#members.values()].every((member) => member.hasJoined)) this.#complete(nowMs);
  }

  #complete(nowMs: number): void {
    this.#completesMs = undefined;
    this.#isFirst = false;
    for (const [memberId, member] of [...this.#members]) {
      const isStatic = member.request.groupInstanceId !== undefined;
      if (!member.hasJoined && !isStatic) {
        this.#members.delete(memberId);
        this.#note({ type: 'member-expired', atMs: nowMs, memberId });
      }
    }
    if (this.#members.size === 0) return;
    this.#generation += 1;
    const requests = [...this.#members.values()].map((member) => member.request);
    const assignment = ASSIGNORS[this.#settings.assignor](requests, this.#counts);
    const members = [...this.#members.keys()].sort();
    const generation = this.#generation;
    this.#note({ type: 'generation-started', atMs: nowMs, generation, members });
    for (const memberId of members) {
      const member = this.#members.get(memberId) as Member;
      const partitions = assignment.get(memberId) ?? [];
      member.assigned = partitions;
      if (member.hasJoined) this.#answer(memberId, { generation, partitions });
    }
  }

  /** A static member that is back within its session finds its partitions, without a rebalance. */
  #returnsAsBefore(request: JoinRequest, nowMs: number): boolean {
    const { memberId, groupInstanceId, generation } = request;
    const known = this.#members.get(memberId);
    const isBack = known?.request.groupInstanceId === groupInstanceId && generation < 0;
    if (known === undefined || !isBack || this.#completesMs !== undefined) return false;
    known.sessionEndMs = nowMs + this.#settings.sessionTimeoutMs;
    this.#note({ type: 'static-member-returned', atMs: nowMs, memberId });
    this.#answer(memberId, { generation: this.#generation, partitions: known.assigned });
    return true;
  }

  /** Names of what a member was assigned, for a message. */
  assignedTo(memberId: string): readonly string[] {
    return (this.#members.get(memberId)?.assigned ?? []).map(partitionName);
  }
}
