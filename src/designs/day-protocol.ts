/** What the page and the worker that runs days say to each other. */
import type { Day, DayObjective, DayScenario, ObjectiveVerdict } from '#engine';

export interface DayRequest {
  readonly type: 'run';
  readonly runId: number;
  readonly scenario: DayScenario;
  readonly objectives: readonly DayObjective[];
}

export type DayAnswer =
  | {
      readonly type: 'done';
      readonly runId: number;
      readonly day: Day;
      readonly verdicts: readonly ObjectiveVerdict[];
      /** How old the board was: half of all seconds, and 99 % of them, were at most this old. */
      readonly freshnessMedianSeconds: number;
      readonly freshnessP99Seconds: number;
      /** How long the simulation took, without the way there and back. */
      readonly elapsedMs: number;
    }
  | { readonly type: 'failed'; readonly runId: number; readonly message: string };
