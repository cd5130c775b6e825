import { attributesOf, eventTimeOf, typeIn } from '../dataset/attributes.ts';
import { compile } from '../dataset/expression.ts';
import type { Evaluate, Expression } from '../dataset/expression.ts';
import type { JoinType, LogicalPlan } from '../dataset/plan.ts';
import { keyText } from '../dataset/value.ts';
import type { Row, Value, WindowValue } from '../dataset/value.ts';
import { widestOf } from '../dataset/value-type.ts';
import type { ValueType } from '../dataset/value-type.ts';
import type { Batch, Partitions, PhysicalNode, StatefulTraits } from './batch.ts';
import { partitionOf } from './hash-partitioning.ts';
import { partsOf, stateWatermarksOf, watermarkKeyPlace } from './join-watermarks.ts';
import { eventTimeIn, isOver } from './late-rows.ts';
import type { EventTime } from './late-rows.ts';
import type { StateStore } from './state-store.ts';

type JoinPlan = Extract<LogicalPlan, { type: 'join' }>;

/** A row that waits for others, and whether it has met one. */
interface Held {
  readonly row: Row;
  readonly hasMatched: boolean;
}

/** One input of the join. */
interface Side {
  readonly name: 'L' | 'R';
  readonly keys: readonly Evaluate[];
  /** What a row must fulfil by itself to match anything. */
  readonly alone: Evaluate;
  readonly eventTime: EventTime | undefined;
  /** Rows without a match come out with nulls. */
  readonly isPreserved: boolean;
  readonly nulls: Row;
}

/** A batch at work in one partition. */
interface Work {
  readonly batch: Batch;
  readonly partition: number;
  readonly store: StateStore;
  readonly leftStateMs: number | undefined;
  readonly rightStateMs: number | undefined;
  readonly out: Row[];
}

/**
 * Joins two streams by key. Models Spark 4.2.0 StreamingSymmetricHashJoinExec: new left rows meet
 * the stored right ones and are stored; then new right rows meet all left ones (for a semi join the
 * right side goes first); at the end, rows that can match no more are removed, and those of an
 * outer side that never matched come out with nulls. Late rows are dropped on each side.
 * Rows whose keys are null are found in the state like any other: null meets null where no filter
 * has dropped it before, as in a full outer join. Invariant: every pair comes out once.
 */
export class StreamJoin implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly stateful: StatefulTraits;
  readonly #plan: JoinPlan;
  readonly #type: JoinType;
  readonly #left: Side;
  readonly #right: Side;
  readonly #both: Evaluate;
  readonly #keyPlace: number;
  readonly #types: readonly ValueType[];

  constructor(plan: JoinPlan, left: PhysicalNode, right: PhysicalNode, operator: number) {
    this.children = [left, right];
    this.#plan = plan;
    this.#type = plan.joinType;
    const parts = partsOf(plan);
    this.#keyPlace = watermarkKeyPlace(plan, parts);
    const [leftBefore, rightBefore] = [attributesOf(plan.left), attributesOf(plan.right)];
    // Keys of different types meet in the wider one.
    this.#types = parts.leftKeys.map((key, at) =>
      widestOf(typeIn(key, leftBefore), typeIn(parts.rightKeys[at] as Expression, rightBefore)),
    );
    const { joinType: type } = plan;
    this.#left = sideOf('L', plan.left, parts.leftKeys, parts.leftOnly, {
      isPreserved: type === 'left_outer' || type === 'full_outer',
    });
    this.#right = sideOf('R', plan.right, parts.rightKeys, parts.rightOnly, {
      isPreserved: type === 'right_outer' || type === 'full_outer',
    });
    this.#both = allOf(parts.both);
    this.stateful = {
      operator,
      name: 'symmetricHashJoin',
      shouldRunAnotherBatch: (nowMs, beforeMs) => {
        const known = stateWatermarksOf(plan, nowMs);
        const isUsed = known.left !== undefined || known.right !== undefined;
        return isUsed && nowMs > beforeMs;
      },
      outputWatermarkMs: (inputMs) => {
        const known = stateWatermarksOf(plan, inputMs);
        return Math.min(inputMs, known.left ?? inputMs, known.right ?? inputMs);
      },
      rowsOf: (value) => (value as readonly Held[]).length,
    };
  }

  execute(batch: Batch): Partitions {
    const [left, right] = this.children as readonly [PhysicalNode, PhysicalNode];
    const lefts = this.#shuffled(this.#left, left.execute(batch), batch.shufflePartitions);
    const rights = this.#shuffled(this.#right, right.execute(batch), batch.shufflePartitions);
    const { operator } = this.stateful;
    const known = stateWatermarksOf(this.#plan, batch.evictionWatermarkMs(operator));
    return lefts.map((leftRows, partition) => {
      const store = batch.store(operator, partition);
      const out: Row[] = [];
      const bounds = { leftStateMs: known.left, rightStateMs: known.right };
      const work: Work = { batch, partition, store, ...bounds, out };
      const rightRows = rights[partition] ?? [];
      if (this.#type === 'left_semi') {
        this.#join(work, this.#right, this.#left, rightRows);
        this.#join(work, this.#left, this.#right, leftRows);
      } else {
        this.#join(work, this.#left, this.#right, leftRows);
        this.#join(work, this.#right, this.#left, rightRows);
      }
      this.#removeOver(work, this.#left);
      this.#removeOver(work, this.#right);
      return out;
    });
  }

  #shuffled(
    side: Side,
    partitions: Partitions,
    count: number,
  ): (readonly [readonly Value[], Row])[][] {
    const shuffled = Array.from({ length: count }, (): [readonly Value[], Row][] => []);
    for (const rows of partitions) {
      for (const row of rows) {
        const key = side.keys.map((column) => column(row));
        shuffled[partitionOf(key, this.#types, count)]?.push([key, row]);
      }
    }
    return shuffled;
  }

  #join(work: Work, side: Side, other: Side, rows: readonly (readonly [readonly Value[], Row])[]) {
    const { batch, partition, out } = work;
    const { operator } = this.stateful;
    const lateMs = batch.lateWatermarkMs(operator);
    for (const [key, row] of rows) {
      const timeMs = side.eventTime?.(row);
      if (isOver(timeMs, lateMs)) {
        batch.metrics(operator).numRowsDroppedByWatermark += 1;
        batch.listener?.droppedLate(operator, partition, row, timeMs as number);
      } else if (side.alone(row) !== true) {
        // It can match nothing: it need not wait to come out with nulls.
        if (side.isPreserved) out.push(this.#pair(side, row, other.nulls));
      } else {
        const matchCount = this.#match(work, side, other, key, row);
        if (this.#isKept(work, side, key, row, matchCount > 0)) {
          this.#append(work, side, key, { row, hasMatched: matchCount > 0 });
        }
      }
    }
  }

  /** Hands out a row with every stored one of the other side that it matches; counts them. */
  #match(work: Work, side: Side, other: Side, key: readonly Value[], row: Row): number {
    const id = other.name + keyText(key);
    const held = (work.store.get(id)?.value ?? []) as readonly Held[];
    if (held.length === 0) return 0;
    const isSemi = this.#type === 'left_semi';
    let matchCount = 0;
    let hasChanged = false;
    const after: Held[] = [];
    for (const before of held) {
      const pair = this.#pair(side, row, before.row);
      if (this.#both(pair) !== true) {
        after.push(before);
        continue;
      }
      matchCount += 1;
      if (isSemi && side.name === 'R') {
        // A left row comes out once: it need not be kept.
        work.out.push(before.row);
        hasChanged = true;
        work.batch.metrics(this.stateful.operator).numRowsRemoved += 1;
        continue;
      }
      if (!isSemi) work.out.push(pair);
      after.push(before.hasMatched ? before : { ...before, hasMatched: true });
      hasChanged ||= other.isPreserved && !before.hasMatched;
    }
    if (isSemi && side.name === 'L' && matchCount > 0) work.out.push(row);
    if (hasChanged) this.#set(work, id, key, after);
    return matchCount;
  }

  /** Whether a row has to wait for others. */
  #isKept(work: Work, side: Side, key: readonly Value[], row: Row, hasMatched: boolean): boolean {
    if (side.name === 'L') return !(this.#type === 'left_semi' && hasMatched);
    if (!this.#isOver(work, side, key, row)) return true;
    return side.isPreserved && !hasMatched;
  }

  #append(work: Work, side: Side, key: readonly Value[], held: Held): void {
    const id = side.name + keyText(key);
    const before = (work.store.get(id)?.value ?? []) as readonly Held[];
    this.#set(work, id, key, [...before, held]);
    work.batch.metrics(this.stateful.operator).numRowsUpdated += 1;
  }

  #isOver(work: Work, side: Side, key: readonly Value[], row: Row): boolean {
    const stateMs = side.name === 'L' ? work.leftStateMs : work.rightStateMs;
    if (stateMs === undefined) return false;
    if (this.#keyPlace === -1) return isOver(side.eventTime?.(row), stateMs);
    const value = key[this.#keyPlace] ?? null;
    const endMs = typeof value === 'object' ? (value as WindowValue | null)?.end : value;
    return isOver(endMs as number | undefined, stateMs);
  }

  #removeOver(work: Work, side: Side): void {
    const { store, batch, out } = work;
    const { operator } = this.stateful;
    const other = side.name === 'L' ? this.#right : this.#left;
    for (const [id, { key, value }] of [...store.entries()]) {
      if (!id.startsWith(side.name)) continue;
      const held = value as readonly Held[];
      const over = held.filter(({ row }) => this.#isOver(work, side, key, row));
      if (over.length === 0) continue;
      // What an outer side gives up while it hands out nulls is not counted (onOutputCompletion).
      if (!side.isPreserved) batch.metrics(operator).numRowsRemoved += over.length;
      for (const { row, hasMatched } of over) {
        if (side.isPreserved && !hasMatched) out.push(this.#pair(side, row, other.nulls));
      }
      const left = held.filter((one) => !over.includes(one));
      this.#set(work, id, key, left);
    }
  }

  #set({ store, batch, partition }: Work, id: string, key: readonly Value[], held: Held[]): void {
    const { operator } = this.stateful;
    if (held.length === 0) {
      store.remove(id);
      batch.listener?.removed(operator, partition, key);
    } else {
      store.put(id, { key, value: held });
      batch.listener?.updated(operator, partition, key, held);
    }
  }

  /** Left columns before right ones, whichever side is new. */
  #pair(side: Side, row: Row, other: Row): Row {
    return side.name === 'L' ? { ...row, ...other } : { ...other, ...row };
  }
}

function sideOf(
  name: 'L' | 'R',
  plan: LogicalPlan,
  keys: readonly Expression[],
  alone: readonly Expression[],
  { isPreserved }: { readonly isPreserved: boolean },
): Side {
  const attributes = attributesOf(plan);
  const hasTime = eventTimeOf(attributes) !== undefined;
  return {
    name,
    keys: keys.map(compile),
    alone: allOf(alone),
    eventTime: hasTime ? eventTimeIn(attributes) : undefined,
    isPreserved,
    nulls: Object.fromEntries(attributes.map((attribute) => [attribute.name, null])),
  };
}

function allOf(conditions: readonly Expression[]): Evaluate {
  const all = conditions.map(compile);
  return (row) => all.every((condition) => condition(row) === true);
}
