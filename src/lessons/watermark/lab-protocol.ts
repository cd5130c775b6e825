import type { BoardSummary } from '#content/lessons/10-two-clocks-and-a-watermark/board.ts';

/** Asks the worker to run the lesson's job with one watermark delay. */
export interface LabRequest {
  readonly type: 'run';
  readonly runId: number;
  readonly delayMinutes: number;
}

export type LabReply =
  | {
      readonly type: 'ran';
      readonly runId: number;
      readonly summary: BoardSummary;
      /** As `encodeTrace` writes it. */
      readonly trace: Uint8Array;
    }
  | { readonly type: 'failed'; readonly runId: number; readonly message: string };
