import type { Json } from '../core/clone.ts';
import type { SinkRow } from '../connectors/sinks.ts';

/** How one table of results differs from another. */
export interface ResultDiff {
  /** Rows of keys that only the second has. */
  readonly added: readonly Json[];
  /** Rows of keys that only the first has. */
  readonly removed: readonly Json[];
  /** Rows of keys that both have, with another content. */
  readonly changed: readonly { readonly before: Json; readonly after: Json }[];
  /** Rows of the second that are one more of a key that it has already. */
  readonly doubled: readonly Json[];
}

/** What identifies a row of results, for example `[row.origin, row.startMs]`. */
export type ResultKey = (row: Json) => Json;

/**
 * What changed from one table of results to another: from tonight's batch to its re-run, or from
 * what ought to be there to what is. Of several rows of a key in a table, the first one counts.
 */
export function diffResults(
  before: readonly SinkRow[],
  after: readonly SinkRow[],
  key: ResultKey,
): ResultDiff {
  const first = byKey(before, key);
  const second = byKey(after, key);
  const added: Json[] = [];
  const changed: { before: Json; after: Json }[] = [];
  for (const [id, row] of second.rows) {
    const known = first.rows.get(id);
    if (known === undefined) added.push(row);
    else if (JSON.stringify(known) !== JSON.stringify(row)) {
      changed.push({ before: known, after: row });
    }
  }
  const removed = [...first.rows].filter(([id]) => !second.rows.has(id)).map(([, row]) => row);
  return { added, removed, changed, doubled: second.doubled };
}

interface KeyedRows {
  readonly rows: ReadonlyMap<string, Json>;
  readonly doubled: readonly Json[];
}

function byKey(table: readonly SinkRow[], key: ResultKey): KeyedRows {
  const rows = new Map<string, Json>();
  const doubled: Json[] = [];
  for (const { row } of table) {
    const id = JSON.stringify(key(row));
    if (rows.has(id)) doubled.push(row);
    else rows.set(id, row);
  }
  return { rows, doubled };
}
