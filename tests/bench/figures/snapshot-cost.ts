/** What a checkpoint costs, by the number of keys that it holds. */
import { collectYoungGarbage } from '../garbage.ts';
import { median } from '../measure.ts';
import { RECORD_GAP_MS } from '../workload-data.ts';
import { cpuSeconds, rounded } from './figure.ts';
import type { Figure, FigureLine } from './figure.ts';
import { keyedLog, runLiveKeys } from './live-keys.ts';

const ROUNDS = 5;
const CHECKPOINTS = 10;
/** Each key comes once before the first checkpoint, so that all of them hold all keys. */
const KEY_ROUNDS = CHECKPOINTS + 1;

export const snapshotCost: Figure = {
  title: 'cost of a checkpoint by size of state',
  lines: function* () {
    for (const keyCount of [1e3, 1e4, 1e5]) yield snapshotLine(keyCount);
  },
};

/** With checkpoints less without, in turns. */
function snapshotLine(keyCount: number): FigureLine {
  const records = keyedLog(keyCount, KEY_ROUNDS);
  const checkpointIntervalMs = keyCount * RECORD_GAP_MS;
  const differences: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    collectYoungGarbage();
    const without = cpuSeconds(() => runLiveKeys(records));
    collectYoungGarbage();
    const withThem = cpuSeconds(() => runLiveKeys(records, { checkpointIntervalMs }));
    if (round > 0) differences.push((withThem - without) / CHECKPOINTS);
  }
  const seconds = median(differences);
  return {
    keys: keyCount,
    msPerCheckpoint: rounded(seconds * 1e3),
    nsPerKey: rounded((seconds / keyCount) * 1e9),
  };
}
