/** How long it takes to see the picture after any row of a trace, once its keyframes are made. */
import { TraceReader, simulate } from '#engine';
import type { Trace } from '#engine';
import { mulberry32 } from '../seeded-draws.ts';
import { RECORD_GAP_MS, makeWorkload, toRows } from '../workload-data.ts';
import { toLog } from '../workloads/per-record-watermarks.ts';
import { W2_OPTIONS } from '../workloads/tumbling-count-variants.ts';
import { tumblingCountScenario } from '../workloads/tumbling-count.ts';
import { quantile, rounded } from './figure.ts';
import type { Figure, FigureLine } from './figure.ts';
import { keyedLog, runLiveKeys } from './live-keys.ts';

const SEEKS = 300;
/** About as many records as make a trace of 1,000,000 rows. */
const W2_RECORDS = 200_000;
/** The goal is for 100,000, where the reader's keyframes do not fit into a heap of 6 GB. */
const LIVE_KEYS = 10_000;

/** In Node, by the clock. In a browser, and with the repaint, it is another figure. */
export const seekTime: Figure = {
  title: 'seeking in a trace',
  lines: function* () {
    const rows = toRows(makeWorkload({ count: W2_RECORDS, seed: 7 }));
    const log = toLog(rows, RECORD_GAP_MS);
    const { trace } = simulate(tumblingCountScenario(log, W2_OPTIONS, { trace: 'full' }));
    yield seekLine('W2', trace);
    const keyed = runLiveKeys(keyedLog(LIVE_KEYS, 2), { trace: 'full' });
    yield seekLine(`${LIVE_KEYS.toLocaleString('en')} live keys`, keyed.trace);
  },
};

function seekLine(name: string, trace: Trace | undefined): FigureLine {
  if (trace === undefined) throw new Error(`${name}: the run must leave a trace: use trace 'full'`);
  const reader = new TraceReader(trace);
  const random = mulberry32(7);
  const first = millisecondsOf(() => reader.frameAt(trace.rowCount - 1));
  const times = Array.from({ length: SEEKS }, () => {
    const row = Math.floor(random() * trace.rowCount);
    return millisecondsOf(() => reader.frameAt(row));
  });
  return {
    trace: name,
    rows: trace.rowCount,
    firstMs: rounded(first),
    p50Ms: rounded(quantile(times, 0.5)),
    p99Ms: rounded(quantile(times, 0.99)),
  };
}

function millisecondsOf(work: () => unknown): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}
