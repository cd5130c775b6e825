import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DraftKeeper, HISTORY_COUNT_MAX, SAVE_DELAY_MS } from '../../src/progress/drafts.ts';
import { createStore, type SaveResult } from '../../src/progress/store.ts';
import { MemoryStorage } from './memory-storage.ts';

let storage: MemoryStorage;
let results: SaveResult[];

beforeEach(() => {
  vi.useFakeTimers();
  storage = new MemoryStorage();
  results = [];
});
afterEach(() => {
  vi.useRealTimers();
});

function openTab(tabId: string, starter = 'starter'): DraftKeeper {
  const keeper = new DraftKeeper({
    store: createStore(storage, tabId),
    slug: 'e',
    starter,
    now: () => Date.now(),
    onSaveResult: (result) => results.push(result),
  });
  keeper.open();
  return keeper;
}

describe('saving', () => {
  test('an edit is on the device after the delay, and survives reopening', () => {
    openTab('a').edit('mine');
    vi.advanceTimersByTime(SAVE_DELAY_MS);
    expect(openTab('b').text).toBe('mine');
  });

  test('many quick edits make one write, of the last text', () => {
    const keeper = openTab('a');
    for (const text of ['m', 'mi', 'mine']) keeper.edit(text);
    vi.advanceTimersByTime(SAVE_DELAY_MS);
    expect(results).toEqual([{ type: 'saved' }]);
    expect(openTab('b').text).toBe('mine');
  });

  test('flush saves at once when the page goes away', () => {
    const keeper = openTab('a');
    keeper.edit('mine');
    keeper.flush();
    expect(openTab('b').text).toBe('mine');
  });

  test('opening and leaving without an edit stores nothing', () => {
    openTab('a').flush();
    expect(storage.texts.size).toBe(0);
  });

  test('a full device is told with the text, and typing goes on', () => {
    const keeper = openTab('a');
    storage.lengthMax = 10;
    keeper.edit('mine');
    keeper.flush();
    expect(results[0]?.type).toBe('full');
    expect(keeper.text).toBe('mine');
  });
});

describe('history', () => {
  test('a reset can be undone', () => {
    const keeper = openTab('a');
    keeper.edit('mine');
    keeper.replace('starter', 'before reset');
    expect(keeper.text).toBe('starter');
    expect(keeper.history.map(({ text }) => text)).toEqual(['mine']);
    keeper.replace('mine', 'restored over');
    expect(openTab('b').text).toBe('mine');
  });

  test('is bounded, newest first, without repeats', () => {
    const keeper = openTab('a');
    for (let index = 0; index < HISTORY_COUNT_MAX + 5; index += 1) {
      keeper.edit(`text ${index}`);
      keeper.keepVersion('checked');
      keeper.keepVersion('checked');
    }
    expect(keeper.history).toHaveLength(HISTORY_COUNT_MAX);
    expect(keeper.history[0]?.text).toBe(`text ${HISTORY_COUNT_MAX + 4}`);
  });
});

describe('an exercise whose starter changed', () => {
  test("keeps the reader's text and tells, until acknowledged", () => {
    const before = openTab('a');
    before.edit('mine');
    before.flush();
    const after = openTab('b', 'new starter');
    expect(after.open()).toEqual({ text: 'mine', isRestored: true, hasStarterChanged: true });
    after.acknowledgeStarter();
    expect(openTab('c', 'new starter').open().hasStarterChanged).toBe(false);
  });

  test('gives an untouched starter way to the new one', () => {
    const before = openTab('a');
    before.edit('mine');
    before.replace('starter', 'before reset');
    const after = openTab('b', 'new starter');
    expect(after.open()).toMatchObject({ text: 'new starter', hasStarterChanged: false });
    expect(after.history.map(({ text }) => text)).toEqual(['mine']);
  });
});

describe('two tabs', () => {
  function conflict(): { mine: DraftKeeper; theirs: DraftKeeper } {
    const mine = openTab('a');
    const theirs = openTab('b');
    theirs.edit('their text');
    theirs.flush();
    mine.edit('my text');
    mine.flush();
    return { mine, theirs };
  }

  test('neither text is overwritten until the reader chose', () => {
    const { mine } = conflict();
    expect(results.at(-1)?.type).toBe('conflict');
    mine.edit('my longer text');
    mine.flush();
    expect(openTab('c').text).toBe('their text');
    expect(mine.text).toBe('my longer text');
  });

  test('"keep mine" keeps theirs as a version', () => {
    const { mine } = conflict();
    expect(mine.resolveConflict('mine')).toBe('my text');
    const reopened = openTab('c');
    expect(reopened.text).toBe('my text');
    expect(reopened.history.map(({ text }) => text)).toEqual(['their text']);
  });

  test('"load theirs" keeps mine as a version', () => {
    const { mine } = conflict();
    expect(mine.resolveConflict('theirs')).toBe('their text');
    const reopened = openTab('c');
    expect(reopened.text).toBe('their text');
    expect(reopened.history.map(({ text }) => text)).toEqual(['my text']);
  });

  test('the same text in both is no conflict', () => {
    const mine = openTab('a');
    const theirs = openTab('b');
    for (const keeper of [theirs, mine]) {
      keeper.edit('same');
      keeper.flush();
    }
    expect(results.map(({ type }) => type)).toEqual(['saved', 'saved']);
  });
});

test('a draft of a wrong shape is moved aside, and the starter shown', () => {
  storage.texts.set('millrace.draft.e', '{"format":1,"stamp":"z","value":{"text":5}}');
  expect(openTab('a').text).toBe('starter');
  expect(storage.getItem('millrace.draft.e.corrupt.1')).toContain('"text":5');
});
