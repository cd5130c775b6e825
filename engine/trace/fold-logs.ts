import type { LogFrame, SplitFrame, SubtaskFrame } from './frame.ts';
import { KIND } from './kinds.ts';
import type { Trace } from './trace.ts';

type Mutable<T> = { -readonly [field in keyof T]: T[field] };

const FIRST_KIND = KIND['record-appended'];
const LAST_KIND = KIND['record-settled'];

/** Whether a fact is about a log, or about how somebody reads it. */
export function isLogKind(kind: number): boolean {
  return kind >= FIRST_KIND && kind <= LAST_KIND;
}

/** What a fact of a log may change: parts of a frame that may be changed in place. */
interface FrameOwners {
  readonly split: (id: number) => Mutable<SplitFrame>;
  /** The subtask of a row. */
  readonly subtask: (row: number) => Mutable<SubtaskFrame>;
}

/** Folds a fact about a log, or about its readers, into what it names. */
export function foldLog(trace: Trace, row: number, owners: FrameOwners): void {
  const { c, kind } = trace.columns;
  if (kind[row] === KIND['member-joined']) owners.subtask(row).isAlive = true;
  else if (kind[row] === KIND['member-gone']) owners.subtask(row).isAlive = false;
  else if (kind[row] === KIND['record-processed']) owners.subtask(row).recordsIn += 1;
  else if ((c[row] as number) >= 0) foldPartition(trace, row, owners.split(c[row] as number));
}

function foldPartition(trace: Trace, row: number, split: Mutable<SplitFrame>): void {
  const { a, b, d, kind, subtask } = trace.columns;
  const offset = b[row] as number;
  switch (kind[row]) {
    case KIND['records-fetched']:
    case KIND['position-reset']:
      split.offset = offset;
      return;
    case KIND['split-assigned']:
      split.offset = offset;
      split.log = { ...split.log, reader: subtask[row] as number };
      return;
    case KIND['split-revoked']:
      split.log = { ...split.log, reader: -1 };
      return;
    case KIND['offset-committed']:
      split.log = { ...split.log, committedOffset: offset };
      return;
    case KIND['log-transaction-opened']:
      split.log = { ...split.log, openProducers: [...split.log.openProducers, d[row] as number] };
      return;
    case KIND['leader-elected']:
      split.log = { ...split.log, leader: offset, leaderEpoch: a[row] as number };
      return;
    default:
      split.log = edgesAfter(split.log, kind[row] as number, offset, d[row] as number);
  }
}

function edgesAfter(log: LogFrame, kind: number, offset: number, producer: number): LogFrame {
  switch (kind) {
    case KIND['record-appended']:
      return { ...log, endOffset: offset + 1, recordCount: log.recordCount + 1 };
    case KIND['log-transaction-marked']:
      return {
        ...log,
        endOffset: offset + 1,
        openProducers: log.openProducers.filter((open) => open !== producer),
      };
    case KIND['high-watermark-moved']:
      return { ...log, highWatermark: offset };
    case KIND['stable-offset-moved']:
      return { ...log, lastStableOffset: offset };
    case KIND['log-start-moved']:
      return { ...log, startOffset: offset };
    case KIND['log-truncated']:
      return { ...log, endOffset: offset };
    case KIND['record-compacted']:
      return { ...log, recordCount: log.recordCount - 1 };
    case KIND['partition-opened']:
      return { ...log, isOpened: true };
    case KIND['shard-closed']:
      return { ...log, isClosed: true };
    default:
      return log;
  }
}
