import { ConfigError } from '../core/errors.ts';
import type { LogInput, LogRecord } from '../logs/log.ts';
import { selectRecords } from './select-records.ts';

/** The place of the next record to read, by partition: a line through a log. */
export type OffsetLine = readonly number[];

/** How far a log had come at a moment: the places of what arrives later. */
export function offsetsAt({ partitions }: LogInput, atMs: number): OffsetLine {
  return partitions.map((records) => {
    const next = records.findIndex(({ arrivalMs }) => arrivalMs > atMs);
    return next === -1 ? records.length : next;
  });
}

/**
 * The places of the first records that a job must read to see all with a timestamp from `timeMs`
 * on. Records without one are taken for older. Models what a Kafka 4.x client asks for with
 * `offsetsForTimes`: the earliest offset whose timestamp is not less.
 */
export function offsetsForTime({ partitions }: LogInput, timeMs: number): OffsetLine {
  return partitions.map((records) => {
    const first = records.findIndex(({ timestampMs = -Infinity }) => timestampMs >= timeMs);
    return first === -1 ? records.length : first;
  });
}

/**
 * What lies before a line: a bounded history, for a batch that fills a table.
 * @throws ConfigError for a line of another log.
 */
export function historyUntil<V>(log: LogInput<V>, line: OffsetLine): LogInput<V> {
  checkLine(log, line);
  const isBefore = (_: unknown, place: number, partition: number): boolean =>
    place < (line[partition] as number);
  return { ...selectRecords(log, isBefore), isBounded: true };
}

/**
 * What lies behind a line: what a job reads that starts there at `startMs`. The records that are
 * there already come at once.
 * @throws ConfigError for a line of another log.
 */
export function liveFrom<V>(log: LogInput<V>, line: OffsetLine, startMs: number): LogInput<V> {
  checkLine(log, line);
  const isBehind = (_: unknown, place: number, partition: number): boolean =>
    place >= (line[partition] as number);
  const live = selectRecords(log, isBehind);
  const arrived = (record: LogRecord<V>): LogRecord<V> =>
    record.arrivalMs < startMs ? { ...record, arrivalMs: startMs } : record;
  return { ...live, partitions: live.partitions.map((records) => records.map(arrived)) };
}

function checkLine({ partitions }: LogInput, line: OffsetLine): void {
  const isOfLog =
    line.length === partitions.length &&
    line.every((offset, place) => {
      return Number.isInteger(offset) && offset >= 0 && offset <= partitions[place]!.length;
    });
  if (isOfLog) return;
  throw new ConfigError(
    'a line must have an offset of each partition of the log',
    line,
    `give ${partitions.length} offsets, for example from offsetsAt(log, atMs)`,
  );
}
