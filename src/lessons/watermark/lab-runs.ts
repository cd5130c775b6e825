/** The runs behind the lab's still picture and its curve, made once per build. */
import {
  runBoard,
  summarizeBoard,
  type BoardSummary,
} from '#content/lessons/10-two-clocks-and-a-watermark/board.ts';
import type { Trace } from '#engine';
import { lessonInputs } from '../load-lesson.ts';

/** The delays that the slider offers, in minutes: close together where the curve bends. */
export const DELAYS_MINUTES = [
  0, 5, 10, 15, 20, 25, 30, 45, 60, 75, 90, 120, 150, 180, 240, 300,
] as const;

let summaries: readonly BoardSummary[] | undefined;

/** What each of the offered delays gives. */
export function labSummaries(): readonly BoardSummary[] {
  summaries ??= DELAYS_MINUTES.map((delay) => summarizeBoard(labTrace(delay), delay));
  return summaries;
}

/** A run with one delay, in minutes. */
export function labTrace(delayMinutes: number): Trace {
  return runBoard(lessonInputs().flights, delayMinutes).trace;
}
