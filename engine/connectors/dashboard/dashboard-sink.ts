import type { Json } from '../../core/clone.ts';
import { keyOf } from '../../trace/table-contents.ts';
import type { RowChange } from '../../trace/table-contents.ts';
import { checkName, toTableRow } from '../external-store.ts';
import { SinkWriter } from '../sink-writer.ts';
import type { Sink } from '../sinks.ts';
import { DashboardStore } from './dashboard-store.ts';

/** What a dashboard needs to know. */
export interface DashboardSinkOptions<T> {
  readonly name: string;
  /** Columns, by name: the dashboard shows one row for each value. */
  readonly primaryKey: readonly string[];
  /** Which rows take the shown one away: retractions (`-U`) and deletions. Default: none. */
  readonly isRetraction?: (row: T) => boolean;
}

/**
 * A dashboard: the newest row of each key, at once. A replay after a failure shows old values again
 * for a while, and ends with the right ones.
 */
export function dashboardSink<T extends object>(options: DashboardSinkOptions<T>): Sink<T> {
  const { primaryKey, isRetraction = (): boolean => false } = options;
  const name = checkName(options.name);
  const changeOf = (row: unknown): RowChange => (isRetraction(row as T) ? 'delete' : 'put');
  const key = (row: unknown): Json => {
    const values = keyOf(toTableRow(name, row), primaryKey);
    return values.length === 1 ? (values[0] as Json) : values;
  };
  return {
    kind: 'dashboard',
    name,
    key,
    table: { primaryKey, write: { type: 'upsert' } },
    connect: () => {
      const store = new DashboardStore(name, primaryKey, changeOf);
      return {
        store,
        createWriter: (context, index) => new SinkWriter(context, { key }, store, index),
      };
    },
  };
}
