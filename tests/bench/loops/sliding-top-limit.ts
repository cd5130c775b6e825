/**
 * W3 as fast as we know how: the rules of `sliding-top.ts` with a ring of dense panes, and the sum
 * of the panes of the next window kept up to date, so that a window costs two panes, not six.
 */
import type { WorkloadColumns } from '../workload-data.ts';
import type { RankedCount, SlidingTopOptions, SlidingTopResult } from './sliding-top.ts';

/** The limit. Times inside are relative to the workload's start, a multiple of the slide. */
export function slidingTopLimit(
  columns: WorkloadColumns,
  { windowMs, slideMs, delayMs, top }: SlidingTopOptions,
): SlidingTopResult {
  const { keyCount, timestampMs, key: keys, startMs } = columns;
  const panesPerWindow = windowMs / slideMs;
  const slotCount = panesPerWindow + Math.ceil(delayMs / slideMs) + 2;
  const panes = new Int32Array(slotCount * keyCount);
  const totals = new Int32Array(keyCount);
  const bestKey = new Int32Array(top);
  const bestCount = new Int32Array(top);
  const rows: RankedCount[] = [];
  let lateCount = 0;
  let lastPane = -1;
  // The window that fires next ends behind this pane.
  let closing = -1;
  let nextFireAt = -1;

  const fire = (): void => {
    let found = 0;
    for (let key = 0; key < keyCount; key++) {
      const count = totals[key];
      if (count === 0 || (found === top && count <= bestCount[top - 1])) continue;
      let place = found < top ? found++ : top - 1;
      for (; place > 0 && bestCount[place - 1] < count; place--) {
        bestCount[place] = bestCount[place - 1];
        bestKey[place] = bestKey[place - 1];
      }
      bestCount[place] = count;
      bestKey[place] = key;
    }
    const windowEnd = startMs + (closing + 1) * slideMs;
    for (let rank = 0; rank < found; rank++) {
      rows.push({ windowEnd, rank, key: bestKey[rank], count: bestCount[rank] });
    }
    const oldest = closing - panesPerWindow + 1;
    const oldBase = (oldest % slotCount) * keyCount;
    const newBase = ((closing + 1) % slotCount) * keyCount;
    if (oldest >= 0) {
      for (let key = 0; key < keyCount; key++) {
        totals[key] += panes[newBase + key] - panes[oldBase + key];
        panes[oldBase + key] = 0;
      }
    } else {
      for (let key = 0; key < keyCount; key++) totals[key] += panes[newBase + key];
    }
    closing += 1;
    nextFireAt += slideMs;
  };

  for (let i = 0; i < timestampMs.length; i++) {
    const timestamp = timestampMs[i];
    const pane = (timestamp / slideMs) | 0;
    if (closing === -1) {
      // Records may still come for earlier panes: windows without records fire nothing.
      closing = 0;
      nextFireAt = slideMs + delayMs;
    }
    if (pane <= closing - panesPerWindow) {
      lateCount++;
      continue;
    }
    while (timestamp >= nextFireAt) fire();
    if (pane > lastPane) lastPane = pane;
    const key = keys[i];
    panes[(pane % slotCount) * keyCount + key]++;
    if (pane <= closing) totals[key]++;
  }
  while (closing < lastPane + panesPerWindow) fire();
  return { rows, lateCount };
}
