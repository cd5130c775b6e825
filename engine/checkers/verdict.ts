/** What a grader says, as plain data that can cross to the page. */

/** What can be wrong with a run, in the words of the field. */
export type AnomalyName =
  | 'wrong result'
  | 'missing result'
  | 'duplicate result'
  | 'unexpected result'
  | 'premature emission'
  | 'overdue emission'
  | 'resurrected window'
  | 'late record counted'
  | 'state leak'
  | 'timer leak'
  | 'lost after restore'
  | 'counted twice after restore'
  | 'bypassed state'
  | 'lost in-place change'
  | 'processing-time dependence'
  | 'record lost'
  | 'record missed'
  | 'record repeated'
  | 'records out of order'
  | 'child before parent'
  | 'output missing'
  | 'output repeated'
  | 'function threw'
  | 'job gave up'
  | 'no such operator';

/** An anomaly in one trace, with the row that proves it. */
export interface Finding {
  readonly name: AnomalyName;
  /** What was expected, what came, for which key and window. */
  readonly text: string;
  readonly expected?: string;
  readonly actual?: string;
  /** The row of the trace at which it can be seen. */
  readonly row: number;
}

/** The smallest run that shows an anomaly. */
export interface FailingRun {
  /** As `encodeTrace` writes it. */
  readonly trace: Uint8Array;
  readonly row: number;
  /** What was done to the job, in one line. */
  readonly schedule: string;
}

export interface Anomaly extends Omit<Finding, 'row'> {
  /** The seed of the input that failed first, when it was drawn from one. */
  readonly seed?: number;
  readonly failing?: FailingRun;
}

export interface Check {
  /** Stable: wrong answers and saved results refer to it. */
  readonly name: string;
  readonly title: string;
  readonly passed: boolean;
  readonly anomaly?: Anomaly;
}

/** How much was tried. */
export interface VerdictCounts {
  /** Runs that were judged. */
  readonly runs: number;
  /** Of these, runs in which a task manager crashed. */
  readonly crashes: number;
  /** Further runs, to make failures small. */
  readonly shrinkRuns: number;
}

export interface Verdict {
  readonly passed: boolean;
  readonly checks: readonly Check[];
  readonly counts: VerdictCounts;
}
