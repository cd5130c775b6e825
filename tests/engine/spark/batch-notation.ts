import { simulateMicroBatches } from '#engine/spark';
import type {
  MicroBatchRun,
  MicroBatchScenario,
  Row,
  SparkSession,
  WindowValue,
} from '#engine/spark';
import type { LogRecord } from '#engine';

/** What the streams of these tests hold: event time in ms, a key, a number. */
export const ITEM = { time: 'timestamp', key: 'string', value: 'long' } as const;

/**
 * Rows in batches: `1 b@4 12 | 16 8` is two batches; `b@4` has key b, others have a; times are s.
 * An empty batch (`| |`) lets time pass. Batch n arrives at n s.
 */
export function partitionOf(text: string, shiftMs = 0): LogRecord<Row>[] {
  return text.split('|').flatMap((batch, at) =>
    batch
      .trim()
      .split(/\s+/)
      .filter((word) => word !== '')
      .map((word, place) => {
        const [first, second] = word.split('@') as [string, string | undefined];
        const time = second === undefined ? first : second;
        const key = second === undefined ? 'a' : first;
        const value = { time: time === 'null' ? null : Number(time) * 1000, key, value: place + 1 };
        return { value, arrivalMs: at * 1000 + shiftMs };
      }),
  );
}

/** Whether the next rows are there already when a batch ends: then none runs without data. */
export type Pace = 'always waiting' | 'on time';

/** A scenario over logs in the notation above, one partition each, with 2 shuffle partitions. */
export function scenarioOf(
  logs: { readonly [name: string]: string },
  query: (spark: SparkSession) => void,
  options: Partial<MicroBatchScenario> & { readonly pace?: Pace } = {},
): MicroBatchScenario {
  const { pace = 'on time', conf, ...others } = options;
  // When it waits, a batch takes a second and the next rows come in the middle of it.
  const isWaiting = pace === 'always waiting';
  const entries = Object.entries(logs).map(([name, text]) => {
    const records = partitionOf(text).map((record) => ({
      ...record,
      arrivalMs: isWaiting && record.arrivalMs > 0 ? record.arrivalMs - 500 : record.arrivalMs,
    }));
    return [name, { partitions: [records] }] as const;
  });
  return {
    name: 'test',
    logs: Object.fromEntries(entries),
    query,
    trace: 'none',
    conf: { 'spark.sql.shuffle.partitions': 2, ...conf },
    ...(isWaiting ? { costs: { batchMs: 1000 } } : {}),
    ...others,
  };
}

/** As scenarioOf, run to its end; fails when the run does. */
export function runQuery(...args: Parameters<typeof scenarioOf>): MicroBatchRun {
  const run = simulateMicroBatches(scenarioOf(...args));
  if (run.failure !== undefined) throw run.failure.error;
  return run;
}

/** A row as text: windows in s, the key unless it is a, other columns. */
export function rowText(row: Row): string {
  return Object.entries(row)
    .map(([name, value]) => {
      if (value !== null && typeof value === 'object' && 'start' in value) {
        const { start, end } = value as WindowValue;
        return `[${start / 1000},${end / 1000})`;
      }
      if (typeof value === 'number' && /time/i.test(name)) return `${value / 1000}s`;
      return String(value);
    })
    .join(' ');
}

/** What each batch wrote, in order of the rows' texts: `0: – | 1: [0,10) a 2`. */
export function written(run: MicroBatchRun): string {
  return run.sinkBatches
    .map(({ batchId, rows, isSkipped }) => {
      const texts = rows.map(rowText).sort();
      const text = texts.length === 0 ? '–' : texts.join(', ');
      return `${batchId}: ${isSkipped ? `(skipped) ${text}` : text}`;
    })
    .join(' | ');
}

/** The watermark that each batch ran with, in s. */
export function watermarks(run: MicroBatchRun): string {
  return run.progress.map(({ eventTime }) => eventTime.watermarkMs / 1000).join(' ');
}

/** Rows dropped as late by each batch. */
export function dropped(run: MicroBatchRun): string {
  return run.progress
    .map(({ stateOperators }) =>
      stateOperators.reduce((sum, operator) => sum + operator.numRowsDroppedByWatermark, 0),
    )
    .join(' ');
}

/** Rows in the state after each batch. */
export function stateRows(run: MicroBatchRun): string {
  return run.progress
    .map(({ stateOperators }) =>
      stateOperators.reduce((sum, operator) => sum + operator.numRowsTotal, 0),
    )
    .join(' ');
}
