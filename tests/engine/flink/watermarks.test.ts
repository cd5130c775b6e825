import { describe, expect, test } from 'vitest';
import {
  TraceReader,
  WATERMARK_MIN,
  WatermarkStrategy,
  appendSink,
  explainSilence,
  logSource,
  simulate,
} from '#engine';
import type { CountOptions, Item } from '../stream-notation.ts';
import { PerRecordWatermarks, countScenario, outputs, traceOf } from '../stream-notation.ts';

function finalWatermarkS(partitions: readonly string[], options: CountOptions): number | 'none' {
  const reader = new TraceReader(traceOf(simulate(countScenario(partitions, options))));
  const frame = reader.frameAt(reader.rowCount - 1);
  const window = reader.trace.header.subtasks.findIndex((info) => info.operator === 'window');
  const watermarkMs = frame.subtasks[window]?.watermarkMs ?? WATERMARK_MIN;
  return watermarkMs === WATERMARK_MIN ? 'none' : watermarkMs / 1000;
}

describe('watermarks of several partitions', () => {
  test('the slowest partition holds the watermark, whoever reads it', () => {
    const options = { sizeS: 10, delayS: 2 };
    expect(finalWatermarkS(['25 _', '_ 3'], options)).toBe(0.999);
    expect(finalWatermarkS(['25 _', '_ 3'], { ...options, sourceParallelism: 2 })).toBe(0.999);
  });

  test('a partition without data holds it at the beginning', () => {
    expect(finalWatermarkS(['5 25', ''], { sizeS: 10, delayS: 2 })).toBe('none');
  });

  test('an idle partition holds nothing', () => {
    const options = { sizeS: 10, delayS: 2, idleTimeoutS: 5, watermarks: 'periodic' } as const;
    const partitions = ['1 2 3 4 5 6 7 8 9 25', '3'];
    expect(finalWatermarkS(partitions, options)).toBe(22.999);
  });

  test('a partition that wakes with an old record does not move the watermark back', () => {
    const options = { sizeS: 10, delayS: 2, idleTimeoutS: 5, watermarks: 'periodic' } as const;
    const awake = '1 2 3 4 5 6 7 8 9 25 26 27 28 29 30';
    const run = simulate(countScenario([awake, '3 _ _ _ _ _ _ _ _ _ _ _ 4'], options));
    const trace = traceOf(run);
    const reader = new TraceReader(trace);
    const seen: number[] = [];
    for (let row = reader.nextRow(-1, ['watermark-advanced']); row !== -1;) {
      seen.push(reader.event(row).a);
      row = reader.nextRow(row, ['watermark-advanced']);
    }
    expect(seen).toEqual([...seen].sort((left, right) => left - right));
    expect(outputs(run)).toContain('[0,10) k=10');
  });

  test('silence names the partition that holds the watermark', () => {
    const trace = traceOf(simulate(countScenario(['5 25', '3'], { sizeS: 10, delayS: 2 })));
    const reader = new TraceReader(trace);
    const silence = explainSilence(reader, reader.rowCount - 1);
    const held = silence.subtasks[0]?.heldBy?.split;
    expect(held === undefined ? undefined : trace.header.splits[held]?.partition).toBe(1);
    expect(silence.text.join(' ')).toContain('in-1');
  });
});

describe('watermark alignment', () => {
  // Partition 0 comes ten times faster than partition 1.
  const fast = Array.from({ length: 12 }, (_, place) => ({
    value: { key: 'fast', atMs: place * 10_000 },
    timestampMs: place * 10_000,
    arrivalMs: 1000 + place * 300,
  }));
  const slow = Array.from({ length: 12 }, (_, place) => ({
    value: { key: 'slow', atMs: place * 10_000 },
    timestampMs: place * 10_000,
    arrivalMs: 1000 + place * 3000,
  }));

  function largestGapS(alignment: boolean): number {
    const base = countScenario(['', ''], { sizeS: 10, delayS: 0 });
    // Per record, since a source reads on until its next watermark, however fast it can.
    const plain = WatermarkStrategy.forGenerator<Item>(() => new PerRecordWatermarks(0));
    const run = simulate({
      ...base,
      logs: { in: { partitions: [fast, slow] } },
      job: (env) => {
        const strategy = alignment ? plain.withWatermarkAlignment('all', 20_000) : plain;
        env
          .setParallelism(2)
          .fromSource(logSource<Item>('in'), strategy, 'in')
          .map((item) => item.atMs)
          .sinkTo(appendSink({ name: 'out' }));
      },
    });
    expect(run.outcome).toBe('finished');
    expect(run.sinks['out']).toHaveLength(24);
    const reader = new TraceReader(traceOf(run));
    let gapMs = 0;
    let row = reader.nextRow(-1, ['record-read']);
    while (row !== -1) {
      const [first, second] = reader.frameAt(row).splits.map((split) => split.offset);
      const isBoth = (first ?? 0) > 0 && (second ?? 0) > 0;
      if (isBoth) gapMs = Math.max(gapMs, ((first ?? 0) - (second ?? 0)) * 10_000);
      row = reader.nextRow(row, ['record-read']);
    }
    return gapMs / 1000;
  }

  test('pauses the split that runs ahead, and reads everything in the end', () => {
    expect(largestGapS(false)).toBe(100);
    // 20 s of drift, and the one record that goes beyond it.
    expect(largestGapS(true)).toBe(30);
  });
});
