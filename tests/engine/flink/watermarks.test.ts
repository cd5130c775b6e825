import { describe, expect, test } from 'vitest';
import { TraceReader, WATERMARK_MIN, explainSilence, simulate } from '#engine';
import type { CountOptions } from '../stream-notation.ts';
import { countScenario, outputs, traceOf } from '../stream-notation.ts';

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
