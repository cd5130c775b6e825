import { describe, expect, test } from 'vitest';
import { causeAt, freshnessQuantile, simulateDay } from '../../../engine/capacity/index.ts';
import type { Design, Twist } from '../../../engine/capacity/index.ts';
import { Random } from '../../../engine/core/random.ts';
import { crashAtNoon, scenario } from './anchor-scenario.ts';

const at = (column: Float64Array, second: number): number => column[second] as number;

describe('a quiet day', () => {
  const day = simulateDay(scenario());

  test('carries every record and keeps no backlog', () => {
    expect(day.totals.arrived).toBeCloseTo(86_400_000, 0);
    expect(day.totals.backlog).toBeCloseTo(0, 3);
    expect(day.totals.replayed).toBe(0);
  });

  test('is as fresh as the watermark delay and its period allow', () => {
    expect(freshnessQuantile(day, 0.99)).toBeCloseTo(5.2, 6);
  });

  test('drops the records that come after their window closed', () => {
    // 1 % are 5–25 s late, evenly; a window leaves them 5–15 s: from none to half are in time.
    expect(day.totals.lateDropped / day.totals.arrived).toBeCloseTo(0.0075, 4);
  });

  test('gives the same columns when it runs again', () => {
    expect(simulateDay(scenario())).toEqual(day);
  });
});

describe('no load', () => {
  test.each(['continuous', 'micro-batch'] as const)(
    'leaves no backlog, state or harm: %s',
    (engine) => {
      const day = simulateDay(
        scenario({ design: { engine }, load: { recordsPerDay: 0 }, twists: [crashAtNoon] }),
      );
      expect(Math.max(...day.columns.backlog.slice(0, 10), day.totals.backlog)).toBe(0);
      expect(day.totals.overcounted + day.totals.lost + day.totals.lateDropped).toBe(0);
    },
  );
});

describe('capacity', () => {
  test('partitions cap the subtasks that work', () => {
    const day = simulateDay(scenario({ design: { partitions: 4, parallelism: 8 } }));
    expect(day.capacityPerSecond).toBe(4 * 250);
  });

  test('a hot key fills one subtask while the others are bored', () => {
    const day = simulateDay(scenario({ load: { hotKeyShare: 0.4 } }));
    expect(at(day.columns.hotArrivals, 100)).toBeCloseTo(400 + 600 / 8, 6);
    expect(causeAt(day, 86_399)).toBe('hot-key');
    expect(at(day.columns.freshnessSeconds, 86_399)).toBeGreaterThan(3600);
  });

  test('salts spread the hot key, at the price of the merge', () => {
    const day = simulateDay(
      scenario({ design: { keying: 'salted', saltCount: 8 }, load: { hotKeyShare: 0.4 } }),
    );
    expect(day.capacityPerSecond).toBeCloseTo(8 * 250 * 0.9, 6);
    expect(freshnessQuantile(day, 0.99)).toBeCloseTo(6.2, 6);
  });

  test('a global key leaves one subtask to do everything', () => {
    const day = simulateDay(scenario({ design: { keying: 'global' } }));
    expect(day.capacityPerSecond).toBe(250);
    expect(causeAt(day, 86_399)).toBe('global-key');
  });
});

describe('a crash', () => {
  const crashed = (design: Partial<Design>) =>
    simulateDay(scenario({ design, twists: [crashAtNoon] }));

  test('replays what was done since the last completed checkpoint, after the downtime', () => {
    const day = crashed({});
    // The checkpoint of 12:00:00 took two seconds; its barriers saw the records before 12:00:01.
    expect(day.totals.replayed).toBeCloseTo(4_000, 3);
    expect(at(day.columns.capacity, 43_205)).toBe(0);
    expect(at(day.columns.capacity, 43_235)).toBe(0);
    expect(at(day.columns.capacity, 43_236)).toBe(2_000);
  });

  test('catches up in backlog ÷ (capacity − arrivals)', () => {
    const { backlog } = crashed({}).columns;
    // 31 s down plus 4 s replayed at 1,000/s, worked off at 1,000/s more than arrive.
    expect(at(backlog, 43_235)).toBeCloseTo(35_000, 3);
    expect(at(backlog, 43_235 + 34)).toBeGreaterThan(0);
    expect(at(backlog, 43_235 + 35)).toBeCloseTo(0, 3);
  });

  test('an increment or an append counts the replayed results twice, an upsert does not', () => {
    expect(crashed({ sink: 'increment' }).totals.overcounted).toBeCloseTo(4_000, 3);
    expect(crashed({ sink: 'append' }).totals.overcounted).toBeCloseTo(4_000, 3);
    expect(crashed({ sink: 'upsert' }).totals.overcounted).toBe(0);
    expect(crashed({ sink: 'transactional' }).totals.overcounted).toBe(0);
  });

  test('at-least-once checkpoints let even an upsert over-count', () => {
    expect(crashed({ guarantee: 'at-least-once' }).totals.overcounted).toBeCloseTo(100, 3);
  });

  test('without checkpoints the open windows are lost and somebody must restart the job', () => {
    const day = crashed({ guarantee: 'none' });
    // Five seconds of delay and half a window of ten.
    expect(day.totals.lost).toBeCloseTo(10_000, 3);
    expect(at(day.columns.capacity, 43_205 + 629)).toBe(0);
    expect(at(day.columns.capacity, 43_205 + 630)).toBe(2_000);
  });

  test('a batch runs again with the same offsets', () => {
    const day = crashed({ engine: 'micro-batch', sink: 'append' });
    // Five seconds into a batch: one of overhead, four of work at 2,000/s.
    expect(day.totals.replayed).toBeCloseTo(8_000, 3);
    expect(day.totals.overcounted).toBeCloseTo(8_000, 3);
  });

  test('between two batches the next one pays in full', () => {
    const idle: Twist = { type: 'crash', title: 'idle', atSecond: 43_209 };
    const design = { engine: 'micro-batch', sink: 'increment' } as const;
    const day = simulateDay(scenario({ design, twists: [idle] }));
    expect(day.totals.overcounted).toBeCloseTo(10_000, 3);
  });
});

describe('the rhythm of visible results', () => {
  test('a transactional sink is as stale as its checkpoint interval', () => {
    const design = { sink: 'transactional', checkpointIntervalSeconds: 60 } as const;
    const day = simulateDay(scenario({ design }));
    expect(freshnessQuantile(day, 0.99)).toBeGreaterThan(60);
    expect(freshnessQuantile(day, 0.99)).toBeLessThan(60 + 5 + 4);
  });

  test('append mode shows a micro-batch one batch later: up to two intervals and a run', () => {
    const day = simulateDay(scenario({ design: { engine: 'micro-batch' } }));
    // A batch of 10 s takes 1 s of overhead and 5 s of work.
    expect(at(day.columns.snapshotSeconds, 50_000)).toBe(6);
    expect(freshnessQuantile(day, 1)).toBeCloseTo(2 * 10 + 6 - 1 + 5, 6);
  });

  test('a micro-batch query is stable while a batch fits its interval', () => {
    const design = { engine: 'micro-batch', partitions: 4, parallelism: 4 } as const;
    // 1,000/s is exactly what four subtasks do; the overhead makes each batch longer than the last.
    const unstable = simulateDay(scenario({ design }));
    expect(causeAt(unstable, 80_000)).toBe('parallelism');
    const stable = simulateDay(scenario({ design: { ...design, partitions: 5, parallelism: 5 } }));
    expect(freshnessQuantile(stable, 1)).toBeLessThan(40);
  });

  test('while the table is out nothing becomes visible, and then the backlog does', () => {
    const outage: Twist = {
      type: 'sink-outage',
      title: 'o',
      startSecond: 1000,
      durationSeconds: 100,
    };
    const { columns } = simulateDay(scenario({ twists: [outage] }));
    expect(at(columns.freshnessSeconds, 1099)).toBeCloseTo(105.2, 6);
    expect(at(columns.backlog, 1099)).toBeCloseTo(100_000, 3);
    expect(at(columns.freshnessSeconds, 1199)).toBeCloseTo(5.2, 6);
  });
});

/** A design and a day drawn from a seed, in the ranges that a candidate would pick from. */
function drawScenario(random: Random) {
  const engine = random.pick(['continuous', 'micro-batch'] as const);
  const sinks = ['append', 'increment', 'upsert'] as const;
  const design: Partial<Design> = {
    engine,
    keying: random.pick(['global', 'natural', 'salted'] as const),
    saltCount: random.between(1, 12),
    partitions: random.between(1, 16),
    parallelism: random.between(1, 16),
    watermarkDelaySeconds: random.between(0, 60),
    checkpointIntervalSeconds: random.between(1, 300),
    triggerIntervalSeconds: random.between(1, 120),
    sink: random.pick(sinks),
  };
  const startSecond = random.below(40_000);
  const twists: Twist[] = [
    { type: 'crash', title: 'c', atSecond: random.below(86_400) },
    { type: 'sink-outage', title: 'o', startSecond, durationSeconds: random.between(1, 900) },
    {
      type: 'surge',
      title: 's',
      startSecond,
      durationSeconds: random.between(1, 20_000),
      rateFactor: random.between(1, 9),
      latenessFactor: random.between(1, 4),
    },
  ];
  return scenario({ design, load: { hotKeyShare: random.fraction() * 0.3 }, twists });
}

describe('for any design', () => {
  const seeds = process.env.SEED
    ? [Number(process.env.SEED)]
    : Array.from({ length: 40 }, (_, index) => index);

  test.each(seeds)('mass is conserved and nothing is negative (replay: SEED=%i)', (seed) => {
    const { totals, columns } = simulateDay(drawScenario(new Random(seed)));
    const { counted, lateDropped, lost, backlog, arrived, processed, replayed } = totals;
    expect((counted + lateDropped + lost + backlog) / arrived).toBeCloseTo(1, 9);
    expect((arrived + replayed) / (processed + backlog)).toBeCloseTo(1, 9);
    for (const column of Object.values(columns)) {
      expect(column.every((value: number) => Number.isFinite(value) && value >= 0)).toBe(true);
    }
  });

  test.each(seeds.slice(0, 12))('more partitions never lower the capacity (SEED=%i)', (seed) => {
    const base = drawScenario(new Random(seed));
    const more = { ...base.design, partitions: base.design.partitions + 1 + (seed % 3) };
    const before = simulateDay(base);
    const after = simulateDay({ ...base, design: more });
    expect(after.capacityPerSecond).toBeGreaterThanOrEqual(before.capacityPerSecond);
  });

  test.each(seeds.slice(0, 12))('a longer watermark delay never drops more (SEED=%i)', (seed) => {
    const base = drawScenario(new Random(seed));
    const delay = base.design.watermarkDelaySeconds + 1 + (seed % 20);
    const longer = { ...base.design, watermarkDelaySeconds: delay };
    const dropped = (design: Design) => {
      const { lateDropped } = simulateDay({ ...base, design }).columns;
      return lateDropped.reduce((sum, value) => sum + value, 0);
    };
    expect(dropped(longer)).toBeLessThanOrEqual(dropped(base.design) + 1e-6);
  });
});
