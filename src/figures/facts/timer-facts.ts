import { KIND, type Trace } from '#engine';

/** An event-time timer from the moment it was set until it fired, was deleted, or never did. */
export interface TimerFact {
  /** The `timer-set` row. */
  readonly row: number;
  readonly key: number;
  readonly timeMs: number;
  readonly setMs: number;
  readonly firings: readonly TimerFiring[];
  /** When it was deleted; undefined when it was not. */
  readonly deletedMs: number | undefined;
}

export interface TimerFiring {
  /** The `timer-fired` row. */
  readonly row: number;
  readonly atMs: number;
  /** The `record-emitted` rows of the callback. */
  readonly outputs: readonly number[];
}

type Draft = {
  row: number;
  key: number;
  timeMs: number;
  setMs: number;
  firings: { row: number; atMs: number; outputs: number[] }[];
  deletedMs: number | undefined;
};

const EVENT_TIME = 0;

/** The event-time timers that operators set themselves, in order of their setting. */
export function collectTimers(trace: Trace): readonly TimerFact[] {
  const { kind, cause, atMs, key, a, c, d } = trace.columns;
  const timers = new Map<number, Draft>();
  const firingByRow = new Map<number, { outputs: number[] }>();
  for (let row = 0; row < trace.rowCount; row += 1) {
    if (kind[row] === KIND['timer-set'] && c[row] === EVENT_TIME) {
      const draft = { row, key: key[row], timeMs: a[row], setMs: atMs[row] };
      timers.set(row, { ...draft, firings: [], deletedMs: undefined });
    } else if (kind[row] === KIND['timer-deleted']) {
      const timer = timers.get(d[row]);
      if (timer !== undefined) timer.deletedMs = atMs[row];
    } else if (kind[row] === KIND['timer-fired']) {
      const firing = { row, atMs: atMs[row], outputs: [] };
      timers.get(d[row])?.firings.push(firing);
      firingByRow.set(row, firing);
    } else if (kind[row] === KIND['record-emitted']) {
      firingByRow.get(cause[row])?.outputs.push(row);
    }
  }
  return [...timers.values()];
}
