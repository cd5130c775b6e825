/**
 * The records that every workload of the bench reads: seeded, the same on each machine. Records
 * arrive 6 ms apart; each one's timestamp lies behind its arrival by its disorder.
 */
export const RECORD_COUNT = 1_000_000;
export const KEY_COUNT = 10_000;
export const RECORD_GAP_MS = 6;
/** Disorder is uniform in `[0, DISORDER_MS]`; it is also the watermark's delay. */
export const DISORDER_MS = 5_000;
/** This share of the records comes later still, by `LATER_MS_MIN` to `LATER_MS_MAX`. */
export const LATER_SHARE = 0.001;
const LATER_MS_MIN = 5_000;
const LATER_MS_MAX = 20_000;
const ZIPF_EXPONENT = 1;
const VALUE_MAX = 100;
/** A real date, so that times need the 53 bits that they need at work. */
const START_MS = Date.UTC(2001, 5, 22);

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
}): WorkloadColumns {
  const { count, seed } = options;
  const random = mulberry32(seed);
  const keyAt = zipfSampler(KEY_COUNT, ZIPF_EXPONENT);
  const timestampMs = new Int32Array(count);
  const key = new Int32Array(count);
  const value = new Int32Array(count);
  // Timestamps stay above zero, so that every window starts at or after `startMs`.
  const firstArrivalMs = DISORDER_MS + LATER_MS_MAX;
  for (let i = 0; i < count; i++) {
    let disorderMs = Math.floor(random() * (DISORDER_MS + 1));
    if (random() < LATER_SHARE) {
      disorderMs += LATER_MS_MIN + Math.floor(random() * (LATER_MS_MAX - LATER_MS_MIN + 1));
    }
    timestampMs[i] = firstArrivalMs + i * RECORD_GAP_MS - disorderMs;
    key[i] = keyAt(random());
    value[i] = Math.floor(random() * VALUE_MAX);
  }
  return { startMs: START_MS, keyCount: KEY_COUNT, timestampMs, key, value };
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

/** Maps a uniform number in [0, 1) to a key: key `k` has weight 1 / (k + 1) ** exponent. */
function zipfSampler(keyCount: number, exponent: number): (uniform: number) => number {
  const cumulative = new Float64Array(keyCount);
  let total = 0;
  for (let k = 0; k < keyCount; k++) {
    total += 1 / (k + 1) ** exponent;
    cumulative[k] = total;
  }
  return (uniform) => {
    const target = uniform * total;
    let low = 0;
    let high = keyCount - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulative[middle] ?? 0) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Tommy Ettinger's mulberry32: 32 bits of state, good enough for load, the same everywhere. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
