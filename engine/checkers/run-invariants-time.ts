import { WATERMARK_MIN } from '../core/time.ts';
import { KIND, PANE_TIMINGS, TIME_DOMAINS } from '../trace/kinds.ts';
import type { Trace } from '../trace/trace.ts';
import type { ReportViolation, RunChecker } from './run-invariants.ts';

const EARLY = PANE_TIMINGS.indexOf('early');
const PROCESSING_TIME = TIME_DOMAINS.indexOf('processing-time');

/** What the channels of a subtask have brought, and a merged watermark that must come next. */
interface Due {
  readonly subtask: number;
  readonly watermarkMs: number;
}

/**
 * Watermarks grow within an attempt, and a subtask's is the least of its channels'; a timer fires
 * when its time has come, and a window is on time or late only when the watermark is at its end.
 * Simplified: with idle splits, which channels count can't be told from the trace.
 */
export class TimeInvariants implements RunChecker {
  readonly #trace: Trace;
  readonly #report: ReportViolation;
  readonly #watermarksMs: number[];
  readonly #channelsMs: number[][];
  readonly #splitsMs: number[];
  readonly #hasIdleness: boolean;
  #due: Due | undefined;

  constructor(trace: Trace, report: ReportViolation) {
    this.#trace = trace;
    this.#report = report;
    const { subtasks, channels, splits } = trace.header;
    this.#watermarksMs = subtasks.map(() => WATERMARK_MIN);
    this.#channelsMs = subtasks.map((_, subtask) =>
      channels.filter(({ to }) => to === subtask).map(() => WATERMARK_MIN),
    );
    this.#splitsMs = splits.map(() => WATERMARK_MIN);
    this.#hasIdleness = trace.columns.kind.includes(KIND['split-idle']);
  }

  see(row: number, kind: number): void {
    this.#checkDue(row, kind);
    const { a, c, subtask } = this.#trace.columns;
    const who = subtask[row] as number;
    switch (kind) {
      case KIND['split-watermark']:
        this.#seeSplit(row, c[row] as number, a[row] as number);
        return;
      case KIND['split-rewound']:
        this.#splitsMs[c[row] as number] = WATERMARK_MIN;
        return;
      case KIND['watermark-received']:
        this.#seeChannel(who, c[row] as number, a[row] as number);
        return;
      case KIND['watermark-emitted']:
      case KIND['watermark-advanced']:
        this.#seeAdvance(row, who, a[row] as number);
        return;
      case KIND['timer-fired']:
        this.#seeTimer(row, who);
        return;
      case KIND['window-fired']:
        this.#seeWindow(row, who);
        return;
      default:
    }
  }

  takeDown(subtask: number): void {
    this.#watermarksMs[subtask] = WATERMARK_MIN;
    this.#channelsMs[subtask]?.fill(WATERMARK_MIN);
  }

  #seeSplit(row: number, split: number, watermarkMs: number): void {
    const beforeMs = this.#splitsMs[split] ?? WATERMARK_MIN;
    if (watermarkMs < beforeMs) {
      const text = `the watermark of split ${split} went from ${beforeMs} to ${watermarkMs}`;
      this.#report('a watermark only grows', row, text);
    }
    this.#splitsMs[split] = watermarkMs;
  }

  #seeChannel(subtask: number, channel: number, watermarkMs: number): void {
    const channels = this.#channelsMs[subtask];
    if (channels === undefined || this.#hasIdleness) return;
    channels[channel] = Math.max(channels[channel] ?? WATERMARK_MIN, watermarkMs);
    const lowestMs = Math.min(...channels);
    if (lowestMs <= (this.#watermarksMs[subtask] as number)) return;
    this.#due = { subtask, watermarkMs: lowestMs };
  }

  /** What a channel brought must move the merged watermark at once. */
  #checkDue(row: number, kind: number): void {
    const due = this.#due;
    if (due === undefined) return;
    this.#due = undefined;
    const { a, subtask } = this.#trace.columns;
    const isDone = kind === KIND['watermark-advanced'] && subtask[row] === due.subtask;
    if (isDone && a[row] === due.watermarkMs) return;
    const text = `the channels of subtask ${due.subtask} had all reached ${due.watermarkMs}`;
    this.#report('a watermark is the least of its inputs', row, text);
  }

  #seeAdvance(row: number, subtask: number, watermarkMs: number): void {
    const beforeMs = this.#watermarksMs[subtask] as number;
    if (watermarkMs <= beforeMs) {
      const text = `subtask ${subtask} went from ${beforeMs} to ${watermarkMs}`;
      this.#report('a watermark only grows', row, text);
    }
    this.#watermarksMs[subtask] = watermarkMs;
    const channels = this.#channelsMs[subtask] as number[];
    if (channels.length === 0 || this.#hasIdleness) return;
    const lowestMs = Math.min(...channels);
    if (watermarkMs === lowestMs) return;
    const text =
      `subtask ${subtask} is at ${watermarkMs}, ` + `the least of its channels at ${lowestMs}`;
    this.#report('a watermark is the least of its inputs', row, text);
  }

  #seeTimer(row: number, subtask: number): void {
    const { a, c, atMs } = this.#trace.columns;
    const timeMs = a[row] as number;
    const isProcessing = c[row] === PROCESSING_TIME;
    const clockMs = isProcessing ? (atMs[row] as number) : (this.#watermarksMs[subtask] as number);
    if (timeMs <= clockMs || this.#hasNoInput(subtask)) return;
    const text = `a timer for ${timeMs} fired at ${clockMs} in subtask ${subtask}`;
    this.#report('nothing fires before its time', row, text);
  }

  #seeWindow(row: number, subtask: number): void {
    const { b, c, cause, kind } = this.#trace.columns;
    if (c[row] === EARLY || this.#hasNoInput(subtask)) return;
    const causeRow = cause[row] as number;
    // A window of processing time fires by its timer, which is judged by itself.
    const causeKind = kind[causeRow];
    const isTimed = causeKind === KIND['timer-fired'];
    if (isTimed && this.#trace.columns.c[causeRow] === PROCESSING_TIME) return;
    const watermarkMs = this.#watermarksMs[subtask] as number;
    const endMs = b[row] as number;
    if (endMs - 1 <= watermarkMs) return;
    const text = `a window that ends at ${endMs} fired at watermark ${watermarkMs}`;
    this.#report('nothing fires before its time', row, text);
  }

  /** Operators behind the head of a chain have the head's clock. */
  #hasNoInput(subtask: number): boolean {
    return this.#channelsMs[subtask]?.length === 0;
  }
}
