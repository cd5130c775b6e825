/**
 * The records that every workload of the bench reads: seeded, the same on each machine. Records
 * arrive 6 ms apart; each one's timestamp lies behind its arrival by its disorder.
 */
import { mulberry32, zipfSampler } from './seeded-draws.ts';

export const RECORD_COUNT = 1_000_000;
export const KEY_COUNT = 10_000;
export const RECORD_GAP_MS = 6;
/** Disorder is uniform in `[0, DISORDER_MS]`; it is also the watermark's delay. */
export const DISORDER_MS = 5_000;
/** This share of the records comes later still, by `LATER_MS_MIN` to `LATER_MS_MAX`. */
export const LATER_SHARE = 0.001;
const LATER_MS_MIN = 5_000;
export const LATER_MS_MAX = 20_000;
const ZIPF_EXPONENT = 1;
const VALUE_MAX = 100;
/** A real date, so that times need the 53 bits that they need at work. */
export const START_MS = Date.UTC(2001, 5, 22);

/** A record as an engineer would write it by hand. */
export interface Row {
  readonly ts: number;
  readonly key: number;
  readonly value: number;
}

/** The same records as columns, times relative to `startMs`. Row `i` is the `i`th to arrive. */
export interface WorkloadColumns {
  readonly startMs: number;
  readonly keyCount: number;
  readonly timestampMs: Int32Array;
  readonly key: Int32Array;
  readonly value: Int32Array;
}

/** `count` records from `seed`. */
export function makeWorkload(options: {
  readonly count: number;
  readonly seed: number;
  readonly keyCount?: number;
}): WorkloadColumns {
  const { count, seed, keyCount = KEY_COUNT } = options;
  const random = mulberry32(seed);
  const keyAt = zipfSampler(keyCount, ZIPF_EXPONENT);
  const timestampMs = new Int32Array(count);
  const key = new Int32Array(count);
  const value = new Int32Array(count);
  // Timestamps stay above zero, so that every window starts at or after `startMs`.
  const firstArrivalMs = DISORDER_MS + LATER_MS_MAX;
  for (let i = 0; i < count; i++) {
    timestampMs[i] = firstArrivalMs + i * RECORD_GAP_MS - drawDisorder(random);
    key[i] = keyAt(random());
    value[i] = Math.floor(random() * VALUE_MAX);
  }
  return { startMs: START_MS, keyCount, timestampMs, key, value };
}

/** How far a record lies behind its arrival, in ms. */
export function drawDisorder(random: () => number): number {
  const disorderMs = Math.floor(random() * (DISORDER_MS + 1));
  if (random() >= LATER_SHARE) return disorderMs;
  return disorderMs + LATER_MS_MIN + Math.floor(random() * (LATER_MS_MAX - LATER_MS_MIN + 1));
}

/** One object a record, with times since 1970. */
export function toRows(columns: WorkloadColumns): Row[] {
  const { startMs, timestampMs, key, value } = columns;
  return Array.from(timestampMs, (relativeMs, i) => ({
    ts: startMs + relativeMs,
    key: key[i] ?? 0,
    value: value[i] ?? 0,
  }));
}
