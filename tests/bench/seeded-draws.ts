/** Random draws that are the same on each machine for the same seed. */

/** Tommy Ettinger's mulberry32: 32 bits of state, good enough for load. Gives [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Maps a uniform number in [0, 1) to a key: key `k` has weight 1 / (k + 1) ** exponent. */
export function zipfSampler(keyCount: number, exponent: number): (uniform: number) => number {
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
      if (cumulative[middle] > target) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
