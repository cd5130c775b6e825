/**
 * Writes the run of a consumer group as a trace: members are subtasks, partitions are splits, and
 * every fact names the one that led to it. What a picture of a group needs is in the frames:
 * positions, commits, who reads what, lag.
 */
import { KeyTable } from '../../core/key-table.ts';
import { KIND } from '../../trace/kinds.ts';
import type { TraceKind } from '../../trace/kinds.ts';
import { NONE, Recorder } from '../../trace/recorder.ts';
import type { SplitInfo, SubtaskInfo, Trace } from '../../trace/trace.ts';
import { LogFactFeed } from '../log-fact-feed.ts';
import type { LogInput, LogRecord } from '../log.ts';
import { placeOf } from '../partition-life.ts';
import type { GroupFact, GroupScenario } from './group-scenario.ts';

/** The facts of a group, and of its topics, as a trace. */
export function traceGroup(scenario: GroupScenario, facts: readonly GroupFact[]): Trace {
  return new GroupTrace(scenario, facts).write(facts);
}

/** The producer wrote no time. */
const NO_TIME = -1;

/** Rows that may be the cause of what comes. */
interface Causes {
  /** Who joined or went, and the rebalance and generation that followed. */
  member: number;
  rebalance: number;
  generation: number;
}

class GroupTrace {
  readonly #scenario: GroupScenario;
  readonly #recorder = new Recorder(true);
  readonly #keys = new KeyTable();
  readonly #subtasks: SubtaskInfo[];
  readonly #splits: SplitInfo[];
  readonly #feed: LogFactFeed;
  readonly #causes: Causes = { member: NONE, rebalance: NONE, generation: NONE };
  /** Last fetch and last processing of a partition by a member, and last row of a transaction. */
  readonly #last = new Map<string, number>();
  readonly #processed = new Map<string, number>();
  readonly #committed = new Map<string, number>();

  constructor(scenario: GroupScenario, facts: readonly GroupFact[]) {
    this.#scenario = scenario;
    this.#subtasks = membersOf(facts).map((memberId) => ({
      operator: memberId,
      index: 0,
      task: memberId,
      taskManager: 0,
      kind: 'operator',
      epoch: 1,
    }));
    this.#splits = splitsOf(scenario);
    this.#feed = new LogFactFeed(scenario.topics, this.#splits, this.#recorder, this.#keys);
  }

  write(facts: readonly GroupFact[]): Trace {
    for (const fact of facts) {
      this.#feed.advanceTo(fact.atMs);
      this.#write(fact);
    }
    this.#feed.advanceTo(this.#scenario.untilMs);
    const header = {
      version: 1,
      engine: 'kafka',
      job: 'group',
      subtasks: this.#subtasks,
      channels: [],
      splits: this.#splits,
      states: [],
      sinks: [],
      outputTags: [],
      maxParallelism: 1,
      taskManagerCount: 1,
    } as const;
    return this.#recorder.finish(header, this.#keys);
  }

  #write(fact: GroupFact): void {
    const causes = this.#causes;
    switch (fact.type) {
      case 'member-joined':
      case 'static-member-returned':
        causes.member = this.#add('member-joined', fact.memberId, NONE);
        return;
      case 'member-left':
      case 'member-expired':
      case 'consumer-crashed':
      case 'consumer-failed': {
        causes.member = this.#add('member-gone', fact.memberId, NONE);
        const why = fact.type === 'consumer-failed' ? fact.error : fact.type.split('-')[1];
        this.#recorder.setValue(causes.member, why);
        return;
      }
      case 'rebalance-started': {
        const isRevoked = fact.reason === 'partitions-revoked';
        const cause = isRevoked ? causes.generation : causes.member;
        causes.rebalance = this.#add('rebalance-started', undefined, cause);
        this.#recorder.setValue(causes.rebalance, fact.reason);
        return;
      }
      case 'generation-started': {
        const { generation, members } = fact;
        const at = { a: generation };
        causes.generation = this.#add('generation-started', undefined, causes.rebalance, at);
        this.#recorder.setValue(causes.generation, members);
        return;
      }
      case 'partitions-assigned':
        // Where it begins is told by its first fetch: what was committed stays as it is.
        for (const name of fact.partitions) this.#assign(fact.memberId, name);
        return;
      case 'partitions-revoked':
      case 'partitions-lost':
        for (const name of fact.partitions) {
          const at = { split: this.#splitOf(name) };
          const row = this.#add('split-revoked', fact.memberId, causes.rebalance, at);
          this.#recorder.setValue(row, fact.type.split('-')[1]);
        }
        return;
      default:
        this.#writeReading(fact);
    }
  }

  #assign(memberId: string, name: string): void {
    const split = this.#splitOf(name);
    const b = this.#committed.get(name) ?? 0;
    const row = this.#add('split-assigned', memberId, this.#causes.generation, { b, split });
    this.#recorder.setValue(row, 'assigned');
    this.#last.set(`${memberId} ${name}`, row);
  }

  #writeReading(fact: GroupFact): void {
    switch (fact.type) {
      case 'records-returned': {
        const { memberId, partition, fromOffset: a, toOffset: b, count: d } = fact;
        const at = { a, b, d, split: this.#splitOf(partition) };
        this.#follow(memberId, partition, 'records-fetched', at);
        return;
      }
      case 'position-reset': {
        const { memberId, partition, fromOffset: a, toOffset: b, missed } = fact;
        const at = { a, b, split: this.#splitOf(partition) };
        const row = this.#follow(memberId, partition, 'position-reset', at);
        this.#recorder.setValue(row, { reset: this.#scenario.offsetReset, missed });
        return;
      }
      case 'record-processed': {
        const { memberId, partition, offset: b } = fact;
        const place = `${partition}@${b}`;
        const d = this.#processed.get(place) ?? 0;
        this.#processed.set(place, d + 1);
        const split = this.#splitOf(partition);
        const at = { a: this.#timestampOf(split, b), b, d, split };
        const row = this.#follow(memberId, partition, 'record-processed', at);
        this.#last.set(`${memberId} processed`, row);
        return;
      }
      case 'offset-committed': {
        const { memberId, partition, offset: b } = fact;
        this.#committed.set(partition, b);
        const cause = this.#last.get(`${memberId} ${partition}`) ?? NONE;
        this.#add('offset-committed', memberId, cause, {
          a: -1,
          b,
          split: this.#splitOf(partition),
        });
        return;
      }
      case 'commit-failed': {
        const cause = Math.max(this.#causes.generation, this.#causes.rebalance);
        const row = this.#add('commit-refused', fact.memberId, cause);
        this.#recorder.setValue(row, fact.error);
        return;
      }
      default:
        this.#writeOutput(fact);
    }
  }

  /** What a transactional group writes. */
  #writeOutput(fact: GroupFact): void {
    const split = this.#splits.length - 1;
    if (fact.type === 'output-sent') {
      const { memberId, offset: b, producerId: d, of, atMs } = fact;
      const cause = this.#last.get(`${memberId} processed`) ?? NONE;
      const open = `open ${d}`;
      if (!this.#last.has(open)) {
        this.#last.set(open, this.#add('log-transaction-opened', memberId, cause, { b, d, split }));
      }
      const row = this.#add('record-appended', memberId, cause, { a: atMs, b, split });
      this.#recorder.setValue(row, of);
    } else if (fact.type === 'output-ended') {
      const { producerId: d, offset: b, marker } = fact;
      const cause = this.#last.get(`open ${d}`) ?? NONE;
      this.#last.delete(`open ${d}`);
      const row = this.#add('log-transaction-marked', undefined, cause, { b, d, split });
      this.#recorder.setValue(row, marker);
    }
  }

  /** A step of a member in a partition: its cause is its last step there. */
  #follow(memberId: string, partition: string, kind: TraceKind, at: Columns): number {
    const place = `${memberId} ${partition}`;
    const row = this.#add(kind, memberId, this.#last.get(place) ?? NONE, at);
    this.#last.set(place, row);
    return row;
  }

  #timestampOf(split: number, offset: number): number {
    const { log, partition } = this.#splits[split] as SplitInfo;
    const topic = this.#scenario.topics[log] as LogInput;
    const records = topic.partitions[partition] as readonly LogRecord[];
    const life = topic.lives?.[partition];
    return records[placeOf({ records, life }, offset)]?.timestampMs ?? NO_TIME;
  }

  #splitOf(name: string): number {
    return this.#splits.findIndex(({ log, partition }) => `${log}-${partition}` === name);
  }

  #add(kind: TraceKind, memberId: string | undefined, cause: number, at: Columns = {}): number {
    const { a = 0, b = 0, split = NONE, d = NONE } = at;
    const subtask =
      memberId === undefined
        ? NONE
        : this.#subtasks.findIndex(({ operator }) => operator === memberId);
    return this.#recorder.add(KIND[kind], subtask, cause, NONE, a, b, split, d);
  }
}

interface Columns {
  readonly a?: number;
  readonly b?: number;
  readonly split?: number;
  readonly d?: number;
}

/** Members in the order in which they first did something. */
function membersOf(facts: readonly GroupFact[]): string[] {
  const members = facts.flatMap((fact) => ('memberId' in fact ? [fact.memberId] : []));
  return [...new Set(members)];
}

/** The partitions of all topics, and last the one that the group writes to. */
function splitsOf({ topics, commit }: GroupScenario): SplitInfo[] {
  const splits = Object.entries(topics).flatMap(([log, { partitions }]) =>
    partitions.map((_, partition) => ({ log, partition, subtask: NONE })),
  );
  const outputs =
    commit.type === 'transactional' ? [{ log: commit.output, partition: 0, subtask: NONE }] : [];
  return [...splits, ...outputs];
}
