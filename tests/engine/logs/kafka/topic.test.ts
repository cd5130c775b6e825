import { describe, expect, test } from 'vitest';
import {
  Random,
  Topic,
  TransactionCoordinator,
  TransactionalProducer,
  batchRecords,
  kafkaPartition,
  simulate,
} from '#engine';
import { countScenario, outputs } from '../../stream-notation.ts';

const record = (key: string, value: number) => ({ key, value, timestampMs: value * 1000 });

describe('adding partitions', () => {
  // murmur2 of PIT is 10 modulo 12, so it stands for the hash 10 of [P] 6.
  const key = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].find((name) => kafkaPartition(name, 12) === 10);

  test('[P] 6: hash 10 goes to 2 of 4, then to 4 of 6', () => {
    expect([kafkaPartition(key as string, 4), kafkaPartition(key as string, 6)]).toEqual([2, 4]);
  });

  test('leaves old records where they are, so one key lies in two partitions', () => {
    const topic = new Topic('t', { partitions: 4 });
    const before = topic.send(record(key as string, 1), 1);
    topic.addPartitions(6);
    const after = topic.send(record(key as string, 2), 2);
    expect([before, after]).toEqual([
      { partition: 2, offset: 0 },
      { partition: 4, offset: 0 },
    ]);
  });

  test('is the only way to change their number', () => {
    const topic = new Topic('t', { partitions: 4 });
    expect(() => topic.addPartitions(3)).toThrow(/can only rise: got 3/);
    expect(() => new Topic('t', { partitions: 0 })).toThrow(/at least one partition/);
  });
});

describe('as the input of a runtime', () => {
  test('each record arrives when its batch left the producer', () => {
    const topic = new Topic('t', { partitions: 2 });
    const records = [0, 1, 2].map((value) => ({ ...record('a', value), sendMs: value }));
    const options = { partitionCount: 2, batchBytes: 4, lingerMs: 5, random: new Random(1) };
    topic.append(batchRecords(records, options));
    const { partitions } = topic.toLogInput();
    expect(partitions.flat().map(({ value, arrivalMs }) => [value, arrivalMs])).toEqual([
      [0, 1],
      [1, 1],
      [2, 7],
    ]);
  });

  test('read_committed: when its transaction committed and nothing older is open', () => {
    const topic = new Topic('t', { partitions: 1 });
    const logs = topic.byName();
    const coordinator = new TransactionCoordinator(logs);
    const open = (transactionalId: string) =>
      new TransactionalProducer({ coordinator, logs }, { transactionalId, timeoutMs: 60_000 }, 0);
    const [one, two] = [open('one'), open('two')];
    one.send('t-0', record('a', 1), 10);
    two.send('t-0', record('a', 2), 20);
    topic.send(record('a', 3), 30);
    two.abort(40);
    one.commit(50);
    const committed = topic.toLogInput({ isolation: 'read_committed' }).partitions[0];
    expect(committed?.map(({ value, arrivalMs }) => [value, arrivalMs])).toEqual([
      [1, 50],
      [3, 50],
    ]);
    const all = topic.toLogInput().partitions[0];
    expect(all?.map(({ value, arrivalMs }) => [value, arrivalMs])).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
    ]);
  });

  test('a Flink job runs on it', () => {
    const topic = new Topic('t', { partitions: 2 });
    [1, 4, 12].forEach((second, at) => {
      const key = 'k';
      const atMs = second * 1000;
      topic.send({ key, value: { key, atMs }, timestampMs: atMs }, (at + 1) * 1000);
    });
    const scenario = countScenario(['1'], { sizeS: 10, delayS: 0 });
    const run = simulate({ ...scenario, logs: { in: topic.toLogInput({ isBounded: true }) } });
    expect(outputs(run)).toEqual(['[0,10) k=2', '[10,20) k=1']);
  });
});
