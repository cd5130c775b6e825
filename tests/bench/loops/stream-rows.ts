import type { Row, WorkloadColumns } from '../workload-data.ts';

/** `a@12=3 b@4`: keys, timestamps and values (1 when left out) in one line, for tests. */
export function rowsOf(text: string): Row[] {
  return text.split(' ').map((record) => {
    const [, key = '', ts, value = '1'] = /^([a-z])@(\d+)(?:=(\d+))?$/.exec(record) ?? [];
    return { key: key.charCodeAt(0) - 97, ts: Number(ts), value: Number(value) };
  });
}

/** The same as columns that start at 0. */
export function columnsOf(rows: readonly Row[]): WorkloadColumns {
  return {
    startMs: 0,
    keyCount: 26,
    timestampMs: Int32Array.from(rows, (row) => row.ts),
    key: Int32Array.from(rows, (row) => row.key),
    value: Int32Array.from(rows, (row) => row.value),
  };
}

/** 0 is a. */
export function letterOf(key: number): string {
  return String.fromCharCode(97 + key);
}
