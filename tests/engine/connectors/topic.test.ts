import { describe, expect, test } from 'vitest';
import { TopicStore, minutes, topicSink } from '#engine';

/** A topic of one partition; transactions time out after 15 minutes. */
function topic(): TopicStore {
  return new TopicStore('out', 1, minutes(15));
}

function texts(store: TopicStore, isolation: 'read_committed' | 'read_uncommitted'): string {
  return store
    .read(isolation)
    .map(({ offset, row }) => `${offset}:${String(row)}`)
    .join(' ');
}

describe('a topic with transactions', () => {
  test('shows a record at once to those who read uncommitted, later to the others', () => {
    const store = topic();
    const first = store.begin(0, 0);
    store.writeIn(first, 'k', 'a');
    expect([texts(store, 'read_uncommitted'), texts(store, 'read_committed')]).toEqual(['0:a', '']);
    store.prepare(first);
    expect(store.commit(first, 1000)).toBe('committed');
    expect(texts(store, 'read_committed')).toBe('0:a');
    expect(store.commit(first, 2000)).toBe('already-committed');
    // The commit has left a marker, once: the next record comes behind it.
    expect(store.endOffset(0)).toBe(2);
  });

  test('lets nobody read past the oldest transaction that is open', () => {
    const store = topic();
    const [slow, quick] = [store.begin(0, 0), store.begin(1, 0)];
    store.writeIn(slow, 'k', 'slow');
    store.writeIn(quick, 'k', 'quick');
    store.commit(quick, 1000);
    expect(store.lastStableOffset(0)).toBe(0);
    expect(texts(store, 'read_committed')).toBe('');
    store.commit(slow, 2000);
    expect(texts(store, 'read_committed')).toBe('0:slow 1:quick');
  });

  test('holds readers up in partitions that a transaction has written to, not in others', () => {
    const store = new TopicStore('out', 2, minutes(15));
    const [open, done] = [store.begin(0, 0), store.begin(1, 0)];
    const first = store.writeIn(open, 'a', 1).partition;
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const partitions = keys.map((key) => store.writeIn(done, key, 2).partition);
    store.commit(done, 1000);
    expect(new Set(partitions)).toEqual(new Set([0, 1]));
    expect(store.read('read_committed').map(({ partition }) => partition)).toEqual(
      partitions.filter((partition) => partition !== first),
    );
  });

  test('keeps what is aborted in the log, and from readers of committed records', () => {
    const store = topic();
    const left = store.begin(0, 0);
    store.writeIn(left, 'k', 'left');
    expect(store.fence(0, 1)).toEqual([left]);
    const next = store.begin(0, 0);
    store.writeIn(next, 'k', 'next');
    store.commit(next, 1000);
    expect(texts(store, 'read_committed')).toBe('2:next');
    expect(texts(store, 'read_uncommitted')).toBe('0:left 2:next');
  });

  test('aborts a transaction whose time is over, whatever its writer wants', () => {
    const store = topic();
    const late = store.begin(0, 0);
    store.writeIn(late, 'k', 'late');
    expect(store.commit(late, minutes(15) + 1)).toBe('timed-out');
    expect(store.commit(late, minutes(15) + 1)).toBe('timed-out');
    expect(texts(store, 'read_committed')).toBe('');
  });
});

test('a timeout that the broker would not grant is refused', () => {
  const options = { name: 'out', partitions: 1, delivery: 'exactly-once' } as const;
  expect(() => topicSink(options)).toThrow(
    'The transaction timeout is larger than the maximum value allowed by the broker ' +
      '(transaction.max.timeout.ms, 15 min): got 3600000 ms; ' +
      'give for example transactionTimeoutMs: minutes(15): longer than any restart may take',
  );
  expect(topicSink({ ...options, transactionTimeoutMs: minutes(15) }).kind).toBe('topic');
});
