import { describe, expect, test } from 'vitest';
import {
  batchBoard,
  runBoard,
  summarizeBoard,
} from '../../content/lessons/10-two-clocks-and-a-watermark/board.ts';
import { lessonInputs } from '../../src/lessons/load-lesson.ts';

const { flights } = lessonInputs();
const WINDOW_MS = 15 * 60_000;

/** Flink's rule by hand, for one partition: the watermark follows the largest event time. */
function droppedByHand(delayMinutes: number): number {
  let largestMs = -Infinity;
  let watermarkMs = -Infinity;
  let nowMs = -Infinity;
  let dropped = 0;
  for (const { arrivalMs, timestampMs = arrivalMs } of flights.partitions.flat()) {
    // Watermarks go out between two minutes of the feed, never inside one.
    if (arrivalMs > nowMs) watermarkMs = largestMs - delayMinutes * 60_000 - 1;
    nowMs = arrivalMs;
    const windowEndMs = (Math.floor(timestampMs / WINDOW_MS) + 1) * WINDOW_MS;
    if (windowEndMs - 1 <= watermarkMs) dropped += 1;
    largestMs = Math.max(largestMs, timestampMs);
  }
  return dropped;
}

describe('the departures board', () => {
  test.each([0, 5, 15, 30, 60, 120, 300])(
    'with %i min of delay drops what the rule drops, and counts the rest',
    (delayMinutes) => {
      const { trace, board } = runBoard(flights, delayMinutes);
      const summary = summarizeBoard(trace, delayMinutes);
      expect(summary.droppedCount).toBe(droppedByHand(delayMinutes));
      const counted = board.reduce((sum, line) => sum + line.flights, 0);
      expect(counted + summary.droppedCount).toBe(summary.flightCount);
      expect(board.length).toBe(summary.firedCount + summary.openAtEndCount);
    },
  );

  test('with more delay than any flight is late, gives the batch answer', () => {
    const byKey = (left: { origin: string; endMs: number }, right: typeof left): number =>
      left.origin < right.origin ? -1 : left.origin > right.origin ? 1 : left.endMs - right.endMs;
    const stream = [...runBoard(flights, 24 * 60).board].sort(byKey);
    expect(stream).toEqual([...batchBoard(flights)].sort(byKey));
  });
});
