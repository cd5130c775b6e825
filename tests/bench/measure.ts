/**
 * Measures the sides of a workload in turns in one process. Absolute times on a shared machine mean
 * nothing; ratios of medians do. A side's time is what the main thread used of its core: waiting
 * for a core that others have does not count, nor what the compiler and the garbage collector do in
 * threads of their own; pauses for garbage do count.
 */
import { collectYoungGarbage } from './garbage.ts';
import type { PreparedWorkload, SideName, Workload } from './workload.ts';

/** Rounds that count; at least five. */
export const ROUNDS = 5;

/** One line of `--json`. Speeds of sides that a workload does not have are left out. */
export interface Line {
  readonly workload: string;
  readonly records: number;
  readonly engineRecordsPerSecond: number;
  readonly loopRecordsPerSecond?: number;
  readonly limitRecordsPerSecond?: number;
  readonly ownRecordsPerSecond?: number;
  /** The engine's speed as a share of the loop's. */
  readonly ratio?: number;
  /** The engine's time in times the limit's. */
  readonly toLimit?: number;
  /** The engine's speed as a share of its own without what the workload adds. */
  readonly ofOwn?: number;
  /** The smallest and the largest ratio of a single round: how much to believe the median. */
  readonly ratioRange?: readonly [number, number];
  readonly outputHash: string;
  readonly extras?: { readonly [name: string]: number };
}

/** @throws Error when the sides' outputs are not the same. */
export function measure(
  workload: Workload,
  { records, sides, extras }: PreparedWorkload,
  rounds: number,
): Line {
  const secondsOf = new Map<SideName, number[]>(sides.map(({ name }) => [name, []]));
  const hashes = new Map<SideName, string>();
  // The first round warms up and is checked instead of counted.
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of sides) {
      // Else this side would pay for what the one before has left behind.
      collectYoungGarbage();
      const start = process.threadCpuUsage();
      const output = side.run();
      const { user, system } = process.threadCpuUsage(start);
      if (round === 0) hashes.set(side.name, output());
      else secondsOf.get(side.name)?.push((user + system) / 1e6);
    }
  }
  const outputHash = commonHash(workload.id, hashes);
  return { ...toLine(workload.id, records, secondsOf), outputHash, ...withExtras(extras?.()) };
}

function toLine(
  workload: string,
  records: number,
  secondsOf: ReadonlyMap<SideName, readonly number[]>,
): Omit<Line, 'outputHash'> {
  const rate = (name: SideName): number => records / median(secondsOf.get(name) ?? []);
  const engine = rate('engine');
  const has = (name: SideName): boolean => secondsOf.has(name);
  return {
    workload,
    records,
    engineRecordsPerSecond: Math.round(engine),
    ...(has('loop') && {
      loopRecordsPerSecond: Math.round(rate('loop')),
      ratio: round3(engine / rate('loop')),
      ratioRange: rangeOf(secondsOf.get('loop') ?? [], secondsOf.get('engine') ?? []),
    }),
    ...(has('limit') && {
      limitRecordsPerSecond: Math.round(rate('limit')),
      toLimit: round3(rate('limit') / engine),
    }),
    ...(has('own') && {
      ownRecordsPerSecond: Math.round(rate('own')),
      ofOwn: round3(engine / rate('own')),
    }),
  };
}

function rangeOf(loop: readonly number[], engine: readonly number[]): [number, number] {
  const ratios = loop.map((seconds, round) => round3(seconds / engine[round]));
  return [Math.min(...ratios), Math.max(...ratios)];
}

function withExtras(extras: Line['extras']): Pick<Line, 'extras'> {
  return extras === undefined ? {} : { extras };
}

function commonHash(workload: string, hashes: ReadonlyMap<SideName, string>): string {
  const [first] = hashes.values();
  if (first === undefined || new Set(hashes.values()).size > 1) {
    const shown = [...hashes].map(([name, hash]) => `${name} ${hash}`).join(', ');
    throw new Error(
      `${workload}: the sides' outputs differ (${shown}). Compare their first rows on few records.`,
    );
  }
  return first;
}

/** NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

export function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
