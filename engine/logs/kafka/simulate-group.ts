/**
 * Models a consumer group over time: `GroupCoordinator` and `GroupConsumer` on one clock.
 * Simplified: requests take no time; see both for the rest.
 * Invariant: every record at or after the first committed or reset offset is processed at least
 * once, unless it was committed before it was processed.
 */
import { EventQueue } from '../../core/event-queue.ts';
import { GroupConsumer } from './group-consumer.ts';
import { GroupCoordinator } from './group-coordinator.ts';
import type { JoinAnswer } from './group-coordinator.ts';
import { groupSettings } from './group-scenario.ts';
import type { ConsumerPlan, GroupFact, GroupScenario, GroupSettings } from './group-scenario.ts';

/** A record of a partition: `flights-3` and its offset. */
export interface RecordPlace {
  readonly partition: string;
  readonly offset: number;
}

/** What became of the records by the end of the run. */
export interface GroupRun {
  readonly facts: readonly GroupFact[];
  /** Processed more than once. */
  readonly repeated: readonly RecordPlace[];
  /** Committed, so never read again, and yet never processed. */
  readonly skipped: readonly RecordPlace[];
  /** Committed offset of each partition. */
  readonly committed: ReadonlyMap<string, number>;
  /** Log end minus committed offset. */
  readonly lag: ReadonlyMap<string, number>;
  /** What each living consumer owns at the end. */
  readonly owned: ReadonlyMap<string, readonly string[]>;
}

type Work =
  | { readonly type: 'start' | 'close' | 'crash'; readonly plan: ConsumerPlan }
  | { readonly type: 'wake' | 'heartbeat'; readonly consumer: GroupConsumer }
  | { readonly type: 'answer'; readonly consumer: GroupConsumer; readonly answer: JoinAnswer }
  | { readonly type: 'check' };

/**
 * Runs the group until `untilMs`.
 * @throws ConfigError naming what can't be run as it is written.
 */
export function simulateGroup(scenario: GroupScenario): GroupRun {
  return new GroupSimulation(groupSettings(scenario)).run();
}

class GroupSimulation {
  readonly #settings: GroupSettings;
  readonly #coordinator: GroupCoordinator;
  readonly #facts: GroupFact[] = [];
  readonly #queue = new EventQueue<Work>();
  readonly #alive = new Map<string, GroupConsumer>();
  readonly #lives = new Map<string, number>();
  #nowMs = 0;
  #checkedMs = Infinity;

  constructor(settings: GroupSettings) {
    this.#settings = settings;
    this.#coordinator = new GroupCoordinator(settings, {
      note: (fact) => this.#facts.push(fact),
      answer: (memberId, answer) => {
        const consumer = this.#alive.get(memberId);
        if (consumer !== undefined) {
          this.#queue.push(this.#nowMs, { type: 'answer', consumer, answer });
        }
      },
    });
  }

  run(): GroupRun {
    for (const plan of this.#settings.consumers) this.#planLife(plan);
    while (this.#queue.peekTimeMs() <= this.#settings.untilMs) {
      this.#nowMs = this.#queue.peekTimeMs();
      this.#handle(this.#queue.pop() as Work);
      const dueMs = this.#coordinator.nextDueMs();
      if (dueMs !== this.#checkedMs && dueMs !== Infinity) {
        this.#checkedMs = dueMs;
        this.#queue.push(dueMs, { type: 'check' });
      }
    }
    return this.#result();
  }

  #planLife(plan: ConsumerPlan): void {
    this.#queue.push(plan.joinMs, { type: 'start', plan });
    if (plan.leaveMs !== undefined) this.#queue.push(plan.leaveMs, { type: 'close', plan });
    if (plan.crashMs !== undefined) this.#queue.push(plan.crashMs, { type: 'crash', plan });
    if (plan.restartMs !== undefined) this.#queue.push(plan.restartMs, { type: 'start', plan });
  }

  #handle(work: Work): void {
    if (work.type === 'check') {
      this.#coordinator.onTime(this.#nowMs);
    } else if ('plan' in work) {
      if (work.type === 'start') this.#start(work.plan);
      else this.#end(work.plan.memberId, work.type);
    } else if (this.#alive.get(work.consumer.memberId) === work.consumer) {
      if (work.type === 'wake') work.consumer.wake(this.#nowMs);
      else if (work.type === 'answer') work.consumer.onAnswer(work.answer, this.#nowMs);
      else this.#heartbeat(work.consumer);
    }
  }

  /** A dynamic member that starts again is a stranger: it gets a new id, `B#2` after `B`. */
  #start(written: ConsumerPlan): void {
    const life = (this.#lives.get(written.memberId) ?? 0) + 1;
    this.#lives.set(written.memberId, life);
    const isStranger = life > 1 && written.groupInstanceId === undefined;
    const plan = isStranger ? { ...written, memberId: `${written.memberId}#${life}` } : written;
    const consumer: GroupConsumer = new GroupConsumer(
      plan,
      {
        settings: this.#settings,
        coordinator: this.#coordinator,
        note: (fact) => this.#facts.push(fact),
        wakeAt: (atMs) => this.#queue.push(atMs, { type: 'wake', consumer }),
      },
      this.#nowMs,
    );
    this.#alive.set(plan.memberId, consumer);
    consumer.wake(this.#nowMs);
    const atMs = this.#nowMs + this.#settings.heartbeatIntervalMs;
    this.#queue.push(atMs, { type: 'heartbeat', consumer });
  }

  #heartbeat(consumer: GroupConsumer): void {
    consumer.heartbeat(this.#nowMs);
    const atMs = this.#nowMs + this.#settings.heartbeatIntervalMs;
    this.#queue.push(atMs, { type: 'heartbeat', consumer });
  }

  #end(memberId: string, how: 'close' | 'crash'): void {
    const consumer = this.#alive.get(memberId);
    if (consumer === undefined) return;
    if (how === 'close') consumer.close(this.#nowMs);
    else this.#facts.push({ type: 'consumer-crashed', atMs: this.#nowMs, memberId });
    this.#alive.delete(memberId);
  }

  #result(): GroupRun {
    const counts = new Map<string, number>();
    for (const fact of this.#facts) {
      if (fact.type !== 'record-processed') continue;
      const place = `${fact.partition}@${fact.offset}`;
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    const repeated: RecordPlace[] = [];
    const skipped: RecordPlace[] = [];
    const lag = new Map<string, number>();
    const { committed } = this.#coordinator;
    for (const [topic, log] of Object.entries(this.#settings.topics)) {
      for (const [number, records] of log.partitions.entries()) {
        const partition = `${topic}-${number}`;
        const next = committed.get(partition) ?? 0;
        lag.set(partition, records.length - next);
        for (let offset = 0; offset < records.length; offset += 1) {
          const count = counts.get(`${partition}@${offset}`) ?? 0;
          if (count > 1) repeated.push({ partition, offset });
          if (count === 0 && offset < next) skipped.push({ partition, offset });
        }
      }
    }
    const owned = new Map([...this.#alive].map(([id, consumer]) => [id, consumer.owned]));
    return { facts: this.#facts, repeated, skipped, committed, lag, owned };
  }
}
