/** What `--all` prints besides the workloads. */
import { coldStart } from './cold-start.ts';
import type { Figure } from './figure.ts';
import { growthInKeys, growthInRecords } from './growth.ts';
import { seekTime } from './seek-time.ts';
import { snapshotCost } from './snapshot-cost.ts';

export const FIGURES: readonly Figure[] = [
  growthInRecords,
  growthInKeys,
  snapshotCost,
  seekTime,
  coldStart,
];
