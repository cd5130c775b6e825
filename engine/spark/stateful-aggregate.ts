import { attributesOf } from '../dataset/attributes.ts';
import type { LogicalPlan } from '../dataset/plan.ts';
import { keyText } from '../dataset/value.ts';
import type { Row, Value } from '../dataset/value.ts';
import type { ValueType } from '../dataset/value-type.ts';
import { Aggregates } from './aggregates.ts';
import type { Buffer } from './aggregates.ts';
import type { Batch, Partitions, PhysicalNode, StatefulTraits } from './batch.ts';
import { Grouping } from './grouping.ts';
import type { Group } from './grouping.ts';
import { partitionOf } from './hash-partitioning.ts';
import { eventTimeOfKey, isOver } from './late-rows.ts';
import type { StateStore } from './state-store.ts';

type AggregatePlan = Extract<LogicalPlan, { type: 'aggregate' }>;

/**
 * Aggregates by key over all batches. Models Spark 4.2.0 StateStoreRestoreExec and
 * StateStoreSaveExec (statefulOperators.scala): groups of the batch are merged with their state;
 * - append: late groups are dropped, and a group is handed out once, when its event time is over;
 * - update: late groups are dropped, those that changed are handed out, those over are removed;
 * - complete: all groups are handed out, nothing is dropped and nothing removed.
 * Invariant: in append mode no group is handed out twice.
 */
export class StatefulAggregate implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly stateful: StatefulTraits;
  readonly #child: PhysicalNode;
  readonly #names: readonly string[];
  readonly #keyCount: number;
  readonly #types: readonly ValueType[];
  readonly #aggregates: Aggregates;
  readonly #grouping: Grouping<Buffer[]>;
  readonly #endOfKey: ((key: readonly Value[]) => number | undefined) | undefined;

  constructor(plan: AggregatePlan, child: PhysicalNode, operator: number, isComplete: boolean) {
    this.#child = child;
    this.children = [child];
    const attributes = attributesOf(plan);
    this.#names = attributes.map(({ name }) => name);
    this.#keyCount = plan.keys.length;
    this.#types = attributes.map(({ type }) => type);
    this.#aggregates = new Aggregates(plan.aggregates.map(({ expression }) => expression));
    this.#grouping = new Grouping(plan.keys, () => this.#aggregates.zero());
    this.#endOfKey = eventTimeOfKey(attributes.slice(0, this.#keyCount));
    this.stateful = {
      operator,
      name: 'stateStoreSave',
      shouldRunAnotherBatch: (nowMs, beforeMs) => !isComplete && nowMs > beforeMs,
      outputWatermarkMs: (inputMs) => inputMs,
    };
  }

  execute(batch: Batch): Partitions {
    const { operator } = this.stateful;
    const groups = this.#shuffled(batch);
    return groups.map((own, partition) => {
      const store = batch.store(operator, partition);
      const updated = this.#update(batch, partition, store, own);
      if (batch.outputMode === 'complete') return this.#all(store);
      const removed = this.#removeOver(batch, partition, store);
      return batch.outputMode === 'append' ? removed : updated;
    });
  }

  #shuffled(batch: Batch): Group<Buffer[]>[][] {
    const aggregates = this.#aggregates;
    const add = (buffers: Buffer[], row: Row): void => aggregates.add(buffers, row);
    for (const rows of this.#child.execute(batch)) {
      for (const row of rows) this.#grouping.add(row, add);
    }
    const groups = this.#grouping.take();
    const count = this.#keyCount === 0 ? 1 : batch.shufflePartitions;
    const shuffled = Array.from({ length: count }, (): Group<Buffer[]>[] => []);
    for (const group of groups) {
      (shuffled[partitionOf(group.key, this.#types, count)] as Group<Buffer[]>[]).push(group);
    }
    // Without keys there is one group, whether there are rows or not.
    if (this.#keyCount === 0 && groups.length === 0) {
      (shuffled[0] as Group<Buffer[]>[]).push({ key: [], contents: aggregates.zero() });
    }
    return shuffled;
  }

  #update(
    batch: Batch,
    partition: number,
    store: StateStore,
    groups: readonly Group<Buffer[]>[],
  ): Row[] {
    const { operator } = this.stateful;
    const metrics = batch.metrics(operator);
    const lateMs = batch.lateWatermarkMs(operator);
    const isUpdate = batch.outputMode === 'update';
    const filters = batch.outputMode !== 'complete' && this.#endOfKey !== undefined;
    const rows: Row[] = [];
    for (const { key, contents } of groups) {
      const endMs = this.#endOfKey?.(key);
      if (filters && isOver(endMs, lateMs)) {
        metrics.numRowsDroppedByWatermark += 1;
        if (batch.listener !== undefined) {
          const row = this.#rowOf(key, contents);
          batch.listener.droppedLate(operator, partition, row, endMs as number);
        }
        continue;
      }
      const id = keyText(key);
      const before = store.get(id)?.value as readonly Buffer[] | undefined;
      const value = before === undefined ? contents : this.#aggregates.merge(before, contents);
      store.put(id, { key, value });
      metrics.numRowsUpdated += 1;
      batch.listener?.updated(operator, partition, key, value);
      if (isUpdate) rows.push(this.#rowOf(key, value));
    }
    return rows;
  }

  #removeOver(batch: Batch, partition: number, store: StateStore): Row[] {
    const endOfKey = this.#endOfKey;
    if (endOfKey === undefined) return [];
    const { operator } = this.stateful;
    const evictionMs = batch.evictionWatermarkMs(operator);
    const rows: Row[] = [];
    for (const [id, { key, value }] of store.entries()) {
      if (!isOver(endOfKey(key), evictionMs)) continue;
      store.remove(id);
      batch.metrics(operator).numRowsRemoved += 1;
      batch.listener?.removed(operator, partition, key);
      if (batch.outputMode === 'append') rows.push(this.#rowOf(key, value as readonly Buffer[]));
    }
    return rows;
  }

  #all(store: StateStore): Row[] {
    const rows: Row[] = [];
    for (const [, { key, value }] of store.entries()) {
      rows.push(this.#rowOf(key, value as readonly Buffer[]));
    }
    return rows;
  }

  #rowOf(key: readonly Value[], buffers: readonly Buffer[]): Row {
    const row: Record<string, Value> = {};
    const results = this.#aggregates.results(buffers);
    for (let at = 0; at < this.#names.length; at += 1) {
      const value = at < this.#keyCount ? key[at] : results[at - this.#keyCount];
      row[this.#names[at] as string] = value ?? null;
    }
    return row;
  }
}
