import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { replay } from './replay.ts';
import { KINDS, drawConformance } from './scenario.ts';
import type { Recorded } from './scenario.ts';

/** What Flink 2.3.0 has emitted in batch execution mode; record.ts keeps it. */
const RECORDED = readFileSync(new URL('./recorded.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

describe.each(KINDS)('%s', (kind) => {
  const ofKind = RECORDED.filter((recorded) => recorded.kind === kind);

  test('there are scenarios, and they emit something', () => {
    expect(ofKind.filter(({ emitted }) => emitted !== '').length).toBeGreaterThan(10);
  });

  test.each(['full', 'none'] as const)('the engine emits what Flink does, trace: %s', (trace) => {
    for (const { emitted, ...scenario } of ofKind) {
      expect([scenario, replay(scenario, trace)]).toEqual([scenario, emitted]);
    }
  });
});

test('scenarios are those that the seeds draw', () => {
  RECORDED.forEach(({ kind, streams }, seed) => {
    expect({ kind, streams }).toEqual(drawConformance(seed));
  });
});
