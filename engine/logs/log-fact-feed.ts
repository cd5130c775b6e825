import type { KeyTable } from '../core/key-table.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { SplitInfo } from '../trace/trace.ts';
import type { LogFact } from './log-fact.ts';
import type { LogInput } from './log.ts';

interface PlacedFact {
  readonly fact: LogFact;
  readonly split: number;
}

/** What later facts of a partition can be caused by. */
interface LastRows {
  append: number;
  marker: number;
  /** Row of the open transaction of each producer. */
  readonly transactions: Map<number, number>;
}

/**
 * Writes what happens to the logs of a scenario into the trace of a run, while time passes.
 * Invariant: facts come in the order of time; what happened before the run comes at its start.
 */
export class LogFactFeed {
  /** When the next fact is due, or Infinity. */
  nextMs: number;
  readonly #recorder: Recorder;
  readonly #keys: KeyTable;
  readonly #facts: readonly PlacedFact[];
  readonly #rows = new Map<number, LastRows>();
  #next = 0;

  constructor(
    logs: { readonly [name: string]: LogInput },
    splits: readonly SplitInfo[],
    recorder: Recorder,
    keys: KeyTable,
  ) {
    this.#recorder = recorder;
    this.#keys = keys;
    this.#facts = recorder.isOn ? placeFacts(logs, splits) : [];
    this.nextMs = this.#facts[0]?.fact.atMs ?? Infinity;
  }

  /** Writes all facts up to a moment. The recorder's time is that moment then. */
  advanceTo(nowMs: number): void {
    const recorder = this.#recorder;
    while (this.nextMs <= nowMs) {
      const { fact, split } = this.#facts[this.#next] as PlacedFact;
      recorder.atMs = Math.max(recorder.atMs, fact.atMs);
      this.#write(fact, split);
      this.#next += 1;
      this.nextMs = this.#facts[this.#next]?.fact.atMs ?? Infinity;
    }
    recorder.atMs = Math.max(recorder.atMs, nowMs);
  }

  #write(fact: LogFact, split: number): void {
    const rows = this.#rowsOf(split);
    switch (fact.type) {
      case 'record-appended': {
        const key = fact.key === null ? NONE : this.#keys.intern(fact.key);
        rows.append = this.#add(fact.type, split, NONE, [fact.timestampMs, fact.offset], key);
        this.#recorder.setValue(rows.append, fact.value);
        return;
      }
      case 'high-watermark-moved':
      case 'stable-offset-moved':
        this.#add(fact.type, split, Math.max(rows.append, rows.marker), [0, fact.offset]);
        return;
      case 'log-start-moved':
      case 'record-compacted': {
        const row = this.#add(fact.type, split, NONE, [0, fact.offset]);
        this.#recorder.setValue(row, fact.reason);
        return;
      }
      case 'transaction-opened': {
        const { producerId, offset } = fact;
        const row = this.#add('log-transaction-opened', split, NONE, [0, offset], NONE, producerId);
        rows.transactions.set(producerId, row);
        return;
      }
      case 'transaction-marked': {
        const { producerId, offset } = fact;
        const cause = rows.transactions.get(producerId) ?? NONE;
        const at = [0, offset] as const;
        rows.marker = this.#add('log-transaction-marked', split, cause, at, NONE, producerId);
        this.#recorder.setValue(rows.marker, fact.marker);
        return;
      }
      default:
        this.#writeChange(fact, split);
    }
  }

  /** Facts about the partition itself. */
  #writeChange(fact: LogFact, split: number): void {
    const give = (row: number, value: unknown): void => this.#recorder.setValue(row, value);
    switch (fact.type) {
      case 'producer-fenced':
        give(this.#add(fact.type, split, NONE, [0, 0]), fact.producer);
        return;
      case 'partition-opened':
        give(this.#add(fact.type, split, NONE, [0, 0]), fact.parents);
        return;
      case 'shard-closed':
        give(this.#add(fact.type, split, NONE, [0, 0]), fact.children);
        return;
      case 'write-throttled':
        this.#add(fact.type, split, NONE, [0, 0]);
        return;
      case 'leader-elected': {
        const { leaderEpoch, leader, isClean } = fact;
        this.#add(fact.type, split, NONE, [leaderEpoch, leader], NONE, Number(isClean));
        return;
      }
      case 'log-truncated':
        this.#add(fact.type, split, NONE, [0, fact.offset]);
        return;
      default:
    }
  }

  #add(
    kind: keyof typeof KIND,
    split: number,
    cause: number,
    [a, b]: readonly [number, number],
    key = NONE,
    d = NONE,
  ): number {
    return this.#recorder.add(KIND[kind], NONE, cause, key, a, b, split, d);
  }

  #rowsOf(split: number): LastRows {
    const known = this.#rows.get(split);
    if (known !== undefined) return known;
    const rows = { append: NONE, marker: NONE, transactions: new Map<number, number>() };
    this.#rows.set(split, rows);
    return rows;
  }
}

/** All facts in the order of time, each with the split of its partition. */
function placeFacts(
  logs: { readonly [name: string]: LogInput },
  splits: readonly SplitInfo[],
): PlacedFact[] {
  const placed = Object.entries(logs).flatMap(([log, { facts = [] }]) => {
    const places = new Map<number, number>();
    splits.forEach((split, place) => {
      const isFirst = split.log === log && !places.has(split.partition);
      if (isFirst) places.set(split.partition, place);
    });
    return facts.flatMap((fact) => {
      const split = places.get(fact.partition);
      return split === undefined ? [] : [{ fact, split }];
    });
  });
  return placed.sort((left, right) => left.fact.atMs - right.fact.atMs);
}
