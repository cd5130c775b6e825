/**
 * Models how a broker deletes old segments: Apache Kafka 4.1, storage, `UnifiedLog`
 * (`deleteOldSegments`, `deletableSegments`); it looks every 5 minutes
 * (`log.retention.check.interval.ms`).
 * Simplified: local logs only; deletion takes no time.
 * Invariant: whole segments go, oldest first, none above the high watermark; so a log always
 * holds at least what the settings promise.
 */
import { ConfigError } from '../../core/errors.ts';
import type { LogSegment, PartitionLog } from './partition-log.ts';

/** How long a topic keeps its records. */
export interface RetentionSettings {
  /** `retention.ms`, against the newest timestamp of a segment; −1: no limit. Default 7 days. */
  readonly retentionMs: number;
  /** `retention.bytes` of the partition; −1, the default: no limit. */
  readonly retentionBytes?: number;
}

/** One segment that was deleted, and the reason. */
export interface SegmentDeleted {
  readonly type: 'segment-deleted';
  readonly atMs: number;
  readonly reason: 'retention.bytes' | 'retention.ms';
  /** Its offsets: `[fromOffset, untilOffset)`. */
  readonly fromOffset: number;
  readonly untilOffset: number;
}

/**
 * Deletes what is older than the time or beyond the size, size first, as the broker does.
 * @throws ConfigError when a limit is neither −1 nor at least 0.
 */
export function deleteOldSegments(
  log: PartitionLog,
  settings: RetentionSettings,
  nowMs: number,
): SegmentDeleted[] {
  const { retentionMs, retentionBytes = -1 } = settings;
  for (const [name, limit] of Object.entries({ retentionMs, retentionBytes })) {
    if (!(limit >= 0 || limit === -1)) {
      throw new ConfigError(`${name} must be at least 0, or -1`, limit, '-1 sets no limit');
    }
  }
  const deleted: SegmentDeleted[] = [];
  if (retentionBytes >= 0) {
    let excess = log.segments.reduce((sum, segment) => sum + sizeOf(segment), 0) - retentionBytes;
    const isBeyond = (segment: LogSegment): boolean => {
      if (excess - sizeOf(segment) < 0) return false;
      excess -= sizeOf(segment);
      return true;
    };
    deleted.push(...deleteWhile(log, isBeyond, 'retention.bytes', nowMs));
  }
  if (retentionMs >= 0) {
    // One record with a timestamp in the future keeps its whole segment, and all after it.
    const isOld = (segment: LogSegment): boolean => nowMs - newestOf(segment) > retentionMs;
    deleted.push(...deleteWhile(log, isOld, 'retention.ms', nowMs));
  }
  return deleted;
}

function deleteWhile(
  log: PartitionLog,
  isDeletable: (segment: LogSegment) => boolean,
  reason: SegmentDeleted['reason'],
  atMs: number,
): SegmentDeleted[] {
  const facts: SegmentDeleted[] = [];
  for (const [place, segment] of log.segments.entries()) {
    const untilOffset = log.segments[place + 1]?.baseOffset ?? log.endOffset;
    const isEmptyLast = segment.batches.length === 0 && place === log.segments.length - 1;
    if (isEmptyLast || log.highWatermark < untilOffset || !isDeletable(segment)) break;
    const fromOffset = Math.max(segment.baseOffset, log.startOffset);
    facts.push({ type: 'segment-deleted', atMs, reason, fromOffset, untilOffset });
  }
  if (facts.length > 0) log.deleteOldest(facts.length);
  return facts;
}

function sizeOf(segment: LogSegment): number {
  return segment.batches.reduce((sum, batch) => sum + batch.sizeBytes, 0);
}

function newestOf(segment: LogSegment): number {
  return segment.batches.reduce(
    (newest, batch) => Math.max(newest, batch.maxTimestampMs),
    -Infinity,
  );
}
