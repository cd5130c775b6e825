/**
 * `npm run bench` prints how fast the engine is, as a ratio to what a good engineer would write by
 * hand (the loop) and to the same with typed arrays (the limit). All sides run in turns in one
 * process: absolute times on a shared machine mean nothing. `--json` prints one line per workload.
 */
import { outputHash } from './loops/output-hash.ts';
import { allocateOutput, toResult, tumblingCountLimit } from './loops/tumbling-count-limit.ts';
import { tumblingCountLoop } from './loops/tumbling-count.ts';
import type { WindowCount } from './loops/tumbling-count.ts';
import { RECORD_COUNT, makeWorkload, toRows } from './workload-data.ts';
import { toLog, tumblingCountEngine, tumblingCountScenario } from './workloads/tumbling-count.ts';

const ROUNDS = 7;
const OPTIONS = { windowMs: 10_000, delayMs: 5_000 };

interface Side {
  readonly name: 'engine' | 'loop' | 'limit';
  /** Runs once and returns a way to the output, which is not part of the measurement. */
  readonly run: () => () => readonly WindowCount[];
}

interface Line {
  readonly workload: string;
  readonly records: number;
  readonly engineRecordsPerSecond: number;
  readonly loopRecordsPerSecond: number;
  readonly limitRecordsPerSecond: number;
  readonly ratio: number;
  readonly toLimit: number;
  readonly outputHash: string;
}

function measure(workload: string, records: number, sides: readonly Side[]): Line {
  const secondsOf = new Map(sides.map((side) => [side.name, [] as number[]]));
  const hashes = new Set<string>();
  // The first round warms up and is checked instead of counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const side of sides) {
      const startMs = performance.now();
      const output = side.run();
      const seconds = (performance.now() - startMs) / 1000;
      if (round === 0) hashes.add(outputHash(output()));
      else secondsOf.get(side.name)?.push(seconds);
    }
  }
  if (hashes.size !== 1) {
    throw new Error(`${workload}: the sides' outputs differ (${[...hashes].join(', ')})`);
  }
  const rate = (name: Side['name']): number => records / median(secondsOf.get(name) ?? []);
  return {
    workload,
    records,
    engineRecordsPerSecond: Math.round(rate('engine')),
    loopRecordsPerSecond: Math.round(rate('loop')),
    limitRecordsPerSecond: Math.round(rate('limit')),
    ratio: round3(rate('engine') / rate('loop')),
    toLimit: round3(rate('limit') / rate('engine')),
    outputHash: [...hashes][0] as string,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function tumblingCount(): Line {
  const columns = makeWorkload({ count: RECORD_COUNT, seed: 7 });
  const rows = toRows(columns);
  const scenario = tumblingCountScenario(toLog(rows), OPTIONS);
  const space = allocateOutput(rows.length);
  return measure('W2 keyed tumbling 10 s count and sum', rows.length, [
    {
      name: 'engine',
      run: () => {
        const run = tumblingCountEngine(scenario);
        return () => (run.sinks['counts'] ?? []).map(({ row }) => row as unknown as WindowCount);
      },
    },
    {
      name: 'loop',
      run: () => {
        const { rows: output } = tumblingCountLoop(rows, OPTIONS);
        return () => output;
      },
    },
    {
      name: 'limit',
      run: () => {
        const output = tumblingCountLimit(columns, OPTIONS, space);
        return () => toResult(output).rows;
      },
    },
  ]);
}

const line = tumblingCount();
if (process.argv.includes('--json')) {
  console.log(JSON.stringify(line));
} else {
  console.log(line.workload);
  console.log(`  records          ${line.records.toLocaleString('en')}`);
  console.log(`  engine, loop     ${line.ratio} of the loop's speed`);
  console.log(`  engine, limit    ${line.toLimit} times the limit's time`);
  console.log(`  output           ${line.outputHash}, the same on all sides`);
}
