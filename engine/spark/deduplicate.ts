import { attributesOf, eventTimeOf } from '../dataset/attributes.ts';
import { compile } from '../dataset/expression.ts';
import type { Evaluate } from '../dataset/expression.ts';
import type { LogicalPlan } from '../dataset/plan.ts';
import { keyText } from '../dataset/value.ts';
import type { Row, Value } from '../dataset/value.ts';
import type { ValueType } from '../dataset/value-type.ts';
import type { Batch, Partitions, PhysicalNode, StatefulTraits } from './batch.ts';
import { partitionOf } from './hash-partitioning.ts';
import { eventTimeIn, eventTimeOfKey, isOver } from './late-rows.ts';
import type { EventTime } from './late-rows.ts';
import type { StateStore } from './state-store.ts';

type DeduplicatePlan = Extract<LogicalPlan, { type: 'deduplicate' }>;

/**
 * Keeps the first row of every key. Models Spark 4.2.0 StreamingDeduplicateExec and
 * StreamingDeduplicateWithinWatermarkExec (statefulOperators.scala): late rows are dropped first;
 * a key is forgotten when the event time in it is over, or, within the watermark, when the first
 * row's event time plus the delay is. Keys without event time are kept for all time.
 */
export class Deduplicate implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly stateful: StatefulTraits;
  readonly #child: PhysicalNode;
  readonly #keys: readonly Evaluate[];
  readonly #types: readonly ValueType[];
  readonly #eventTime: EventTime | undefined;
  readonly #endOfKey: ((key: readonly Value[]) => number | undefined) | undefined;
  readonly #isWithin: boolean;
  readonly #delayMs: number;

  constructor(plan: DeduplicatePlan, child: PhysicalNode, operator: number) {
    this.#child = child;
    this.children = [child];
    const attributes = attributesOf(plan.child);
    this.#keys = plan.keys.map((name) => compile({ type: 'column', name }));
    this.#eventTime = eventTimeIn(attributes);
    const keyed = plan.keys.map((key) => attributes.find(({ name }) => name === key)!);
    this.#endOfKey = eventTimeOfKey(keyed);
    this.#types = keyed.map(({ type }) => type);
    this.#isWithin = plan.isWithinWatermark;
    this.#delayMs = eventTimeOf(attributes)?.delayMs ?? 0;
    this.stateful = {
      operator,
      name: plan.isWithinWatermark ? 'dedupeWithinWatermark' : 'dedupe',
      shouldRunAnotherBatch: (nowMs, beforeMs) => nowMs > beforeMs,
      outputWatermarkMs: (inputMs) => inputMs,
    };
  }

  execute(batch: Batch): Partitions {
    const { operator } = this.stateful;
    const shuffled = Array.from(
      { length: batch.shufflePartitions },
      (): [readonly Value[], Row][] => [],
    );
    for (const rows of this.#child.execute(batch)) {
      for (const row of rows) {
        const key = this.#keys.map((column) => column(row));
        shuffled[partitionOf(key, this.#types, shuffled.length)]?.push([key, row]);
      }
    }
    return shuffled.map((rows, partition) => {
      const store = batch.store(operator, partition);
      const first = rows.filter(([key, row]) => this.#isFirst(batch, partition, store, key, row));
      this.#forgetOver(batch, partition, store);
      return first.map(([, row]) => row);
    });
  }

  #isFirst(
    batch: Batch,
    partition: number,
    store: StateStore,
    key: readonly Value[],
    row: Row,
  ): boolean {
    const { operator } = this.stateful;
    const metrics = batch.metrics(operator);
    const timeMs = this.#eventTime?.(row);
    if (isOver(timeMs, batch.lateWatermarkMs(operator))) {
      metrics.numRowsDroppedByWatermark += 1;
      batch.listener?.droppedLate(operator, partition, row, timeMs as number);
      return false;
    }
    const id = keyText(key);
    if (store.get(id) !== undefined) {
      metrics.numDroppedDuplicateRows += 1;
      return false;
    }
    const value = this.#isWithin ? { expiresAtMs: (timeMs ?? 0) + this.#delayMs } : {};
    store.put(id, { key, value });
    metrics.numRowsUpdated += 1;
    batch.listener?.updated(operator, partition, key, value);
    return true;
  }

  #forgetOver(batch: Batch, partition: number, store: StateStore): void {
    const { operator } = this.stateful;
    const evictionMs = batch.evictionWatermarkMs(operator);
    if (!this.#isWithin && this.#endOfKey === undefined) return;
    for (const [id, { key, value }] of store.entries()) {
      const endMs = this.#isWithin
        ? (value as { readonly expiresAtMs: number }).expiresAtMs
        : this.#endOfKey?.(key);
      if (!isOver(endMs, evictionMs)) continue;
      store.remove(id);
      batch.metrics(operator).numRowsRemoved += 1;
      batch.listener?.removed(operator, partition, key);
    }
  }
}
