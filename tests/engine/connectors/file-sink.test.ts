import { describe, expect, test } from 'vitest';
import { TraceReader, WatermarkStrategy, fileSink, logSource, simulate } from '#engine';
import type { Fault, RollingPolicy, Run, TraceKind } from '#engine';
import { arrivals } from '../flink/counting-job.ts';
import type { Item } from '../stream-notation.ts';
import { traceOf } from '../stream-notation.ts';

interface Options {
  readonly rolling: RollingPolicy;
  readonly faults?: readonly Fault[];
  readonly checkpointEveryS?: number;
}

/** Writes records as they are; a bucket per key, looked at every 10 s. */
function write(text: string, { rolling, faults = [], checkpointEveryS }: Options): Run {
  return simulate({
    name: 'files',
    seed: 1,
    logs: { in: { partitions: [arrivals(text)] } },
    cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
    faults,
    trace: 'full',
    job: (env) => {
      if (checkpointEveryS !== undefined) env.enableCheckpointing(checkpointEveryS * 1000);
      env.configure({
        'restart-strategy.type': 'fixed-delay',
        'restart-strategy.fixed-delay.delay': 1000,
      });
      const bucket = (item: Item): string => item.key;
      const sink = fileSink<Item>({ name: 'out', bucket, rolling, bucketCheckIntervalMs: 10_000 });
      env
        .fromSource(logSource<Item>('in'), WatermarkStrategy.noWatermarks<Item>(), 'in')
        .sinkTo(sink);
    },
  });
}

const FILE_KINDS: readonly TraceKind[] = [
  'file-opened',
  'file-closed',
  'file-finished',
  'file-truncated',
];

/** What happened to files, as `opened 0@2`: the file and the second. */
function timeline(run: Run): string[] {
  const reader = new TraceReader(traceOf(run));
  const lines: string[] = [];
  for (
    let row = reader.nextRow(-1, FILE_KINDS);
    row !== -1;
    row = reader.nextRow(row, FILE_KINDS)
  ) {
    const { kind, d, atMs, b } = reader.event(row);
    const rest = kind === 'file-truncated' ? ` to ${b}` : '';
    lines.push(`${kind.slice(5)} ${d}@${atMs / 1000}${rest}`);
  }
  return lines;
}

describe('a file is ended', () => {
  test('at every checkpoint, when it is written in bulk', () => {
    const run = write('a@1 a@2.5 a@4.5', {
      rolling: { type: 'on-checkpoint' },
      checkpointEveryS: 2,
    });
    expect(timeline(run)).toEqual([
      ...['opened 0@1', 'closed 0@3', 'finished 0@3'],
      ...['opened 1@4.5', 'closed 1@4.5', 'finished 1@4.5'],
    ]);
  });

  test('by the row that finds it too large', () => {
    // A row has 25 bytes: the third finds 50, the fourth 75.
    const rolling = { type: 'default', partSizeBytes: 60 } as const;
    const run = write('a@1 a@2 a@3 a@4 a@5', { rolling, checkpointEveryS: 100 });
    expect(timeline(run)).toEqual([
      ...['opened 0@1', 'closed 0@4', 'opened 1@4', 'closed 1@5', 'finished 0@5', 'finished 1@5'],
    ]);
  });

  test('by the clock, when the writer looks: after a minute, or when nothing comes', () => {
    const rolling = { type: 'default', inactivityIntervalMs: 15_000 } as const;
    const run = write('a@1 a@12 a@20 a@45 a@60 a@75 a@90 a@105 a@120', {
      rolling,
      checkpointEveryS: 1000,
    });
    expect(timeline(run)).toEqual([
      ...['opened 0@1', 'closed 0@41', 'opened 1@45'],
      ...['closed 1@111', 'opened 2@120', 'closed 2@120'],
      ...['finished 0@120', 'finished 1@120', 'finished 2@120'],
    ]);
  });
});

test('a file that is open at a checkpoint is cut back to it, and goes on', () => {
  const run = write('a@1 a@2.5 a@3.5 a@20', {
    rolling: { type: 'default' },
    checkpointEveryS: 2,
    faults: [{ type: 'job-manager-crash', when: { atMs: 4000 } }],
  });
  expect(timeline(run)).toEqual([
    ...['opened 0@1', 'truncated 0@5 to 2', 'closed 0@20', 'finished 0@20'],
  ]);
  const [, files] = run.stores['out']?.tables() ?? [];
  expect(files?.rows).toEqual([
    { path: 'a/part-0-0', status: 'finished', row_count: 4, size_bytes: expect.any(Number) },
  ]);
});

test('a failed attempt leaves its files behind under hidden names', () => {
  const run = write('a@1 a@2.5 b@2.8 a@20', {
    rolling: { type: 'on-checkpoint' },
    checkpointEveryS: 2,
    faults: [{ type: 'job-manager-crash', when: { atMs: 2900 } }],
  });
  const [rows, files] = run.stores['out']?.tables() ?? [];
  expect(rows?.rows.map(({ key }) => key).sort()).toEqual(['a', 'a', 'a', 'b']);
  const hidden = files?.rows.filter(({ path }) => String(path).includes('/.'));
  expect(hidden?.map(({ path, status }) => `${String(path)} ${String(status)}`)).toEqual([
    'a/.part-0-0.inprogress in-progress',
    'b/.part-0-1.inprogress in-progress',
  ]);
});

test('limits that are not positive are refused', () => {
  expect(() => fileSink({ name: 'out', rolling: { type: 'default', partSizeBytes: 0 } })).toThrow(
    'partSizeBytes of a rolling policy must be positive: got 0; leave it out',
  );
});
