import { expect, test } from 'vitest';
import { CountTrigger, EventTimeSessionWindows, keyGroupOf, subtaskOfKeyGroup } from '#engine';
import type { OperatorContext } from '../../../engine/operators/operator.ts';
import { KeyTable } from '../../../engine/core/key-table.ts';
import { listingContents } from '../../../engine/operators/window-contents.ts';
import { checkMerging, redistributeWindows } from '../../../engine/operators/window-snapshot.ts';
import { TriggeredWindowOperator } from '../../../engine/operators/window-triggered-operator.ts';
import { KeyPlaces } from '../../../engine/state/rescale.ts';
import { OperatorHarness } from './operator-harness.ts';

const create = (context: OperatorContext) =>
  new TriggeredWindowOperator(context, {
    assigner: EventTimeSessionWindows.withGap(5),
    trigger: CountTrigger.of(100),
    evictor: undefined,
    allowedLatenessMs: 0,
    lateTagId: undefined,
    contents: listingContents(),
    windowFunction: undefined,
  });

test('windows go where the records of their keys go', () => {
  const harness = new OperatorHarness(create);
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  for (const name of names) {
    harness.record(name, name, 1);
    harness.record(name, name, 4);
  }
  const { windows } = harness.operator.snapshot(1);
  const toKeys = new KeyTable();
  toKeys.intern('of the new run');
  const rescaling = { fromKeys: harness.keys, toKeys, maxParallelism: 128, newParallelism: 3 };
  const parts = redistributeWindows([undefined, windows], new KeyPlaces(rescaling), 3);
  const subtaskOf = (key: number): number => {
    return subtaskOfKeyGroup(keyGroupOf(toKeys.valueOf(key), 128), 128, 3);
  };
  parts.forEach((part, subtask) => {
    const keys = [
      ...(part?.entries ?? []).map(([, key]) => key),
      ...(part?.states ?? []).map(([, , key]) => key),
      ...(part?.timers.eventTime ?? []).map(([, key]) => key),
      ...(part?.mergingSets ?? []).map(([key]) => key),
    ];
    expect(keys.every((key) => subtaskOf(key) === subtask)).toBe(true);
  });
  const count = (of: (part: NonNullable<(typeof parts)[number]>) => number): number =>
    parts.reduce((sum, part) => sum + (part === undefined ? 0 : of(part)), 0);
  expect(count(({ entries }) => entries.length)).toBe(8);
  expect(count(({ states }) => states.length)).toBe(8);
  expect(count(({ timers }) => timers.eventTime.length)).toBe(8);
  expect(count(({ mergingSets }) => mergingSets.length)).toBe(8);
});

test('sessions and windows that do not merge cannot go on from each other', () => {
  const harness = new OperatorHarness(create);
  harness.record('a', 'a', 1);
  const { windows } = harness.operator.snapshot(1);
  expect(() => checkMerging(windows as NonNullable<typeof windows>, false)).toThrow(
    /windows that do not merge cannot go on from windows that do: got .*1 windows/,
  );
});
