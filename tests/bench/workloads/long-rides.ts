import {
  KeyedProcessFunction,
  ValueStateDescriptor,
  appendSink,
  hours,
  logSource,
  simulate,
} from '#engine';
import type {
  Collector,
  LogRecord,
  OnTimerContext,
  ProcessContext,
  Scenario,
  ValueState,
} from '#engine';
import { longRidesLimit } from '../loops/long-rides-limit.ts';
import { longRidesLoop } from '../loops/long-rides.ts';
import type { LongRide, LongRidesOptions } from '../loops/long-rides.ts';
import { numbersHash } from '../loops/output-hash.ts';
import { RIDE_COUNT, makeRides, toRideRows } from '../ride-data.ts';
import type { RideRow } from '../ride-data.ts';
import type { Workload } from '../workload.ts';
import { benchScenario, everyRecord, sinkRows } from './per-record-watermarks.ts';

/** Keeps the half of a ride that came first, and a timer for as long as it may wait. */
class LongRideAlerts extends KeyedProcessFunction<number, RideRow, LongRide> {
  readonly limitMs: number;
  private waiting!: ValueState<RideRow>;

  constructor(limitMs: number) {
    super();
    this.limitMs = limitMs;
  }

  override open(): void {
    this.waiting = this.getRuntimeContext().getState(new ValueStateDescriptor('waiting'));
  }

  override processElement(row: RideRow, context: ProcessContext<number>): void {
    const other = this.waiting.value();
    if (other !== null && other.type !== row.type) {
      context.timerService().deleteEventTimeTimer(this.deadlineOf(other));
      this.waiting.clear();
      return;
    }
    this.waiting.update(row);
    context.timerService().registerEventTimeTimer(this.deadlineOf(row));
  }

  override onTimer(
    _timestampMs: number,
    _context: OnTimerContext<number>,
    out: Collector<LongRide>,
  ): void {
    const row = this.waiting.value();
    this.waiting.clear();
    if (row?.type === 'start') out.collect({ ride: row.key, startedAt: row.ts });
  }

  private deadlineOf({ ts, type }: RideRow): number {
    return type === 'start' ? ts + this.limitMs : ts;
  }
}

export function longRidesScenario(
  records: readonly LogRecord<RideRow>[],
  { limitMs, delayMs }: LongRidesOptions,
): Scenario {
  return benchScenario({
    name: 'W6',
    logs: { records: { partitions: [records] } },
    job: (env) => {
      env.configure({ 'pipeline.object-reuse': true });
      env
        .fromSource(logSource<RideRow>('records'), everyRecord<RideRow>(delayMs), 'records')
        .keyBy((row) => row.key)
        .process(new LongRideAlerts(limitMs))
        .sinkTo(appendSink({ name: 'alerts' }));
    },
  });
}

const OPTIONS = { limitMs: hours(2), delayMs: 5_000 };

function hashOf(rows: readonly LongRide[]): string {
  return numbersHash(rows.map(({ ride, startedAt }) => [ride, startedAt]));
}

/** W6: a timer for every key, most of them deleted before their time. */
export const longRides: Workload = {
  id: 'W6',
  title: 'event timers: ride without end within 2 h',
  goals: { ofLoop: 0.8, timesLimit: 3 },
  prepare: async (recordCount = 2 * RIDE_COUNT) => {
    const columns = makeRides({ rideCount: Math.ceil(recordCount / 2), seed: 7 });
    const rows = toRideRows(columns);
    const records = rows.map((row, i) => {
      return { value: row, timestampMs: row.ts, arrivalMs: columns.arrivalMs[i] };
    });
    const scenario = longRidesScenario(records, OPTIONS);
    return {
      records: rows.length,
      sides: [
        {
          name: 'engine',
          run: () => {
            const run = simulate(scenario);
            return () => hashOf(sinkRows<LongRide>(run, 'alerts'));
          },
        },
        {
          name: 'loop',
          run: () => {
            const alerts = longRidesLoop(rows, OPTIONS);
            return () => hashOf(alerts);
          },
        },
        {
          name: 'limit',
          run: () => {
            const alerts = longRidesLimit(columns, OPTIONS);
            return () => hashOf(alerts);
          },
        },
      ],
    };
  },
};
