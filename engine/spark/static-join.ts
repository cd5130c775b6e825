import { attributesOf } from '../dataset/attributes.ts';
import { compile } from '../dataset/expression.ts';
import type { Evaluate } from '../dataset/expression.ts';
import { isStreaming } from '../dataset/plan.ts';
import type { LogicalPlan } from '../dataset/plan.ts';
import { keyText } from '../dataset/value.ts';
import type { Row } from '../dataset/value.ts';
import type { Batch, Partitions, PhysicalNode } from './batch.ts';
import { partsOf } from './join-watermarks.ts';

type JoinPlan = Extract<LogicalPlan, { type: 'join' }>;

/**
 * Joins the rows of each batch with a table: no state is kept. Models Spark's join of a streaming
 * with a static Dataset, which reads the table anew in every batch.
 */
export class StaticJoin implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly #plan: JoinPlan;
  readonly #isStreamLeft: boolean;
  readonly #streamKeys: readonly Evaluate[];
  readonly #tableKeys: readonly Evaluate[];
  readonly #rest: readonly Evaluate[];
  readonly #nulls: Row;

  constructor(plan: JoinPlan, left: PhysicalNode, right: PhysicalNode) {
    this.children = [left, right];
    this.#plan = plan;
    this.#isStreamLeft = isStreaming(plan.left);
    const parts = partsOf(plan);
    const [stream, table] = this.#isStreamLeft
      ? [parts.leftKeys, parts.rightKeys]
      : [parts.rightKeys, parts.leftKeys];
    this.#streamKeys = stream.map(compile);
    this.#tableKeys = table.map(compile);
    this.#rest = [...parts.leftOnly, ...parts.rightOnly, ...parts.both].map(compile);
    const tablePlan = this.#isStreamLeft ? plan.right : plan.left;
    this.#nulls = Object.fromEntries(attributesOf(tablePlan).map(({ name }) => [name, null]));
  }

  execute(batch: Batch): Partitions {
    const [left, right] = this.children as readonly [PhysicalNode, PhysicalNode];
    const [stream, table] = this.#isStreamLeft ? [left, right] : [right, left];
    const byKey = new Map<string, Row[]>();
    for (const row of table.execute(batch).flat()) {
      const key = this.#tableKeys.map((column) => column(row));
      if (key.includes(null)) continue;
      const id = keyText(key);
      byKey.set(id, [...(byKey.get(id) ?? []), row]);
    }
    if (byKey.size === 0 && this.#readsNothing(stream)) return [];
    return stream.execute(batch).map((rows) => rows.flatMap((row) => this.#joined(row, byKey)));
  }

  /**
   * With an empty table, HashJoin does not even read the stream: no watermark sees its rows.
   * Simplified: state below the join is kept up nevertheless.
   */
  #readsNothing(stream: PhysicalNode): boolean {
    const { joinType } = this.#plan;
    return (joinType === 'inner' || joinType === 'left_semi') && !hasState(stream);
  }

  #joined(row: Row, byKey: ReadonlyMap<string, readonly Row[]>): readonly Row[] {
    const key = this.#streamKeys.map((column) => column(row));
    const found = key.includes(null) ? [] : (byKey.get(keyText(key)) ?? []);
    const pairs = found
      .map((other) => (this.#isStreamLeft ? { ...row, ...other } : { ...other, ...row }))
      .filter((pair) => this.#rest.every((condition) => condition(pair) === true));
    switch (this.#plan.joinType) {
      case 'inner':
        return pairs;
      case 'left_semi':
        return pairs.length > 0 ? [row] : [];
      case 'left_anti':
        return pairs.length > 0 ? [] : [row];
      default: {
        if (pairs.length > 0) return pairs;
        const withNulls = this.#isStreamLeft
          ? { ...row, ...this.#nulls }
          : { ...this.#nulls, ...row };
        return [withNulls];
      }
    }
  }
}

function hasState(node: PhysicalNode): boolean {
  return node.stateful !== undefined || node.children.some(hasState);
}
