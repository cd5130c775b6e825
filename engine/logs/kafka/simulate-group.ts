/**
 * Models a consumer group over time: `GroupCoordinator` and `GroupConsumer` on one clock.
 * Simplified: requests take no time; see both for the rest.
 * Invariant: every record at or after the first committed or reset offset is processed at least
 * once, unless it was committed before it was processed.
 */
import { EventQueue } from '../../core/event-queue.ts';
import { GroupConsumer } from './group-consumer.ts';
import { ConsumerProtocolCoordinator } from './consumer-protocol-coordinator.ts';
import { GroupCoordinator } from './group-coordinator.ts';
import type { JoinAnswer } from './group-coordinator.ts';
import { groupSettings } from './group-scenario.ts';
import { GroupOutput } from './group-output.ts';
import type {
  ConsumerPlan,
  GroupFact,
  GroupScenario,
  GroupSettings,
  RecordPlace,
} from './group-scenario.ts';
import { edgesAt } from '../partition-life.ts';

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
  /** Of a transactional group: the records whose output readers see, in order. */
  readonly outputs: readonly RecordPlace[];
  /** How many arrows each plan came to: where it could have crashed. */
  readonly arrows: ReadonlyMap<string, number>;
}

/** The process ends between two of its steps. */
class ConsumerCrash extends Error {
  readonly memberId: string;
  /** Why is told already. */
  readonly isTold: boolean;

  constructor(memberId: string, isTold = false) {
    super(`${memberId} crashes`);
    this.memberId = memberId;
    this.isTold = isTold;
  }
}

const MINUTE_MS = 60_000;
/** `transaction.abort.timed.out.transaction.cleanup.interval.ms` */
const CLEANUP_MS = 10_000;

type Work =
  | { readonly type: 'start' | 'close' | 'crash'; readonly plan: ConsumerPlan }
  | { readonly type: 'wake' | 'heartbeat'; readonly consumer: GroupConsumer }
  | { readonly type: 'answer'; readonly consumer: GroupConsumer; readonly answer: JoinAnswer }
  | { readonly type: 'check' }
  | { readonly type: 'expire' };

/**
 * Runs the group until `untilMs`.
 * @throws ConfigError naming what can't be run as it is written.
 */
export function simulateGroup(scenario: GroupScenario): GroupRun {
  return new GroupSimulation(groupSettings(scenario)).run();
}

class GroupSimulation {
  readonly #settings: GroupSettings;
  readonly #coordinator: GroupCoordinator | ConsumerProtocolCoordinator;
  readonly #facts: GroupFact[] = [];
  readonly #queue = new EventQueue<Work>();
  readonly #alive = new Map<string, GroupConsumer>();
  readonly #lives = new Map<string, number>();
  /** The plan that each process follows, by its member id. */
  readonly #plans = new Map<string, ConsumerPlan>();
  readonly #arrows = new Map<string, number>();
  readonly #output: GroupOutput | undefined;
  #nowMs = 0;
  #checkedMs = Infinity;

  constructor(settings: GroupSettings) {
    this.#settings = settings;
    const { commit } = settings;
    if (commit.type === 'transactional') {
      const { output: name, timeoutMs = MINUTE_MS } = commit;
      this.#output = new GroupOutput({ name, timeoutMs }, (fact) => this.#facts.push(fact));
    }
    const isIncremental = settings.protocol === 'consumer';
    const Coordinator = isIncremental ? ConsumerProtocolCoordinator : GroupCoordinator;
    this.#coordinator = new Coordinator(settings, {
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
    if (this.#output !== undefined) this.#queue.push(CLEANUP_MS, { type: 'expire' });
    while (this.#queue.peekTimeMs() <= this.#settings.untilMs) {
      this.#nowMs = this.#queue.peekTimeMs();
      const work = this.#queue.pop() as Work;
      try {
        this.#handle(work);
      } catch (error) {
        if (!(error instanceof ConsumerCrash)) throw error;
        this.#crash(error);
      }
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
    } else if (work.type === 'expire') {
      this.#output?.expire(this.#nowMs);
      this.#queue.push(this.#nowMs + CLEANUP_MS, { type: 'expire' });
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
    const { memberId: name, transactionalId = name } = written;
    const memberId = isStranger ? `${name}#${life}` : name;
    const plan = { ...written, memberId, transactionalId };
    const consumer: GroupConsumer = new GroupConsumer(
      plan,
      {
        settings: this.#settings,
        coordinator: this.#coordinator,
        note: (fact) => this.#facts.push(fact),
        wakeAt: (atMs) => this.#queue.push(atMs, { type: 'wake', consumer }),
        fail: (error) => {
          const { memberId } = plan;
          this.#facts.push({ type: 'consumer-failed', atMs: this.#nowMs, memberId, error });
          throw new ConsumerCrash(memberId, true);
        },
        arrow: () => this.#passArrow(written, plan.memberId),
        output: this.#output,
      },
      this.#nowMs,
    );
    this.#alive.set(plan.memberId, consumer);
    this.#plans.set(plan.memberId, written);
    this.#queue.push(this.#nowMs, { type: 'wake', consumer });
    const atMs = this.#nowMs + this.#settings.heartbeatIntervalMs;
    this.#queue.push(atMs, { type: 'heartbeat', consumer });
  }

  #passArrow({ memberId: written, crashAtArrow }: ConsumerPlan, memberId: string): void {
    const count = (this.#arrows.get(written) ?? 0) + 1;
    this.#arrows.set(written, count);
    if (count === crashAtArrow) throw new ConsumerCrash(memberId);
  }

  #crash({ memberId, isTold }: ConsumerCrash): void {
    if (isTold) this.#alive.delete(memberId);
    else this.#end(memberId, 'crash');
    const plan = this.#plans.get(memberId);
    if (plan?.restartAfterMs === undefined) return;
    this.#queue.push(this.#nowMs + plan.restartAfterMs, { type: 'start', plan });
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
        const life = log.lives?.[number];
        const next = committed.get(partition) ?? 0;
        lag.set(partition, edgesAt({ records, life }, Infinity).readableEnd - next);
        for (let place = 0; place < records.length; place += 1) {
          const offset = life?.offsets[place] ?? place;
          const count = counts.get(`${partition}@${offset}`) ?? 0;
          if (count > 1) repeated.push({ partition, offset });
          if (count === 0 && offset < next) skipped.push({ partition, offset });
        }
      }
    }
    const owned = new Map([...this.#alive].map(([id, consumer]) => [id, consumer.owned]));
    const outputs = this.#output?.visible() ?? [];
    const facts = this.#facts;
    const arrows = this.#arrows;
    return { facts, repeated, skipped, committed, lag, owned, outputs, arrows };
  }
}
