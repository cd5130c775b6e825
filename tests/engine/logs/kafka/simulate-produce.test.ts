import { describe, expect, test } from 'vitest';
import { ConfigError, Random, simulateProduce } from '#engine';
import type { ProduceFault, ProduceRun, ProduceScenario } from '#engine';
import { forEachSeed } from '../../stream-notation.ts';

/** Records 0 … count−1, one every 2 ms, to three replicas. */
function scenario(
  options: Partial<ProduceScenario> & { readonly count?: number },
): ProduceScenario {
  const { count = 6, ...rest } = options;
  return {
    replicas: 3,
    minInsyncReplicas: 2,
    acks: 'all',
    isIdempotent: true,
    requestTimeoutMs: 1000,
    records: Array.from({ length: count }, (_, value) => ({
      key: 'k',
      value,
      timestampMs: value,
      sendMs: value * 2,
    })),
    ...rest,
  };
}

/** `0@0 1@1,4 2@- !3@2`: record 1 lies at 1 and 4, 2 nowhere; `!`: told failed, `?`: nothing. */
function show(run: ProduceRun): string {
  const told = { acknowledged: '', failed: '!', nothing: '?' };
  return run.fates
    .map((fate, record) => `${told[fate.told]}${record}@${fate.offsets.join(',') || '-'}`)
    .join(' ');
}

test('without faults every record is stored once', () => {
  for (const [acks, isIdempotent] of [
    ['0', false],
    ['1', false],
    ['all', true],
  ] as const) {
    const run = simulateProduce(scenario({ acks, isIdempotent, count: 3 }));
    expect(show(run).replaceAll('?', '')).toBe('0@0 1@1 2@2');
  }
});

describe('an answer that is lost', () => {
  const faults: ProduceFault[] = [{ type: 'answer-lost', record: 1, attempt: 0 }];

  test('doubles what was in flight when the producer is not idempotent', () => {
    const run = simulateProduce(scenario({ isIdempotent: false, acks: '1', faults, count: 3 }));
    expect(show(run)).toBe('0@0 1@1,2 2@3');
    expect(run.doubled).toEqual([1]);
  });

  test('does not when it is', () => {
    const run = simulateProduce(scenario({ faults, count: 3 }));
    expect(show(run)).toBe('0@0 1@1 2@2');
    const answers = run.facts.flatMap((fact) =>
      fact.type === 'broker-answered' ? [fact.answer.type] : [],
    );
    expect(answers).toContain('duplicate');
  });

  test('and then the time for delivery runs out: failed does not mean not written', () => {
    const run = simulateProduce(scenario({ faults, count: 2, deliveryTimeoutMs: 500 }));
    expect(show(run)).toBe('0@0 !1@1');
  });
});

describe('an error that is retried', () => {
  const faults: ProduceFault[] = [{ type: 'request-refused', record: 1, attempt: 0 }];
  const send = (options: Partial<ProduceScenario>): ProduceRun =>
    simulateProduce(scenario({ faults, count: 4, networkMs: 5, ...options }));

  test('reorders without idempotence, for others were in flight', () => {
    const run = send({ isIdempotent: false, acks: '1' });
    expect(show(run)).toBe('0@0 1@3 2@1 3@2');
    expect(run.isReordered).toBe(true);
  });

  test('not with one request in flight', () => {
    expect(send({ isIdempotent: false, acks: '1', inFlightMax: 1 }).isReordered).toBe(false);
  });

  test('not with idempotence, which has five in flight', () => {
    const run = send({});
    expect(show(run)).toBe('0@0 1@1 2@2 3@3');
    const errors = run.facts.flatMap((fact) =>
      fact.type === 'broker-answered' && fact.answer.type === 'rejected' ? [fact.answer.error] : [],
    );
    expect(errors).toContain('OUT_OF_ORDER_SEQUENCE_NUMBER');
  });
});

describe('the leader crashes', () => {
  // Followers fetch every 10 ms: at 15 ms they have records 0 to 4, sent by 8 and there by 9.
  const crash: ProduceFault = { type: 'broker-crash', broker: 0, atMs: 18 };
  const send = (options: Partial<ProduceScenario>): ProduceRun =>
    simulateProduce(scenario({ faults: [crash], count: 9, ...options }));

  test('with acks=1: what only it had is lost, although it was acknowledged', () => {
    const run = send({ acks: '1', isIdempotent: false });
    expect(run.lost).toEqual([5, 6, 7, 8]);
  });

  test('with acks=0: what only it had, and what was sent to it before anybody knew', () => {
    const run = send({ acks: '0', isIdempotent: false });
    expect(run.fates.filter((fate) => fate.offsets.length === 0)).toHaveLength(4);
    expect(run.lost).toEqual([]);
  });

  test('with acks=all: nothing is lost, and what was in flight is sent again', () => {
    const run = send({});
    expect(run.lost).toEqual([]);
    expect(show(run)).toBe('0@0 1@1 2@2 3@3 4@4 5@5 6@6 7@7 8@8');
  });

  test('and comes back: it cuts off what the new leader does not have', () => {
    const back: ProduceFault = { type: 'broker-restart', broker: 0, atMs: 500 };
    const run = send({ acks: '1', isIdempotent: false, faults: [crash, back] });
    const cut = run.facts.find((fact) => fact.type === 'log-truncated');
    expect(cut).toMatchObject({ broker: 0, fromOffset: 5 });
    expect(run.partition.inSync).toEqual([0, 1, 2]);
  });
});

describe('replicas out of sync', () => {
  const stalls: ProduceFault[] = [1, 2].map((broker) => ({
    type: 'follower-stall',
    broker,
    fromMs: 0,
    untilMs: Infinity,
  }));

  test('stop acks=all below min.insync.replicas, in time', () => {
    const run = simulateProduce(
      scenario({ faults: stalls, count: 1, lagTimeMaxMs: 100, deliveryTimeoutMs: 3000 }),
    );
    const errors = run.facts.flatMap((fact) =>
      fact.type === 'broker-answered' && fact.answer.type === 'rejected' ? [fact.answer.error] : [],
    );
    expect(errors).toContain('NOT_ENOUGH_REPLICAS');
    expect(run.fates[0]?.told).toBe('failed');
  });

  test('do not stop acks=1, but nobody can read what it wrote', () => {
    const run = simulateProduce(
      scenario({ faults: stalls, count: 2, acks: '1', isIdempotent: false, lagTimeMaxMs: 100 }),
    );
    expect(run.fates.map((fate) => fate.told)).toEqual(['acknowledged', 'acknowledged']);
    expect(run.partition.logOf(0).highWatermark).toBe(0);
  });

  test('with min.insync.replicas=1, all may be one: a crash and an unclean leader lose', () => {
    const faults: ProduceFault[] = [...stalls, { type: 'broker-crash', broker: 0, atMs: 2000 }];
    const options = { faults, count: 2, minInsyncReplicas: 1, lagTimeMaxMs: 100 };
    const clean = simulateProduce(scenario(options));
    expect(clean.partition.leader).toBeUndefined();
    const unclean = simulateProduce(scenario({ ...options, isUncleanElectionAllowed: true }));
    expect(unclean.lost).toEqual([0, 1]);
  });
});

test('acks=all, two in sync of three: one crash at any time loses and doubles nothing', () => {
  forEachSeed(150, (seed) => {
    const random = new Random(seed);
    const broker = random.below(3);
    const atMs = random.below(40);
    const faults: ProduceFault[] = [
      { type: 'broker-crash', broker, atMs },
      { type: 'broker-restart', broker, atMs: atMs + random.between(50, 3000) },
    ];
    for (let record = 1; record < 12; record += 1) {
      for (const type of ['request-lost', 'answer-lost', 'request-refused'] as const) {
        if (random.chance(0.1)) faults.push({ type, record, attempt: random.below(2) });
      }
    }
    const run = simulateProduce(scenario({ count: 12, faults, networkMs: random.between(1, 6) }));
    expect([run.lost, run.doubled, run.isReordered]).toEqual([[], [], false]);
    expect(run.fates.every((fate) => fate.told === 'acknowledged')).toBe(true);
    // In the end the replicas are the same.
    const ends = [0, 1, 2].map((replica) => run.partition.logOf(replica).endOffset);
    expect(new Set(ends)).toEqual(new Set([12]));
  });
});

test('the same scenario gives the same facts', () => {
  const faults: ProduceFault[] = [{ type: 'broker-crash', broker: 0, atMs: 7 }];
  expect(simulateProduce(scenario({ faults })).facts).toEqual(
    simulateProduce(scenario({ faults })).facts,
  );
});

describe('is refused:', () => {
  test.each<[Partial<ProduceScenario>, RegExp]>([
    [{ acks: '1' }, /acks must be all when idempotence is on: got 1/],
    [{ inFlightMax: 6 }, /at most 5 when idempotence is on: got 6/],
    [{ minInsyncReplicas: 4 }, /from 1 to the number of replicas, 3: got 4/],
    [{ replicas: 0 }, /at least 1/],
    [
      { records: [0, 0].map((value) => ({ key: 'k', value, timestampMs: 0, sendMs: 0 })) },
      /differ/,
    ],
  ])('%o', (options, message) => {
    expect(() => simulateProduce(scenario(options))).toThrow(message);
    expect(() => simulateProduce(scenario(options))).toThrow(ConfigError);
  });
});
