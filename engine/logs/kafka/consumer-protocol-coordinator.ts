/**
 * Models the broker's side of a group under the newer protocol (`group.protocol=consumer`): Apache
 * Kafka 4.1, group-coordinator, `GroupMetadataManager`; `ConsumerGroup` for who gets what.
 * Simplified: dynamic members only; a member learns of its assignment by its next heartbeat, which
 * also comes at once when it has given partitions up; the coordinator never fails.
 * Invariant: a partition belongs to at most one member, and only a member with its newest epoch
 * can commit.
 */
import type { TopicPartition } from './assignors/group-member.ts';
import { ConsumerGroup } from './consumer-protocol.ts';
import type { ConsumerGroupMember } from './consumer-protocol.ts';
import type { CoordinatorListeners, JoinRequest } from './group-coordinator.ts';
import { GroupOffsets } from './group-offsets.ts';
import type { CommitError, GroupSettings } from './group-scenario.ts';
import { partitionName } from './assignors/group-member.ts';

interface Member {
  sessionEndMs: number;
  view: ConsumerGroupMember;
}

/** Keeps the members, their epochs and the committed offsets. */
export class ConsumerProtocolCoordinator {
  readonly #offsets: GroupOffsets;
  readonly #settings: GroupSettings;
  readonly #listeners: CoordinatorListeners;
  readonly #group: ConsumerGroup;
  readonly #members = new Map<string, Member>();

  constructor(settings: GroupSettings, listeners: CoordinatorListeners) {
    this.#settings = settings;
    this.#listeners = listeners;
    this.#offsets = new GroupOffsets(listeners.note);
    const counts = Object.entries(settings.topics).map(([topic, log]) => [
      topic,
      log.partitions.length,
    ]);
    this.#group = new ConsumerGroup(Object.fromEntries(counts));
  }

  get committed(): ReadonlyMap<string, number> {
    return this.#offsets.committed;
  }

  /** When the first session ends. */
  nextDueMs(): number {
    let dueMs = Infinity;
    for (const { sessionEndMs } of this.#members.values()) dueMs = Math.min(dueMs, sessionEndMs);
    return dueMs;
  }

  /** A first heartbeat, or one that says at once what was given up. */
  join({ memberId, ownedPartitions }: JoinRequest, nowMs: number): void {
    if (this.#members.has(memberId)) {
      this.heartbeat(memberId, nowMs, ownedPartitions.map(partitionName));
      this.#answer(memberId);
      return;
    }
    this.#listeners.note({ type: 'member-joined', atMs: nowMs, memberId });
    const view = this.#group.join(memberId);
    this.#members.set(memberId, { view, sessionEndMs: this.#sessionEndMs(nowMs) });
    this.#noteTarget('member-joined', nowMs);
    this.#answer(memberId);
  }

  /** The member says what it owns; what it should own is answered when that has changed. */
  heartbeat(
    memberId: string,
    nowMs: number,
    owned: readonly string[],
  ): 'ok' | 'rebalance' | 'unknown' {
    const member = this.#members.get(memberId);
    if (member === undefined) return 'unknown';
    member.sessionEndMs = this.#sessionEndMs(nowMs);
    const before = member.view;
    member.view = this.#group.heartbeat(memberId, owned);
    const isSame =
      before.memberEpoch === member.view.memberEpoch &&
      before.assigned.join() === member.view.assigned.join();
    if (!isSame) this.#answer(memberId);
    return 'ok';
  }

  /** Why a commit of this member and epoch is refused; undefined: it is accepted. */
  refuses(memberId: string, epoch: number, nowMs: number): CommitError | undefined {
    const member = this.#members.get(memberId);
    if (member?.view.memberEpoch === epoch) return undefined;
    const error = member === undefined ? 'UNKNOWN_MEMBER_ID' : 'STALE_MEMBER_EPOCH';
    this.#listeners.note({ type: 'commit-failed', atMs: nowMs, memberId, error });
    return error;
  }

  /** Stores the next offsets to read, unless the commit is refused. */
  commit(
    memberId: string,
    request: { readonly generation: number; readonly offsets: ReadonlyMap<string, number> },
    nowMs: number,
  ): boolean {
    if (this.refuses(memberId, request.generation, nowMs) !== undefined) return false;
    this.takeOffsets(memberId, request.offsets, nowMs);
    return true;
  }

  takeOffsets(memberId: string, offsets: ReadonlyMap<string, number>, nowMs: number): void {
    this.#offsets.take(memberId, offsets, nowMs);
  }

  leave(memberId: string, nowMs: number): void {
    if (!this.#members.has(memberId)) return;
    this.#listeners.note({ type: 'member-left', atMs: nowMs, memberId });
    this.#remove(memberId, 'member-left', nowMs);
  }

  /** Ends sessions that are due. */
  onTime(nowMs: number): void {
    for (const [memberId, { sessionEndMs }] of [...this.#members]) {
      if (sessionEndMs > nowMs) continue;
      this.#listeners.note({ type: 'member-expired', atMs: nowMs, memberId });
      this.#remove(memberId, 'member-expired', nowMs);
    }
  }

  #remove(memberId: string, reason: 'member-left' | 'member-expired', nowMs: number): void {
    this.#members.delete(memberId);
    this.#group.leave(memberId);
    if (this.#members.size > 0) this.#noteTarget(reason, nowMs);
  }

  #noteTarget(reason: 'member-joined' | 'member-left' | 'member-expired', nowMs: number): void {
    this.#listeners.note({ type: 'rebalance-started', atMs: nowMs, reason });
    const members = [...this.#members.keys()].sort();
    const generation = this.#group.groupEpoch;
    this.#listeners.note({ type: 'generation-started', atMs: nowMs, generation, members });
  }

  #answer(memberId: string): void {
    const { view } = this.#members.get(memberId) as Member;
    const partitions = view.assigned.map(partitionOf);
    this.#listeners.answer(memberId, { generation: view.memberEpoch, partitions });
  }

  #sessionEndMs(nowMs: number): number {
    return nowMs + this.#settings.sessionTimeoutMs;
  }
}

function partitionOf(name: string): TopicPartition {
  const at = name.lastIndexOf('-');
  return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) };
}
