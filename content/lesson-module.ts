/** What a lesson's `claims.ts` hands over: its numbers and its tables, computed from given data. */
import type { LogInput } from '#engine';
import type { Claims } from './claims.ts';

/** One real departure, as a record's value. */
export interface Flight {
  readonly origin: string;
  readonly destination: string;
  /** The flight’s recorded delay; negative when it was ahead of its timetable. */
  readonly delayMinutes: number;
  readonly distanceMiles: number;
  readonly [field: string]: string | number;
}

/** Recorded data, handed in by the page so that content needs no way of loading it. */
export interface LessonInputs {
  readonly flights: LogInput<Flight>;
}

/** The same question answered twice, row by row. */
export interface Comparison {
  readonly caption: string;
  readonly keys: readonly string[];
  readonly rows: readonly ComparisonRow[];
  readonly batchTotal: number;
  readonly streamTotal: number;
}

export interface ComparisonRow {
  /** One cell for each of the comparison's `keys`. */
  readonly key: readonly string[];
  readonly batch: number;
  readonly stream: number;
}

export interface LessonModule {
  readonly makeClaims: (inputs: LessonInputs) => Claims;
  readonly makeTables: (inputs: LessonInputs) => { readonly [name: string]: Comparison };
}
