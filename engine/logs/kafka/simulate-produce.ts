/**
 * Models what a producer and its partition go through: Apache Kafka 4.1, clients, `Sender`,
 * `TransactionManager`; `ReplicatedPartition` for the brokers. Defaults as of 4.x: acks=all,
 * idempotence on, 5 requests in flight.
 * Simplified: one partition, one record a batch, a fixed time on the network; the producer learns
 * of a new leader at its next retry; sequence numbers are kept over retries, as by the client.
 * Invariant: an idempotent session stores each record at most once and in order.
 */
import { EventQueue } from '../../core/event-queue.ts';
import { PRODUCE_DEFAULTS, checkProduceScenario } from './produce-scenario.ts';
import type {
  ProduceFact,
  ProduceFault,
  ProduceRun,
  ProduceScenario,
  RecordFate,
} from './produce-scenario.ts';
import type { ProducerRecord } from './record-batch.ts';
import { ReplicatedPartition } from './replicated-partition.ts';
import type { LeaderAnswer } from './replicated-partition.ts';

const PRODUCER_ID = 1;

/**
 * Runs the producer until every record is acknowledged or given up.
 * @throws ConfigError for what Kafka's client refuses: idempotence without acks=all, and more.
 */
export function simulateProduce(scenario: ProduceScenario): ProduceRun {
  checkProduceScenario(scenario);
  return new ProduceSimulation(scenario).run();
}

type Work =
  | { readonly type: 'send' }
  | {
      readonly type: 'arrive';
      readonly record: number;
      readonly attempt: number;
      readonly broker: number;
      readonly stamp: Stamp;
    }
  | {
      readonly type: 'answer';
      readonly record: number;
      readonly attempt: number;
      readonly answer: LeaderAnswer;
    }
  | { readonly type: 'timeout' | 'retry'; readonly record: number; readonly attempt: number }
  | { readonly type: 'follow' }
  | { readonly type: 'fault'; readonly fault: ProduceFault };

/** Epoch and sequence number of a record, as an idempotent producer numbers it. */
interface Stamp {
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

interface Sending {
  readonly sendMs: number;
  attempt: number;
  state: 'waiting' | 'in-flight' | 'backing-off' | 'done';
  told: RecordFate['told'];
  stamp?: Stamp;
}

class ProduceSimulation {
  readonly #scenario: ProduceScenario & typeof PRODUCE_DEFAULTS;
  readonly #partition: ReplicatedPartition;
  readonly #queue = new EventQueue<Work>();
  readonly #sendings: Sending[];
  readonly #facts: ProduceFact[] = [];
  /** Appends that wait for the other replicas. */
  #waiting: { record: number; attempt: number; broker: number; answer: LeaderAnswer }[] = [];
  #nowMs = 0;
  #factCount = 0;
  #knownLeader = 0;
  #producerEpoch = 0;
  #nextSequence = 0;
  /** Highest number of this epoch that the broker has confirmed. */
  #lastAcknowledged = -1;
  /** Work planned that can still change something: all but followers' fetches and timeouts. */
  #openWork = 0;
  #isBroken = false;

  constructor(scenario: ProduceScenario) {
    this.#scenario = { ...PRODUCE_DEFAULTS, ...scenario };
    this.#partition = new ReplicatedPartition(scenario);
    this.#sendings = scenario.records.map(({ sendMs }) => ({
      sendMs,
      attempt: 0,
      state: 'waiting',
      told: 'nothing',
    }));
  }

  run(): ProduceRun {
    for (const { sendMs } of this.#sendings) this.#plan(sendMs, { type: 'send' });
    for (const fault of this.#scenario.faults) {
      if ('atMs' in fault) this.#plan(fault.atMs, { type: 'fault', fault });
    }
    this.#plan(0, { type: 'follow' });
    while (this.#queue.size > 0) {
      this.#nowMs = this.#queue.peekTimeMs();
      const work = this.#queue.pop() as Work;
      if (isOpen(work)) this.#openWork -= 1;
      this.#handle(work);
      this.#collectReplicaFacts();
    }
    return this.#result();
  }

  #handle(work: Work): void {
    if (work.type === 'send') this.#sendNext();
    else if (work.type === 'follow') this.#follow();
    else if (work.type === 'fault') this.#strike(work.fault);
    else if (work.type === 'arrive') this.#arrive(work);
    else {
      const sending = this.#sendings[work.record] as Sending;
      if (sending.attempt !== work.attempt) return;
      if (work.type === 'answer') this.#onAnswer(work.record, sending, work.answer);
      else if (work.type === 'timeout' && sending.state === 'in-flight') {
        this.#reconnect();
      } else if (work.type === 'retry') {
        sending.state = 'waiting';
        this.#sendNext();
      }
    }
  }

  /**
   * Sends what may be sent. An idempotent producer keeps the order: what has a number is a retry,
   * and waits until all before it is done (`RecordAccumulator.shouldStopDrainBatches…`).
   */
  #sendNext(): void {
    const { inFlightMax, isIdempotent } = this.#scenario;
    let inFlight = this.#sendings.filter((sending) => sending.state === 'in-flight').length;
    for (const [record, sending] of this.#sendings.entries()) {
      if (inFlight >= inFlightMax) return;
      if (isIdempotent && sending.state === 'backing-off') return;
      if (sending.state !== 'waiting' || sending.sendMs > this.#nowMs) continue;
      if (isIdempotent && sending.stamp !== undefined && !this.#isFirstOpen(record)) return;
      inFlight += 1;
      this.#send(record, sending);
    }
  }

  #isFirstOpen(record: number): boolean {
    return this.#sendings.slice(0, record).every((earlier) => earlier.state === 'done');
  }

  #send(record: number, sending: Sending): void {
    const { networkMs, acks, requestTimeoutMs } = this.#scenario;
    const { attempt } = sending;
    this.#note({ type: 'request-sent', atMs: this.#nowMs, record, attempt });
    sending.state = 'in-flight';
    const broker = this.#knownLeader;
    if (sending.stamp === undefined) {
      const baseSequence = this.#nextSequence;
      sending.stamp = { producerEpoch: this.#producerEpoch, baseSequence };
      this.#nextSequence += 1;
    }
    const isLost = this.#strikes('request-lost', record, attempt);
    if (isLost) this.#breakConnection();
    if (!isLost && !this.#isBroken) {
      const { stamp } = sending;
      this.#plan(this.#nowMs + networkMs, { type: 'arrive', record, attempt, broker, stamp });
    }
    if (acks !== '0') {
      const dueMs = this.#nowMs + requestTimeoutMs;
      this.#plan(dueMs, { type: 'timeout', record, attempt });
    } else {
      sending.state = 'done';
      this.#plan(this.#nowMs, { type: 'send' });
    }
  }

  #arrive(work: Work & { readonly type: 'arrive' }): void {
    const { record, attempt, broker } = work;
    if (!this.#partition.isUp(broker)) return;
    const { acks, isIdempotent, records } = this.#scenario;
    const { key, value, timestampMs } = records[record] as ProducerRecord;
    const stamp = { ...work.stamp, producerId: PRODUCER_ID, isTransactional: false };
    const batch = { records: [{ key, value, timestampMs }], ...(isIdempotent ? { stamp } : {}) };
    const isRefused = this.#strikes('request-refused', record, attempt);
    const answer: LeaderAnswer = isRefused
      ? { type: 'rejected', error: 'NOT_ENOUGH_REPLICAS' }
      : this.#partition.produce(broker, batch, acks, this.#nowMs);
    if (acks === '0') return;
    if (answer.type === 'rejected' || acks === '1') this.#answer(record, attempt, answer);
    else this.#waiting.push({ record, attempt, broker, answer });
    this.#answerReplicated();
  }

  #answer(record: number, attempt: number, answer: LeaderAnswer): void {
    this.#note({ type: 'broker-answered', atMs: this.#nowMs, record, answer });
    if (this.#strikes('answer-lost', record, attempt)) this.#breakConnection();
    if (this.#isBroken) return;
    const atMs = this.#nowMs + this.#scenario.networkMs;
    this.#plan(atMs, { type: 'answer', record, attempt, answer });
  }

  #answerReplicated(): void {
    this.#waiting = this.#waiting.filter(({ record, attempt, broker, answer }) => {
      // A broker that fell is silent; one that only lost the lead would say so.
      if (!this.#partition.isUp(broker)) return false;
      if (answer.type === 'rejected') return false;
      if (!this.#partition.isReplicated(answer.lastOffset, answer.leaderEpoch)) return true;
      this.#answer(record, attempt, answer);
      return false;
    });
  }

  #onAnswer(record: number, sending: Sending, answer: LeaderAnswer): void {
    if (sending.state !== 'in-flight') return;
    if (answer.type === 'rejected') {
      const isNext = sending.stamp?.baseSequence === this.#lastAcknowledged + 1;
      // All before it is stored, and yet the broker misses something: only a new epoch helps.
      if (answer.error === 'OUT_OF_ORDER_SEQUENCE_NUMBER' && isNext) this.#bumpEpoch();
      this.#retryLater(record, sending, answer.error);
      return;
    }
    sending.state = 'done';
    sending.told = 'acknowledged';
    const { baseSequence = -1 } = sending.stamp ?? {};
    this.#lastAcknowledged = Math.max(this.#lastAcknowledged, baseSequence);
    this.#note({ type: 'record-acknowledged', atMs: this.#nowMs, record });
    this.#sendNext();
  }

  #retryLater(record: number, sending: Sending, error: string): void {
    this.#knownLeader = this.#partition.leader ?? this.#knownLeader;
    const retryMs = this.#nowMs + this.#scenario.retryBackoffMs;
    sending.attempt += 1;
    if (retryMs > sending.sendMs + this.#scenario.deliveryTimeoutMs) {
      sending.state = 'done';
      sending.told = 'failed';
      this.#note({ type: 'record-failed', atMs: this.#nowMs, record, error });
      this.#bumpEpoch();
      this.#sendNext();
      return;
    }
    sending.state = 'backing-off';
    this.#plan(retryMs, { type: 'retry', record, attempt: sending.attempt });
  }

  /**
   * A gap in the numbers would block all that follows, so the client takes a new epoch and counts
   * from 0. What was in flight is not protected from being doubled then.
   */
  #bumpEpoch(): void {
    this.#producerEpoch += 1;
    this.#nextSequence = 0;
    this.#lastAcknowledged = -1;
    for (const sending of this.#sendings) delete sending.stamp;
  }

  #follow(): void {
    for (let broker = 0; broker < this.#scenario.replicas; broker += 1) {
      if (!this.#isStalled(broker)) this.#partition.fetchAsFollower(broker, this.#nowMs);
    }
    this.#partition.shrinkInSync(this.#nowMs);
    this.#answerReplicated();
    if (!this.#isSettled()) {
      const nextMs = this.#nowMs + this.#scenario.followerFetchMs;
      this.#plan(nextMs, { type: 'follow' });
    }
  }

  /** Nothing is left to send, to arrive or to strike: one last fetch has levelled the replicas. */
  #isSettled(): boolean {
    return this.#openWork === 0 && this.#sendings.every((sending) => sending.state === 'done');
  }

  #plan(atMs: number, work: Work): void {
    if (isOpen(work)) this.#openWork += 1;
    this.#queue.push(atMs, work);
  }

  #isStalled(broker: number): boolean {
    return this.#scenario.faults.some(
      (fault) =>
        fault.type === 'follower-stall' &&
        fault.broker === broker &&
        fault.fromMs <= this.#nowMs &&
        this.#nowMs < fault.untilMs,
    );
  }

  #strike(fault: ProduceFault): void {
    if (fault.type === 'broker-crash') this.#partition.crash(fault.broker, this.#nowMs);
    if (fault.type === 'broker-restart') this.#partition.restart(fault.broker, this.#nowMs);
    this.#answerReplicated();
  }

  #strikes(
    type: 'request-lost' | 'answer-lost' | 'request-refused',
    record: number,
    attempt: number,
  ): boolean {
    return this.#scenario.faults.some(
      (fault) => fault.type === type && fault.record === record && fault.attempt === attempt,
    );
  }

  /** Noticed by the client when the first answer is overdue. Without acks it is not missed. */
  #breakConnection(): void {
    if (this.#scenario.acks === '0') return;
    this.#isBroken = true;
  }

  /** An answer is overdue: the client opens a new connection and retries all that was in flight. */
  #reconnect(): void {
    this.#isBroken = false;
    for (const [record, sending] of this.#sendings.entries()) {
      if (sending.state === 'in-flight') this.#retryLater(record, sending, 'REQUEST_TIMED_OUT');
    }
  }

  #note(fact: ProduceFact): void {
    this.#facts.push(fact);
  }

  #collectReplicaFacts(): void {
    for (const fact of this.#partition.facts.slice(this.#factCount)) this.#facts.push(fact);
    this.#factCount = this.#partition.facts.length;
  }

  #result(): ProduceRun {
    const { records } = this.#scenario;
    const leader = this.#partition.leader;
    const stored =
      leader === undefined
        ? []
        : this.#partition
            .logOf(leader)
            .segments.flatMap((segment) => segment.batches)
            .flatMap((batch) => batch.records);
    const placeOf = new Map(records.map((record, place) => [record.value, place]));
    const offsets = records.map((): number[] => []);
    const order: number[] = [];
    for (const { value, offset } of stored) {
      const place = placeOf.get(value) as number;
      if (offsets[place]?.length === 0) order.push(place);
      offsets[place]?.push(offset);
    }
    const fates = records.map((_, place) => ({
      told: (this.#sendings[place] as Sending).told,
      offsets: offsets[place] as number[],
    }));
    const placesOf = (isSo: (fate: RecordFate) => boolean): number[] =>
      fates.flatMap((fate, place) => (isSo(fate) ? [place] : []));
    return {
      facts: this.#facts,
      fates,
      lost: placesOf((fate) => fate.told === 'acknowledged' && fate.offsets.length === 0),
      doubled: placesOf((fate) => fate.offsets.length > 1),
      isReordered: order.some((place, index) => index > 0 && place < (order[index - 1] as number)),
      partition: this.#partition,
    };
  }
}

function isOpen(work: Work): boolean {
  return work.type !== 'follow' && work.type !== 'timeout';
}
