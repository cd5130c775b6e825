import type { LogicalPlan } from '../dataset/plan.ts';
import type { Batch, Partitions, PhysicalNode, StatefulTraits } from './batch.ts';

const ID = 'rows';

/**
 * The first rows of a stream over all batches. Models Spark 4.2.0 StreamingGlobalLimitExec: how
 * many have passed is the one row of its state, in one partition.
 */
export class StreamLimit implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly stateful: StatefulTraits;
  readonly #count: number;

  constructor(
    plan: Extract<LogicalPlan, { type: 'limit' }>,
    child: PhysicalNode,
    operator: number,
  ) {
    this.children = [child];
    this.#count = plan.count;
    this.stateful = {
      operator,
      name: 'globalLimit',
      shouldRunAnotherBatch: () => false,
      outputWatermarkMs: (inputMs) => inputMs,
    };
  }

  execute(batch: Batch): Partitions {
    const { operator } = this.stateful;
    const store = batch.store(operator, 0);
    const before = (store.get(ID)?.value ?? 0) as number;
    const rows = (this.children[0] as PhysicalNode).execute(batch).flat();
    const passed = rows.slice(0, Math.max(0, this.#count - before));
    if (passed.length > 0) {
      const value = before + passed.length;
      store.put(ID, { key: [], value });
      batch.metrics(operator).numRowsUpdated += 1;
      batch.listener?.updated(operator, 0, [], value);
    }
    return [passed];
  }
}
