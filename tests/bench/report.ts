/** What `npm run bench` prints. */
import type { Line } from './measure.ts';
import type { Goals, Workload } from './workload.ts';

const COLUMNS = [5, 43, 11, 9, 19, 19, 21] as const;

/** The head of the table. */
export function tableHead(): string {
  const names = [
    '',
    'workload',
    'records',
    'M rec/s',
    'of the loop',
    'of its own',
    "× limit's time",
  ];
  return `${line(names)}\n${line(COLUMNS.map((width) => '-'.repeat(width - 2)))}`;
}

/** One workload: what was reached, and `≥` or `≤` what was to be. `!` marks what falls short. */
export function tableRow({ id, title, goals }: Workload, measured: Line): string {
  const { records, engineRecordsPerSecond, ratio, ofOwn, toLimit } = measured;
  const row = line([
    id,
    title,
    records.toLocaleString('en'),
    (engineRecordsPerSecond / 1e6).toFixed(2),
    reached(ratio, goals.ofLoop, '≥'),
    reached(ofOwn, ownShare(goals), '≥'),
    reached(toLimit, goals.timesLimit, '≤'),
  ]);
  const extras = Object.entries(measured.extras ?? {});
  return [row, ...extras.map(([name, value]) => `       ${name} ${value.toFixed(1)}`)].join('\n');
}

/** The first goal; times its own time is the same, turned over. */
function ownShare({ ofOwn, timesOwn }: Goals): number | undefined {
  return ofOwn ?? (timesOwn === undefined ? undefined : 1 / timesOwn);
}

function reached(value: number | undefined, goal: number | undefined, sign: '≥' | '≤'): string {
  if (value === undefined) return '';
  if (goal === undefined) return value.toFixed(2);
  const isMet = sign === '≥' ? value >= goal : value <= goal;
  return `${value.toFixed(2)} (${sign} ${goal.toFixed(2)})${isMet ? '' : ' !'}`;
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, i) => (i < 2 ? cell.padEnd(COLUMNS[i]) : cell.padStart(COLUMNS[i])))
    .join('')
    .trimEnd();
}
