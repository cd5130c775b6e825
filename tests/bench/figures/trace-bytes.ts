import type { Trace } from '#engine';

/** How much a trace holds, in bytes. */
export interface TraceBytes {
  readonly rows: number;
  /** The columns: 4 to 8 bytes a row each. */
  readonly columns: number;
  /** The values as JSON text; as objects in memory they take more. */
  readonly values: number;
}

export function traceBytes({ columns, values, rowCount }: Trace): TraceBytes {
  let bytes = 0;
  for (const column of Object.values(columns)) bytes += column.byteLength;
  let valueBytes = 0;
  for (const value of values) valueBytes += JSON.stringify(value).length;
  return { rows: rowCount, columns: bytes, values: valueBytes };
}
