import { compareValues, keyText } from '../dataset/value.ts';
import type { Row, Value } from '../dataset/value.ts';
import type { Batch, Partitions } from './batch.ts';
import { partitionOf } from './hash-partitioning.ts';
import { isOver } from './late-rows.ts';
import type { EventTime } from './late-rows.ts';

/** The rows that a batch has for one key. */
export interface KeyedRows {
  readonly key: Value;
  readonly rows: Row[];
}

/**
 * Shuffles rows by key and groups them: by shuffle partition, keys in their order, the rows of a
 * key as they came. Models what Spark 4.2.0 asks of the child of a user's function with state
 * (requiredChildDistribution, requiredChildOrdering). With `eventTime`, late rows are dropped.
 */
export function groupByKey(
  batch: Batch,
  operator: number,
  partitions: Partitions,
  keyOf: (row: Row) => Value,
  eventTime: EventTime | undefined,
): readonly (readonly KeyedRows[])[] {
  const shuffled = Array.from({ length: batch.shufflePartitions }, () => {
    return new Map<string, KeyedRows>();
  });
  for (const rows of partitions) {
    for (const row of rows) {
      const key = keyOf(row);
      const partition = partitionOf([key], [undefined], shuffled.length);
      const timeMs = eventTime?.(row);
      if (isOver(timeMs, batch.lateWatermarkMs(operator))) {
        batch.metrics(operator).numRowsDroppedByWatermark += 1;
        batch.listener?.droppedLate(operator, partition, row, timeMs as number);
        continue;
      }
      const groups = shuffled[partition] as Map<string, KeyedRows>;
      const id = keyText([key]);
      const group = groups.get(id);
      if (group === undefined) groups.set(id, { key, rows: [row] });
      else group.rows.push(row);
    }
  }
  return shuffled.map((groups) =>
    [...groups.values()].sort((left, right) => compareValues(left.key, right.key)),
  );
}
