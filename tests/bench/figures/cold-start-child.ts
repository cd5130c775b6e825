/** Runs W2 ten times in a fresh process and prints how long the first and the last took, in ms. */
import { simulate } from '#engine';
import { RECORD_GAP_MS, makeWorkload, toRows } from '../workload-data.ts';
import { toLog } from '../workloads/per-record-watermarks.ts';
import { tumblingCountScenario } from '../workloads/tumbling-count.ts';
import { cpuSeconds } from './figure.ts';

const RUNS = 10;

const rows = toRows(makeWorkload({ count: Number(process.argv[2]), seed: 7 }));
const log = toLog(rows, RECORD_GAP_MS);
const scenario = tumblingCountScenario(log, { windowMs: 10_000, delayMs: 5_000 });
const times = Array.from({ length: RUNS }, () => cpuSeconds(() => simulate(scenario)) * 1000);
console.log(JSON.stringify({ cold: times[0], warm: times[RUNS - 1] }));
