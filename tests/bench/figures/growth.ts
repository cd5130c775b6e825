/** Whether the time per record, and the memory per key, stay the same as input and state grow. */
import { getHeapStatistics } from 'node:v8';
import { simulate } from '#engine';
import { bytesInUse, collectYoungGarbage } from '../garbage.ts';
import { tumblingCountLoop } from '../loops/tumbling-count.ts';
import { RECORD_GAP_MS, makeWorkload, toRows } from '../workload-data.ts';
import { toLog } from '../workloads/per-record-watermarks.ts';
import { W2_OPTIONS } from '../workloads/tumbling-count-variants.ts';
import { tumblingCountScenario } from '../workloads/tumbling-count.ts';
import { cpuSeconds, rounded } from './figure.ts';
import type { Figure, FigureLine } from './figure.ts';
import { keyedLog, runLiveKeys } from './live-keys.ts';

/** What a record of the input takes as row object and log entry, and as much again for results. */
const HEAP_BYTES_PER_RECORD = 400;

/** W2 with more and more records. */
export const growthInRecords: Figure = {
  title: 'growth in records (W2)',
  lines: function* () {
    for (const recordCount of [1e5, 1e6, 1e7]) yield recordsLine(recordCount);
  },
};

function recordsLine(recordCount: number): FigureLine {
  const neededMb = Math.ceil((recordCount * HEAP_BYTES_PER_RECORD) / 2 ** 20);
  if (getHeapStatistics().heap_size_limit < neededMb * 2 ** 20) {
    const remedy = `node --max-old-space-size=${neededMb + 1000} tests/bench/main.ts --all`;
    return { records: recordCount, skipped: `needs a larger heap: ${remedy}` };
  }
  const rows = toRows(makeWorkload({ count: recordCount, seed: 7 }));
  const scenario = tumblingCountScenario(toLog(rows, RECORD_GAP_MS), W2_OPTIONS);
  const perRecord = (work: () => unknown): number => {
    work();
    collectYoungGarbage();
    return rounded((cpuSeconds(work) / recordCount) * 1e9);
  };
  return {
    records: recordCount,
    engineNsPerRecord: perRecord(() => simulate(scenario)),
    loopNsPerRecord: perRecord(() => tumblingCountLoop(rows, W2_OPTIONS)),
  };
}

/** A count per key with more and more keys that stay. */
export const growthInKeys: Figure = {
  title: 'growth in live keys (a count each, 1,000,000 records or more)',
  lines: function* () {
    for (const keyCount of [1e3, 1e4, 1e5, 1e6]) yield keysLine(keyCount);
  },
};

function keysLine(keyCount: number): FigureLine {
  const records = keyedLog(keyCount, Math.max(1e6 / keyCount, 2));
  const before = bytesInUse();
  let bytes = 0;
  runLiveKeys(records, { onLast: () => (bytes = bytesInUse() - before) });
  collectYoungGarbage();
  const seconds = cpuSeconds(() => runLiveKeys(records));
  return {
    keys: keyCount,
    nsPerRecord: rounded((seconds / records.length) * 1e9),
    bytesPerKey: rounded(bytes / keyCount),
  };
}
