/** What a simulated day hands over: columns of one value a second, and the totals. */
import type { CapacityCluster } from './cluster.ts';
import type { Design, EngineMode } from './design.ts';
import { DAY_SECONDS } from './load.ts';
import type { DayLoad } from './load.ts';
import type { Twist } from './twists.ts';

/** Everything that a day needs. Plain JSON. */
export interface DayScenario {
  readonly design: Design;
  readonly load: DayLoad;
  readonly cluster: CapacityCluster;
  readonly twists: readonly Twist[];
}

/** Why the board is stale or wrong at some second, in the order of their codes. */
export const DAY_CAUSES = [
  'none',
  'global-key',
  'hot-key',
  'partitions',
  'parallelism',
  'crash',
  'sink-outage',
  'watermark-delay',
  'trigger',
  'commit',
] as const;

export type DayCause = (typeof DAY_CAUSES)[number];

/** Columns of a day. Index = second after midnight; each value is as of that second's end. */
export interface DayColumns {
  /** Records that arrive, per s. */
  readonly arrivals: Float64Array;
  /** Records that the job could handle, per s: 0 while it is down or the table refuses writes. */
  readonly capacity: Float64Array;
  /** Arrivals of the subtasks that carry the hot key, per subtask and s. */
  readonly hotArrivals: Float64Array;
  /** Records that wait in the log. */
  readonly backlog: Float64Array;
  /** Age in s of the newest result that a reader sees, counted from its window's end. */
  readonly freshnessSeconds: Float64Array;
  /** Keyed state of the whole job, in bytes. */
  readonly stateBytes: Float64Array;
  /** Length in s of the last finished checkpoint or micro-batch. */
  readonly snapshotSeconds: Float64Array;
  /** Records that arrive only to find their window closed, per s. */
  readonly lateDropped: Float64Array;
  /** Records counted twice, so far. */
  readonly overcounted: Float64Array;
  /** Records lost, so far. */
  readonly lost: Float64Array;
  /** Dollars spent, so far. */
  readonly dollars: Float64Array;
  /** Index into `DAY_CAUSES`: what keeps the job from its usual rhythm; 0 when nothing does. */
  readonly disturbance: Uint8Array;
}

/** Totals over the day, in records unless the name says otherwise. */
export interface DayTotals {
  readonly arrived: number;
  /** Work done, replays included. */
  readonly processed: number;
  readonly replayed: number;
  /** Records that were read again after a crash are counted once here. */
  readonly counted: number;
  readonly lateDropped: number;
  readonly lost: number;
  readonly backlog: number;
  readonly overcounted: number;
  readonly dollars: number;
}

export interface Day {
  readonly scenario: DayScenario;
  readonly columns: DayColumns;
  readonly totals: DayTotals;
  /** Records the working subtasks handle per second when nothing disturbs them. */
  readonly capacityPerSecond: number;
  /** What one subtask handles per second. */
  readonly capacityPerSecondPerSubtask: number;
}

/** Columns of zeros for a day that is about to run. */
export function createDayColumns(): DayColumns {
  const column = (): Float64Array => new Float64Array(DAY_SECONDS);
  return {
    arrivals: column(),
    capacity: column(),
    hotArrivals: column(),
    backlog: column(),
    freshnessSeconds: column(),
    stateBytes: column(),
    snapshotSeconds: column(),
    lateDropped: column(),
    overcounted: column(),
    lost: column(),
    dollars: column(),
    disturbance: new Uint8Array(DAY_SECONDS),
  };
}

/** The code of a cause in the `disturbance` column. */
export function causeCode(cause: DayCause): number {
  return DAY_CAUSES.indexOf(cause);
}

/** The cause behind a code; `none` for a code that isn't known. */
export function causeOf(code: number): DayCause {
  return DAY_CAUSES[code] ?? 'none';
}

/** The interval that sets the rhythm of visible results, in s. */
export function rhythmSeconds(design: Design): number {
  const mode: EngineMode = design.engine;
  return mode === 'continuous' ? design.checkpointIntervalSeconds : design.triggerIntervalSeconds;
}
