import { describe, expect, test } from 'vitest';
import { TRACE_KINDS, TraceReader, explainOutput, simulate, traceHash } from '#engine';
import { Fold } from '../../../engine/trace/fold.ts';
import { countScenario, forEachSeed, traceOf } from '../stream-notation.ts';

const crash = { type: 'task-manager-crash', taskManager: 0, when: { atMs: 6200 } } as const;
const base = countScenario(['a@1 b@4 a@12 b@9 a@13 b@30', 'b@2 a@3 _ b@15 a@14 a@33'], {
  sizeS: 10,
  delayS: 3,
  latenessS: 2,
});
const scenario = {
  ...base,
  faults: [crash],
  job: (env: Parameters<typeof base.job>[0]) => {
    env.enableCheckpointing(2000);
    base.job(env);
  },
};
const trace = traceOf(simulate(scenario));

test('the same scenario gives the same trace, byte for byte', () => {
  expect(traceHash(traceOf(simulate(scenario)))).toBe(traceHash(trace));
});

test('every cause is an earlier row', () => {
  for (let row = 0; row < trace.rowCount; row += 1) {
    expect(trace.columns.cause[row]).toBeLessThan(row);
  }
});

describe('frames', () => {
  test('are the same whether read forward, backward or in jumps', () => {
    const forward = new TraceReader(trace);
    const expected = Array.from({ length: trace.rowCount }, (_, row) =>
      JSON.stringify(plain(forward.frameAt(row))),
    );
    const fresh = new Fold(trace);
    for (let row = 0; row < trace.rowCount; row += 1) {
      fresh.advanceTo(row);
      expect(JSON.stringify(plain(fresh.frame()))).toBe(expected[row]);
    }
    const jumping = new TraceReader(trace);
    forEachSeed(20, (seed) => {
      const row = (seed * 7919) % trace.rowCount;
      expect(JSON.stringify(plain(jumping.frameAt(row)))).toBe(expected[row]);
    });
  });

  test('that were handed out do not change afterwards', () => {
    const reader = new TraceReader(trace);
    const early = reader.frameAt(40);
    const before = JSON.stringify(plain(early));
    reader.frameAt(trace.rowCount - 1);
    reader.frameAt(10);
    expect(JSON.stringify(plain(early))).toBe(before);
  });

  test('after a restore hold exactly what the checkpoint held', () => {
    const reader = new TraceReader(trace);
    const restart = reader.nextRow(-1, ['job-restarting']);
    expect(restart).toBeGreaterThan(0);
    const { checkpoint } = reader.valueAt(restart) as { checkpoint: number };
    const restored = reader.nextRow(restart, ['split-rewound']) - 1;
    const window = trace.header.subtasks.findIndex((info) => info.operator === 'window');
    const snapshotRow = snapshotOf(reader, checkpoint, window);
    expect([...reader.frameAt(restored).subtasks[window]!.windows]).toEqual([
      ...reader.frameAt(snapshotRow).subtasks[window]!.windows,
    ]);
  });
});

function snapshotOf(reader: TraceReader, checkpointId: number, subtask: number): number {
  for (let row = 0; row < reader.rowCount; row += 1) {
    const event = reader.event(row);
    const isSnapshot = event.kind === 'snapshot-taken' && event.subtask === subtask;
    if (isSnapshot && event.a === checkpointId) return row;
  }
  throw new Error('no such snapshot');
}

test('an output is explained by the records of its window and the record that let it out', () => {
  const reader = new TraceReader(traceOf(simulate(countScenario(['1 4 8 14'], OPTIONS))));
  const written = reader.nextRow(-1, ['sink-written']);
  const lineage = explainOutput(reader, written);
  expect(lineage.records.map((row) => reader.event(row).a / 1000)).toEqual([1, 4, 8]);
  expect(reader.event(lineage.releasingRecord).a / 1000).toBe(14);
  expect(reader.event(lineage.firing).kind).toBe('window-fired');
});

const OPTIONS = { sizeS: 10, delayS: 2 };

test('an output after a restore is explained by records of before and after the crash', () => {
  const reader = new TraceReader(trace);
  const written = reader.nextRow(reader.nextRow(-1, ['job-restarting']), ['sink-written']);
  const { records } = explainOutput(reader, written);
  const restart = reader.nextRow(-1, ['job-restarting']);
  expect(records.some((row) => row < restart)).toBe(true);
});

test('every fact has a sentence', () => {
  const reader = new TraceReader(trace);
  const seen = new Set<string>();
  for (let row = 0; row < reader.rowCount; row += 1) {
    const sentence = reader.narrate(row);
    expect(sentence).toMatch(/^\S.*[.:…]|:/);
    expect(sentence).not.toContain('undefined');
    seen.add(reader.event(row).kind);
  }
  expect([...seen].every((kind) => TRACE_KINDS.some((known) => known === kind))).toBe(true);
});

/** A frame as plain JSON, maps as entries. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(([key, item]) => [key, plain(item)]);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
