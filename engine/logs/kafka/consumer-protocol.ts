/**
 * Models the newer consumer group protocol, in which the broker assigns (KIP-848, `group.protocol
 * =consumer`): Apache Kafka 4.1, group-coordinator, `GroupMetadataManager`,
 * `modern.consumer.CurrentAssignmentBuilder`, `assignor.UniformHomogeneousAssignmentBuilder`.
 * Simplified: members give up what they are told to by their next heartbeat; all read the same
 * topics; topics are ordered by name, where Kafka orders them by a random id.
 * Invariant: a partition is handed to its new owner only after the old one has given it up, and
 * nobody else stops meanwhile: there is no barrier that all members wait at.
 */
import { ConfigError } from '../../core/errors.ts';
import { checkGroup, compareText, partitionName, partitionsOf } from './assignors/group-member.ts';
import type { PartitionCounts } from './assignors/group-member.ts';

/** Where a member stands on the way to its target. */
export type MemberState = 'stable' | 'unrevoked-partitions' | 'unreleased-partitions';

/** A member as the broker sees it. Partitions are written as `flights-3`. */
export interface ConsumerGroupMember {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly state: MemberState;
  readonly assigned: readonly string[];
  readonly pendingRevocation: readonly string[];
}

/** One heartbeat's effect, or a change of the group. */
export type ConsumerGroupFact =
  | {
      readonly type: 'group-epoch-bumped';
      readonly groupEpoch: number;
      readonly target: { readonly [memberId: string]: readonly string[] };
    }
  | { readonly type: 'member-reconciled'; readonly member: ConsumerGroupMember };

interface Member {
  memberEpoch: number;
  state: MemberState;
  assigned: string[];
  pendingRevocation: string[];
}

/** The broker's side of one group. */
export class ConsumerGroup {
  readonly facts: ConsumerGroupFact[] = [];
  readonly #counts: PartitionCounts;
  readonly #members = new Map<string, Member>();
  #groupEpoch = 0;
  #target: ReadonlyMap<string, readonly string[]> = new Map();

  /** @throws ConfigError when a topic has no partition. */
  constructor(counts: PartitionCounts) {
    checkGroup([{ memberId: 'any', topics: Object.keys(counts) }], counts);
    this.#counts = counts;
  }

  get groupEpoch(): number {
    return this.#groupEpoch;
  }

  /** A first heartbeat, with epoch 0: the group gets a new epoch and a new target. */
  join(memberId: string): ConsumerGroupMember {
    if (this.#members.has(memberId) || memberId === '') {
      throw new ConfigError('a member must be new and have an id', memberId, 'rename it');
    }
    const member: Member = { memberEpoch: 0, state: 'stable', assigned: [], pendingRevocation: [] };
    this.#members.set(memberId, member);
    this.#retarget();
    return this.heartbeat(memberId, []);
  }

  /** The member leaves, or its session ended: its partitions are free at once. */
  leave(memberId: string): void {
    if (this.#members.delete(memberId) && this.#members.size > 0) this.#retarget();
  }

  /** The member says what it owns and learns what it should own. */
  heartbeat(memberId: string, owned: readonly string[]): ConsumerGroupMember {
    const member = this.#members.get(memberId);
    if (member === undefined) {
      throw new ConfigError('a heartbeat must come from a member', memberId, 'let it join first');
    }
    const isHolding = member.pendingRevocation.some((name) => owned.includes(name));
    if (member.state === 'unrevoked-partitions' && !isHolding) {
      this.#next(memberId, member, member.memberEpoch + 1, owned);
    } else if (member.state === 'unreleased-partitions') {
      this.#next(memberId, member, member.memberEpoch, owned);
    } else if (member.state === 'stable' && member.memberEpoch !== this.#groupEpoch) {
      this.#next(memberId, member, member.memberEpoch, owned);
    }
    const view = { memberId, ...member };
    this.facts.push({ type: 'member-reconciled', member: view });
    return view;
  }

  #next(memberId: string, member: Member, memberEpoch: number, owned: readonly string[]): void {
    const target = this.#target.get(memberId) ?? [];
    const kept = member.assigned.filter((name) => target.includes(name));
    const toRevoke = member.assigned.filter((name) => !target.includes(name));
    const wanted = target.filter((name) => !kept.includes(name));
    const free = wanted.filter((name) => !this.#isHeld(name, memberId));
    member.assigned = kept;
    if (toRevoke.some((name) => owned.includes(name))) {
      member.state = 'unrevoked-partitions';
      member.memberEpoch = memberEpoch;
      member.pendingRevocation = toRevoke;
      return;
    }
    member.assigned = [...kept, ...free].sort(compareText);
    member.state = free.length < wanted.length ? 'unreleased-partitions' : 'stable';
    member.memberEpoch = this.#groupEpoch;
    member.pendingRevocation = [];
  }

  #isHeld(name: string, exceptId: string): boolean {
    for (const [memberId, member] of this.#members) {
      if (memberId === exceptId) continue;
      if (member.assigned.includes(name) || member.pendingRevocation.includes(name)) return true;
    }
    return false;
  }

  #retarget(): void {
    this.#groupEpoch += 1;
    const names = Object.keys(this.#counts)
      .sort(compareText)
      .flatMap((topic) => partitionsOf(topic, this.#counts[topic] as number).map(partitionName));
    const current = new Map(
      [...this.#members.keys()].sort(compareText).map((id) => [id, this.#target.get(id) ?? []]),
    );
    this.#target = uniformTarget(names, current);
    const target = Object.fromEntries(this.#target);
    this.facts.push({ type: 'group-epoch-bumped', groupEpoch: this.#groupEpoch, target });
  }
}

/**
 * The uniform assignor: everybody keeps its partitions up to its quota, and what is free goes to
 * those below theirs. One more than the others is for the first that own enough, else the last.
 */
export function uniformTarget(
  partitions: readonly string[],
  current: ReadonlyMap<string, readonly string[]>,
): Map<string, readonly string[]> {
  const held = new Set([...current.values()].flat());
  const free = partitions.filter((name) => !held.has(name));
  const least = Math.floor(partitions.length / current.size);
  let extraLeft = partitions.length % current.size;
  const target = new Map<string, string[]>();
  const rooms: { readonly mine: string[]; readonly room: number }[] = [];
  let membersLeft = current.size;
  for (const [memberId, owned] of current) {
    let quota = least + (extraLeft > 0 ? 1 : 0);
    let hasExtra = extraLeft > 0;
    const mine = owned.slice(0, quota);
    free.push(...owned.slice(quota));
    // The extra place is left to a later member, while there are enough of them.
    if (hasExtra && mine.length < quota && membersLeft > extraLeft) {
      quota -= 1;
      hasExtra = false;
    }
    if (hasExtra) extraLeft -= 1;
    membersLeft -= 1;
    target.set(memberId, mine);
    if (mine.length < quota) rooms.push({ mine, room: quota - mine.length });
  }
  for (const { mine, room } of rooms) mine.push(...free.splice(0, room));
  for (const mine of target.values()) mine.sort(compareText);
  return target;
}
