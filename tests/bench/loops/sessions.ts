/**
 * W4 by hand: sessions per key, closed by a gap. Sessions that touch or overlap become one; a
 * session comes out once watermark ≥ end − 1; a record that opens a session which would be out
 * already is dropped.
 */
import type { Row } from '../workload-data.ts';
import { DeadlineQueue } from './deadline-queue.ts';

export interface SessionOptions {
  readonly gapMs: number;
  /** How far behind the largest timestamp the watermark stays. */
  readonly delayMs: number;
}

/** One session: `[start, end)`, where `end` is the last timestamp plus the gap. */
export interface SessionCount {
  readonly key: number;
  readonly start: number;
  readonly end: number;
  readonly count: number;
  readonly sum: number;
}

export interface SessionsResult {
  readonly rows: readonly SessionCount[];
  readonly lateCount: number;
}

interface Session {
  readonly key: number;
  start: number;
  end: number;
  count: number;
  sum: number;
  /** It has become part of another one. */
  isMerged: boolean;
}

/** The loop: what a good engineer would write, with row objects, `Map` and a heap. */
export function sessionsLoop(
  records: readonly Row[],
  { gapMs, delayMs }: SessionOptions,
): SessionsResult {
  const open = new Map<number, Session[]>();
  const deadlines = new DeadlineQueue<Session>();
  const rows: SessionCount[] = [];
  let watermark = -Infinity;
  let lateCount = 0;

  const close = (session: Session): void => {
    const { key, start, end, count, sum } = session;
    rows.push({ key, start, end, count, sum });
    const ofKey = open.get(key) ?? [];
    if (ofKey.length === 1) open.delete(key);
    else ofKey.splice(ofKey.indexOf(session), 1);
  };
  const advance = (to: number): void => {
    watermark = to;
    while (deadlines.isDue(watermark + 1)) {
      const session = deadlines.pop();
      if (session.isMerged) continue;
      // It has grown since it was put there: its time is later now.
      if (session.end - 1 > watermark) deadlines.push(session.end, session);
      else close(session);
    }
  };

  for (const { ts, key, value } of records) {
    const end = ts + gapMs;
    const ofKey = open.get(key);
    const session = ofKey?.find((other) => ts <= other.end && end >= other.start);
    if (session !== undefined) {
      session.start = Math.min(session.start, ts);
      session.end = Math.max(session.end, end);
      session.count++;
      session.sum += value;
      if (ofKey !== undefined && ofKey.length > 1) mergeInto(session, ofKey);
    } else if (end - 1 <= watermark) {
      lateCount++;
      continue;
    } else {
      const created = { key, start: ts, end, count: 1, sum: value, isMerged: false };
      if (ofKey === undefined) open.set(key, [created]);
      else ofKey.push(created);
      deadlines.push(end, created);
    }
    if (ts - delayMs - 1 > watermark) advance(ts - delayMs - 1);
  }
  advance(Infinity);
  return { rows, lateCount };
}

/** Takes in the other sessions of the key that `session` has come to touch. */
function mergeInto(session: Session, ofKey: Session[]): void {
  for (let i = ofKey.length - 1; i >= 0; i--) {
    const other = ofKey[i];
    if (other === session || other.start > session.end || other.end < session.start) continue;
    session.start = Math.min(session.start, other.start);
    session.end = Math.max(session.end, other.end);
    session.count += other.count;
    session.sum += other.sum;
    other.isMerged = true;
    ofKey.splice(i, 1);
  }
}
