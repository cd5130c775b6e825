import { describe, expect, test } from 'vitest';
import { createStore, type StorageProblem } from '../../src/progress/store.ts';
import { MemoryStorage } from './memory-storage.ts';

const asNumber = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined;

function setUp(): {
  storage: MemoryStorage;
  problems: StorageProblem[];
  store: ReturnType<typeof createStore>;
} {
  const storage = new MemoryStorage();
  const store = createStore(storage, 'tab-a');
  const problems: StorageProblem[] = [];
  store.onProblem((problem) => problems.push(problem));
  return { storage, problems, store };
}

describe('reading and writing', () => {
  test('gives back what was saved', () => {
    const { store } = setUp();
    expect(store.loadJson('x', asNumber)).toBeUndefined();
    expect(store.saveJson('x', 7)).toEqual({ type: 'saved' });
    expect(store.loadJson('x', asNumber)).toBe(7);
  });

  test('reads nothing and refuses to save when the browser forbids storage', () => {
    const store = createStore(undefined, 'tab-a');
    expect(store.loadJson('x', asNumber)).toBeUndefined();
    expect(store.saveJson('x', 7)).toMatchObject({ type: 'unavailable', text: '7' });
  });
});

describe('what can not be read', () => {
  test.each([
    ['not JSON', '{"format":1,', 'it is not JSON'],
    ['no object', '5', 'it is not an object'],
    ['a later format', '{"format":2,"stamp":"a","value":5}', 'its format is 2'],
    ['no stamp', '{"format":1,"value":5}', 'its stamp is missing'],
    ['a wrong shape', '{"format":1,"stamp":"a","value":"five"}', 'shape'],
  ])('moves aside and reports %s', (_name, text, why) => {
    const { storage, store, problems } = setUp();
    storage.texts.set('millrace.x', text);
    expect(store.loadJson('x', asNumber)).toBeUndefined();
    expect(storage.getItem('millrace.x')).toBeNull();
    expect(storage.getItem('millrace.x.corrupt.1')).toBe(text);
    expect(problems).toMatchObject([{ type: 'corrupt', key: 'x', text }]);
    expect(problems[0]?.message).toContain(why);
  });

  test('keeps a second unreadable text beside the first', () => {
    const { storage, store } = setUp();
    for (const text of ['bad 1', 'bad 2']) {
      storage.texts.set('millrace.x', text);
      store.loadJson('x', asNumber);
    }
    expect(storage.getItem('millrace.x.corrupt.1')).toBe('bad 1');
    expect(storage.getItem('millrace.x.corrupt.2')).toBe('bad 2');
  });

  test('saves over it only once it is safely aside', () => {
    const { storage, store, problems } = setUp();
    storage.texts.set('millrace.x', 'precious');
    storage.lengthMax = 10;
    expect(store.loadJson('x', asNumber)).toBeUndefined();
    expect(store.saveJson('x', 7).type).toBe('full');
    expect(storage.getItem('millrace.x')).toBe('precious');
    expect(problems[0]?.message).toContain('no room');
  });
});

describe('a full device', () => {
  test('hands the text back and keeps the older value', () => {
    const { storage, store } = setUp();
    store.saveJson('x', 1);
    storage.lengthMax = 60;
    const long = 'y'.repeat(100);
    expect(store.saveJson('x', long)).toMatchObject({ type: 'full', text: JSON.stringify(long) });
    expect(store.loadJson('x', asNumber)).toBe(1);
  });
});

describe('two tabs', () => {
  test('the second to save is told, and overwrites only when asked to', () => {
    const { storage, store: mine } = setUp();
    const theirs = createStore(storage, 'tab-b');
    mine.saveJson('x', 1);
    theirs.loadJson('x', asNumber);
    theirs.saveJson('x', 2);
    expect(mine.saveJson('x', 3)).toEqual({ type: 'conflict', theirs: 2 });
    expect(theirs.loadJson('x', asNumber)).toBe(2);
    expect(mine.saveJson('x', 3, { overwrite: true })).toEqual({ type: 'saved' });
    expect(theirs.loadJson('x', asNumber)).toBe(3);
  });

  test('loading what the other wrote settles it', () => {
    const { storage, store: mine } = setUp();
    const theirs = createStore(storage, 'tab-b');
    mine.saveJson('x', 1);
    theirs.saveJson('x', 2, { overwrite: true });
    expect(mine.loadJson('x', asNumber)).toBe(2);
    expect(mine.saveJson('x', 3)).toEqual({ type: 'saved' });
  });
});
