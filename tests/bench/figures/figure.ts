/** One line of a figure: names with units, and what was measured. */
export type FigureLine = { readonly [name: string]: number | string };

/** Something to print besides the workloads: `npm run bench -- --all`. */
export interface Figure {
  readonly title: string;
  /** Measures; each line is printed as soon as it is there. */
  readonly lines: () => Iterable<FigureLine>;
}

/** Seconds that the main thread used of its core while `work` ran. */
export function cpuSeconds(work: () => void): number {
  const start = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1e6;
}

/** For reading: three significant digits are more than such a measurement holds. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** The value below which `share` of the values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
