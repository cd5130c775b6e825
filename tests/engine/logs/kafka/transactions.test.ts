import { describe, expect, test } from 'vitest';
import {
  Random,
  Topic,
  TransactionCoordinator,
  TransactionalProducer,
  fetchRecords,
} from '#engine';
import { forEachSeed } from '../../stream-notation.ts';
import { read } from './log-notation.ts';

const MINUTE_MS = 60_000;

function cluster(partitions = 2) {
  const topic = new Topic('t', { partitions });
  const logs = topic.byName();
  const coordinator = new TransactionCoordinator(logs);
  const open = (transactionalId: string, nowMs: number, timeoutMs = MINUTE_MS) =>
    new TransactionalProducer({ coordinator, logs }, { transactionalId, timeoutMs }, nowMs);
  const reads = (partition: number): string =>
    read(topic.partitions[partition] as never, 'read_committed');
  return { topic, coordinator, logs, open, reads };
}

const record = (value: number) => ({ key: 'k', value, timestampMs: 0 });

describe('a transaction', () => {
  test('appears in all its partitions at once, and the epoch rises at its end', () => {
    const { open, reads } = cluster();
    const producer = open('copy', 0);
    expect(producer.session).toMatchObject({ producerEpoch: 0 });
    producer.send('t-0', record(1), 1);
    producer.send('t-1', record(2), 2);
    expect([reads(0), reads(1)]).toEqual(['→ 0', '→ 0']);
    expect(producer.commit(3)).toBe('ok');
    expect([reads(0), reads(1)]).toEqual(['0:k=1 → 2', '0:k=2 → 2']);
    expect(producer.session).toMatchObject({ producerEpoch: 1 });
  });

  test('that is aborted leaves markers and nothing to read', () => {
    const { open, reads } = cluster();
    const producer = open('copy', 0);
    producer.send('t-0', record(1), 1);
    expect(producer.abort(2)).toBe('ok');
    expect(reads(0)).toBe('→ 2');
  });

  test('commits read positions with what was written, or neither', () => {
    const { open, coordinator } = cluster();
    const producer = open('copy', 0);
    producer.send('t-0', record(1), 1);
    producer.sendOffsets('group', new Map([['in-0', 5]]), 2);
    expect(coordinator.committedOffsets('group').size).toBe(0);
    producer.abort(3);
    expect(coordinator.committedOffsets('group').size).toBe(0);
    producer.send('t-0', record(1), 4);
    producer.sendOffsets('group', new Map([['in-0', 5]]), 5);
    producer.commit(6);
    expect([...coordinator.committedOffsets('group')]).toEqual([['in-0', 5]]);
  });
});

describe('a zombie', () => {
  test('is fenced by a new session, and what it left open is aborted', () => {
    const { open, reads, coordinator } = cluster();
    const zombie = open('copy', 0);
    zombie.send('t-0', record(1), 1);
    const successor = open('copy', 2);
    successor.send('t-0', record(2), 3);
    expect(zombie.send('t-0', record(3), 4)).toBe('PRODUCER_FENCED');
    expect(zombie.write('t-0', record(3), 4)).toBe('PRODUCER_FENCED');
    expect(zombie.commit(4)).toBe('PRODUCER_FENCED');
    successor.commit(5);
    expect(reads(0)).toBe('2:k=2 → 4');
    expect(coordinator.facts.map((fact) => fact.type)).toEqual([
      'producer-initialized',
      'transaction-ended',
      'producer-initialized',
      'transaction-refused',
      'transaction-refused',
      'transaction-ended',
    ]);
  });

  test('of another transactional id is nobody’s zombie', () => {
    const { open, reads } = cluster();
    const one = open('one', 0);
    const two = open('two', 0);
    one.send('t-0', record(1), 1);
    two.send('t-0', record(2), 2);
    expect([one.commit(3), two.commit(4)]).toEqual(['ok', 'ok']);
    expect(reads(0)).toBe('0:k=1 1:k=2 → 4');
  });
});

describe('the timeout', () => {
  test('aborts what is open for longer, strictly, and fences its producer', () => {
    const { open, coordinator, reads } = cluster();
    const producer = open('copy', 0, MINUTE_MS);
    producer.send('t-0', record(1), 10);
    coordinator.expire(10 + MINUTE_MS);
    expect(coordinator.deadlineMs('copy')).toBe(10 + MINUTE_MS);
    coordinator.expire(11 + MINUTE_MS);
    expect(producer.commit(12 + MINUTE_MS)).toBe('PRODUCER_FENCED');
    expect(reads(0)).toBe('→ 2');
  });

  test('[P] 68: 15 minutes, and an outage of 20 after the checkpoint: the output is lost', () => {
    const { open, coordinator, reads } = cluster();
    const sink = open('sink-0', 0, 15 * MINUTE_MS);
    sink.send('t-0', record(1), 1);
    // The checkpoint completed; the job restores after 20 minutes and commits what it prepared.
    coordinator.expire(20 * MINUTE_MS);
    expect(sink.commit(20 * MINUTE_MS)).toBe('PRODUCER_FENCED');
    expect(reads(0)).toBe('→ 2');
  });

  test('holds other readers up until then', () => {
    const { open, coordinator, topic, reads } = cluster(1);
    open('stuck', 0).send('t-0', record(1), 0);
    topic.send({ key: 'k', value: 2, timestampMs: 0 }, 1);
    expect(reads(0)).toBe('→ 0');
    coordinator.expire(MINUTE_MS + 1);
    expect(reads(0)).toBe('1:k=2 → 3');
  });

  test('cannot be longer than the brokers allow', () => {
    expect(() => cluster().open('copy', 0, 16 * MINUTE_MS)).toThrow(
      /transaction.max.timeout.ms \(900000 ms\): got 960000/,
    );
  });
});

test('copying with transactions is exactly once, wherever the copier crashes', () => {
  forEachSeed(150, (seed) => {
    const random = new Random(seed);
    const { open, coordinator, topic, logs } = cluster(1);
    const input = 10;
    let nowMs = 0;
    for (let life = 0; life < 200; life += 1) {
      const producer = open('copy', nowMs);
      let position = coordinator.committedOffsets('group').get('in-0') ?? 0;
      let isCrashed = false;
      const crash = (): boolean => (isCrashed ||= random.chance(0.2));
      while (position < input && !isCrashed) {
        nowMs += 1;
        const take = Math.min(random.between(1, 3), input - position);
        for (let at = position; at < position + take && !crash(); at += 1) {
          producer.send('t-0', record(at), nowMs);
        }
        if (crash()) break;
        producer.sendOffsets('group', new Map([['in-0', position + take]]), nowMs);
        if (crash()) break;
        expect(producer.commit(nowMs)).toBe('ok');
        position += take;
      }
      if (position === input) break;
    }
    const log = topic.partitions[0];
    const shown = fetchRecords(log as never, { offset: 0, isolation: 'read_committed' });
    const values = shown.type === 'records' ? shown.records.map((stored) => stored.value) : [];
    expect(values).toEqual(Array.from({ length: input }, (_, at) => at));
    expect(logs.size).toBe(1);
  });
});
