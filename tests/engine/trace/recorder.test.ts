import { expect, test } from 'vitest';
import { toJson } from '../../../engine/core/clone.ts';
import { KeyTable } from '../../../engine/core/key-table.ts';
import { Recorder } from '../../../engine/trace/recorder.ts';
import type { TraceHeader } from '../../../engine/trace/trace.ts';

const HEADER = {} as TraceHeader;

test('rows of all chunks come out in order, with values that were given later', () => {
  const recorder = new Recorder(true);
  const rowCount = 300_000;
  for (let row = 0; row < rowCount; row += 1) {
    recorder.atMs = row / 2;
    expect(recorder.add(row % 7, row % 3, row - 1, row % 11, row * 3, -row, row % 13, -1)).toBe(
      row,
    );
  }
  const valued = [0, 1023, 1024, 3071, 3072, 140_000, rowCount - 1];
  for (const row of valued) recorder.setValue(row, { row });
  const { columns, values, rowCount: counted } = recorder.finish(HEADER, new KeyTable());
  expect(counted).toBe(rowCount);
  for (const column of Object.values(columns)) expect(column.length).toBe(rowCount);
  for (let row = 0; row < rowCount; row += 997) {
    const { kind, subtask, atMs, cause, key, a, b, c } = columns;
    const seen = [kind, subtask, atMs, cause, key, a, b, c].map((column) => column[row]);
    const told = [row % 7, row % 3, row / 2, row - 1, row % 11, row * 3, 0 - row, row % 13];
    expect(seen.map((value) => (value ?? NaN) + 0)).toEqual(told);
  }
  for (const row of valued) expect(values[columns.value[row] as number]).toEqual({ row });
});

test('a recorder that is off takes nothing', () => {
  const recorder = new Recorder(false);
  expect(recorder.add(1, 0, -1, -1, 0, 0, 0, -1)).toBe(-1);
  recorder.setValue(-1, 'unseen');
  const { rowCount, values } = recorder.finish(HEADER, new KeyTable());
  expect([rowCount, values.length]).toEqual([0, 0]);
});

test('a value is copied as JSON, without absent fields; what JSON lacks is told', () => {
  class Point {
    readonly x = -0;
    readonly y: number | undefined = undefined;
    readonly z = NaN;
    get sum(): number {
      return this.x;
    }
  }
  const inner = { list: [1, undefined, Infinity] };
  const copy = toJson({ point: new Point(), inner, text: 'a', none: null, call: () => 1 });
  inner.list.push(2);
  expect(JSON.stringify(copy)).toBe(
    '{"point":{"x":0,"z":{"Number":"NaN"}},"inner":{"list":[1,null,{"Number":"Infinity"}]},' +
      '"text":"a","none":null,"call":{"Opaque":"function"}}',
  );
});
