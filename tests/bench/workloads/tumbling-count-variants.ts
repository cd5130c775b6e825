/** W2, and what checkpoints, a trace and parallelism add to it. */
import { simulate } from '#engine';
import type { Run, Scenario } from '#engine';
import { outputHash } from '../loops/output-hash.ts';
import { tumblingCountCheckpointsLoop } from '../loops/tumbling-count-checkpoints.ts';
import { allocateOutput, toResult, tumblingCountLimit } from '../loops/tumbling-count-limit.ts';
import { tumblingCountPartitionsLoop } from '../loops/tumbling-count-partitions.ts';
import {
  tumblingCountCheckpointsLimit,
  tumblingCountPartitionsLimit,
} from '../loops/tumbling-count-variants-limit.ts';
import { tumblingCountLoop } from '../loops/tumbling-count.ts';
import type { WindowCount } from '../loops/tumbling-count.ts';
import type { Side, SideName, Workload } from '../workload.ts';
import { RECORD_COUNT, RECORD_GAP_MS, makeWorkload, toRows } from '../workload-data.ts';
import { traceBytes } from '../figures/trace-bytes.ts';
import { sinkRows, toLog } from './per-record-watermarks.ts';
import { tumblingCountScenario } from './tumbling-count.ts';

const WINDOW_MS = 10_000;
const CHECKPOINT_RECORDS = 50_000;
const PARALLELISM = 4;
/** The options of W2. */
export const W2_OPTIONS = { windowMs: WINDOW_MS, delayMs: 5_000 };
const CHECKPOINTED = { ...W2_OPTIONS, checkpointRecords: CHECKPOINT_RECORDS };
const PARTITIONED = { ...W2_OPTIONS, partitionCount: PARALLELISM };
const CHECKPOINT_INTERVAL_MS = CHECKPOINT_RECORDS * RECORD_GAP_MS;

function engineSide(name: SideName, scenario: Scenario, onRun?: (run: Run) => void): Side {
  return {
    name,
    run: () => {
      const run = simulate(scenario);
      onRun?.(run);
      return () => outputHash(sinkRows<WindowCount>(run, 'counts'));
    },
  };
}

function loopSide(loop: () => readonly WindowCount[]): Side {
  return {
    name: 'loop',
    run: () => {
      const rows = loop();
      return () => outputHash(rows);
    },
  };
}

/** The input of all of them. */
function prepareInput(recordCount = RECORD_COUNT) {
  const columns = makeWorkload({ count: recordCount, seed: 7 });
  const rows = toRows(columns);
  const space = allocateOutput(recordCount);
  const limitSide = (limit: () => { readonly rowCount: number }): Side => ({
    name: 'limit',
    run: () => {
      const { rowCount } = limit();
      const result = { startMs: columns.startMs, lateCount: 0, rowCount, ...space };
      return () => outputHash(toResult(result).rows);
    },
  });
  return { columns, rows, space, log: toLog(rows, RECORD_GAP_MS), limitSide };
}

export const tumblingCount: Workload = {
  id: 'W2',
  title: 'keyed tumbling 10 s count and sum',
  goals: { ofLoop: 1, timesLimit: 2 },
  prepare: async (recordCount) => {
    const { columns, rows, space, log, limitSide } = prepareInput(recordCount);
    return {
      records: rows.length,
      sides: [
        engineSide('engine', tumblingCountScenario(log, W2_OPTIONS)),
        loopSide(() => tumblingCountLoop(rows, W2_OPTIONS).rows),
        limitSide(() => tumblingCountLimit(columns, W2_OPTIONS, space)),
      ],
    };
  },
};

/** W7: what it costs to be able to go on after a failure. */
export const tumblingCountCheckpointed: Workload = {
  id: 'W7',
  title: 'W2, a checkpoint every 50,000 records',
  goals: { ofOwn: 0.9, timesOwn: 1.05 },
  prepare: async (recordCount) => {
    const { columns, rows, space, log, limitSide } = prepareInput(recordCount);
    const variant = { checkpointIntervalMs: CHECKPOINT_INTERVAL_MS };
    return {
      records: rows.length,
      sides: [
        engineSide('own', tumblingCountScenario(log, W2_OPTIONS)),
        engineSide('engine', tumblingCountScenario(log, W2_OPTIONS, variant)),
        loopSide(() => tumblingCountCheckpointsLoop(rows, CHECKPOINTED).rows),
        limitSide(() => tumblingCountCheckpointsLimit(columns, CHECKPOINTED, space)),
      ],
    };
  },
};

/** W10: what it costs to be able to explain every result. */
export const tumblingCountTraced: Workload = {
  id: 'W10',
  title: 'W2 with the full trace',
  goals: { ofLoop: 0.4, timesOwn: 1.7 },
  prepare: async (recordCount) => {
    const { columns, rows, space, log, limitSide } = prepareInput(recordCount);
    let bytes = { columns: 0, values: 0, rows: 0 };
    const measureOnce = ({ trace }: Run): void => {
      if (trace !== undefined && bytes.rows === 0) bytes = traceBytes(trace);
    };
    return {
      records: rows.length,
      sides: [
        engineSide('own', tumblingCountScenario(log, W2_OPTIONS)),
        engineSide(
          'engine',
          tumblingCountScenario(log, W2_OPTIONS, { trace: 'full' }),
          measureOnce,
        ),
        loopSide(() => tumblingCountLoop(rows, W2_OPTIONS).rows),
        limitSide(() => tumblingCountLimit(columns, W2_OPTIONS, space)),
      ],
      extras: () => ({
        traceRowsPerRecord: bytes.rows / rows.length,
        traceColumnBytesPerRecord: bytes.columns / rows.length,
        traceValueJsonBytesPerRecord: bytes.values / rows.length,
      }),
    };
  },
};

/** W11: what it costs to send records to other subtasks, and barriers along with them. */
export const tumblingCountParallel: Workload = {
  id: 'W11',
  title: 'W2 at parallelism 4, aligned checkpoints',
  goals: { ofLoop: 0.4, timesLimit: 4 },
  prepare: async (recordCount) => {
    const { columns, rows, space, log, limitSide } = prepareInput(recordCount);
    const own = { partitionCount: PARALLELISM };
    const variant = {
      ...own,
      parallelism: PARALLELISM,
      checkpointIntervalMs: CHECKPOINT_INTERVAL_MS,
    };
    return {
      records: rows.length,
      sides: [
        engineSide('own', tumblingCountScenario(log, W2_OPTIONS, own)),
        engineSide('engine', tumblingCountScenario(log, W2_OPTIONS, variant)),
        loopSide(() => tumblingCountPartitionsLoop(rows, PARTITIONED).rows),
        limitSide(() => tumblingCountPartitionsLimit(columns, PARTITIONED, space)),
      ],
    };
  },
};
