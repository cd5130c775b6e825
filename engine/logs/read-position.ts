import { ConfigError } from '../core/errors.ts';
import { arrivedCount, edgesAt, nextKept, offsetAt, placeOf } from './partition-life.ts';
import type { LogRecord } from './log.ts';
import type { ReadPartition } from './partition-life.ts';

/**
 * Where a reader without a state begins in each partition. `committed`: the next offsets to read
 * that a group has committed, by partition. `timestampMs`: the first record of that time or later,
 * in the order of offsets; `arrivalMs`: the first that came then or later.
 */
export type StartPosition =
  | 'earliest'
  | 'latest'
  | { readonly timestampMs: number }
  | { readonly arrivalMs: number }
  | { readonly committed: { readonly [partition: number]: number } };

/**
 * `auto.offset.reset`: where to go on when the wanted offset is not there. `by_duration:` and ms
 * (Kafka writes an ISO duration): at the first record that is not older than that.
 */
export type ResetPolicy = 'earliest' | 'latest' | 'none' | `by_duration:${number}`;

/**
 * The offset at which a reader without a state begins.
 * @throws ConfigError for a committed offset that is missing while `reset` is none.
 */
export function startOffset(
  partition: ReadPartition,
  index: number,
  reading: { readonly start: StartPosition; readonly reset: ResetPolicy },
  nowMs: number,
): number {
  const { start, reset } = reading;
  if (start === 'earliest' || start === 'latest') return edgeOffset(partition, start, nowMs);
  if ('committed' in start) {
    const committed = start.committed[index];
    if (committed !== undefined) return committed;
    if (reset !== 'none') return edgeOffset(partition, reset, nowMs);
    throw new ConfigError(
      `partition ${index} has no committed offset, and auto.offset.reset is none`,
      undefined,
      "commit one before, or give offsetReset: 'earliest'",
    );
  }
  // What is not there yet counts from the end, so that nothing written meanwhile is missed.
  const isWanted = (record: LogRecord): boolean =>
    'timestampMs' in start
      ? (record.timestampMs ?? -Infinity) >= start.timestampMs
      : record.arrivalMs >= start.arrivalMs;
  const count = arrivedCount(partition, nowMs);
  for (let place = nextKept(partition, 0, nowMs); place < count; place += 1) {
    if (isWanted(partition.records[place] as LogRecord)) return offsetAt(partition, place);
  }
  return edgeOffset(partition, 'latest', nowMs);
}

/**
 * The offset that a reset leads to.
 * @throws ConfigError for a duration that is none.
 */
export function edgeOffset(
  partition: ReadPartition,
  reset: Exclude<ResetPolicy, 'none'>,
  nowMs: number,
): number {
  const edges = edgesAt(partition, nowMs);
  if (reset === 'earliest') return edges.startOffset;
  if (reset === 'latest') return edges.readableEnd;
  const durationMs = Number(/^by_duration:(\d+)$/.exec(reset)?.[1] ?? NaN);
  if (!Number.isFinite(durationMs)) {
    throw new ConfigError(
      'auto.offset.reset must be earliest, latest, none or by_duration:<ms>',
      reset,
      'use for example by_duration:3600000 for the last hour',
    );
  }
  const count = arrivedCount(partition, nowMs);
  for (let place = nextKept(partition, 0, nowMs); place < count; place += 1) {
    const { timestampMs = -Infinity } = partition.records[place] as LogRecord;
    if (timestampMs >= nowMs - durationMs) return offsetAt(partition, place);
  }
  return edges.readableEnd;
}

/** What a reader finds where it wanted to go on. */
export interface Resumption {
  readonly place: number;
  readonly offset: number;
  /** Records that it wanted and that no longer exist; those that compaction took don't count. */
  readonly missedCount: number;
}

/**
 * Where a reader that wants `offset` goes on. In range that is the next record that is kept;
 * records that compaction has removed are passed over without a word.
 * @throws ConfigError when the offset is out of range and `reset` is none.
 */
export function resumeAt(
  partition: ReadPartition,
  offset: number,
  reset: ResetPolicy,
  nowMs: number,
): Resumption {
  const { startOffset: kept } = edgesAt(partition, nowMs);
  if (offset >= kept) {
    const place = nextKept(partition, placeOf(partition, offset), nowMs);
    return { place, offset, missedCount: 0 };
  }
  if (reset === 'none') {
    throw new ConfigError(
      'the offset to read must still be in the log, for auto.offset.reset is none',
      `${offset}, and the log begins at ${kept}`,
      'keep the log for longer than the longest outage, or accept the gap with a reset',
    );
  }
  const next = edgeOffset(partition, reset, nowMs);
  const place = nextKept(partition, placeOf(partition, next), nowMs);
  return { place, offset: next, missedCount: place - placeOf(partition, offset) };
}
