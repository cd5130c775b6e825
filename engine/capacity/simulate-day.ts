/**
 * Models a day of one streaming job at production rates: the unit is the flow, the tick a second.
 * Simplified: rates are real numbers, the two stages of a job are one, machines are alike; see each
 * part for more. Invariant, asserted each second: arrived + replayed = processed + backlog; and at
 * the end: arrived = counted + dropped late + lost + backlog.
 */
import { assert } from '../core/assert.ts';
import { checkCluster } from './cluster.ts';
import type { CapacityCluster } from './cluster.ts';
import { ContinuousJob } from './continuous-job.ts';
import { causeCode, createDayColumns } from './day.ts';
import type { Day, DayColumns, DayScenario, DayTotals } from './day.ts';
import { checkDesign } from './design.ts';
import { stateBytesOf } from './job.ts';
import type { Job, JobSecond, JobWorld } from './job.ts';
import { divideWork, countBefore, planLanes } from './lane.ts';
import { DAY_SECONDS, checkLoad } from './load.ts';
import type { DayLoad } from './load.ts';
import { MicroBatchJob } from './micro-batch-job.ts';
import { layTwists } from './twists.ts';

/**
 * Runs a design through a day, second by second. Pure: the same scenario gives the same columns.
 * Throws a `ConfigError` for a design, load, cluster or twist that can't be run.
 */
export function simulateDay(scenario: DayScenario): Day {
  const { design, load, cluster } = scenario;
  checkDesign(design);
  checkLoad(load);
  checkCluster(cluster);
  const twists = layTwists(scenario.twists);
  const division = divideWork(design, cluster);
  const lanes = planLanes(design, load, cluster, twists);
  const world: JobWorld = { design, load, cluster, division, lanes };
  const job: Job =
    design.engine === 'continuous' ? new ContinuousJob(world) : new MicroBatchJob(world);
  const columns = createDayColumns();
  const ledger = new Ledger();
  const dollarsPerSecond = dollarsPerDay(scenario) / DAY_SECONDS;
  for (let second = 0; second < DAY_SECONDS; second += 1) {
    const answer = job.step(second, {
      isCrash: twists.isCrash[second] === 1,
      isSinkOut: twists.isSinkOut[second] === 1,
    });
    ledger.enter(world, second, answer);
    writeColumns(columns, world, second, answer, ledger);
    columns.dollars[second] = (second + 1) * dollarsPerSecond;
  }
  return {
    scenario,
    columns,
    totals: ledger.close(world, dollarsPerDay(scenario)),
    capacityPerSecond: usualCapacity(world),
    capacityPerSecondPerSubtask: division.recordsPerSecondPerSubtask,
  };
}

/** Slots for a day, and the log's bytes in all their copies for as long as they are kept. */
export function dollarsPerDay({ design, load, cluster }: DayScenario): number {
  return design.parallelism * 24 * cluster.dollarsPerSlotHour + logDollarsPerDay(load, cluster);
}

function logDollarsPerDay(load: DayLoad, cluster: CapacityCluster): number {
  const gigabytes = (load.recordsPerDay * load.recordBytes) / 1e9;
  const kept = gigabytes * cluster.logReplicas * cluster.logRetentionDays;
  return kept * cluster.dollarsPerLogGigabyteDay;
}

function usualCapacity({ lanes }: JobWorld): number {
  return lanes.reduce((sum, lane) => sum + lane.capacityPerSecond, 0);
}

function writeColumns(
  columns: DayColumns,
  world: JobWorld,
  second: number,
  answer: JobSecond,
  ledger: Ledger,
): void {
  const { design, cluster, lanes, division } = world;
  const hotLane = lanes[0];
  assert(hotLane !== undefined, 'a job has a lane');
  const mergeSeconds = design.keying === 'salted' ? cluster.mergeFlushSeconds : 0;
  const waitSeconds = second + 1 - answer.visiblePosition;
  columns.arrivals[second] = lanes.reduce((sum, lane) => sum + lane.arrivals(second), 0);
  columns.capacity[second] = answer.canWork ? usualCapacity(world) : 0;
  columns.hotArrivals[second] = hotLane.arrivals(second) / division.hotCount;
  columns.backlog[second] = ledger.backlog;
  columns.freshnessSeconds[second] = waitSeconds + design.watermarkDelaySeconds + mergeSeconds;
  columns.stateBytes[second] = stateBytesOf(world, answer.laneSpreadSeconds);
  columns.snapshotSeconds[second] = answer.snapshotSeconds;
  columns.lateDropped[second] = lanes.reduce(
    (sum, { lateBefore }) =>
      sum + (lateBefore[second + 1] as number) - (lateBefore[second] as number),
    0,
  );
  columns.overcounted[second] = ledger.overcounted;
  columns.lost[second] = ledger.lost;
  columns.disturbance[second] = causeCode(answer.disturbance);
}

/** Double-entry book-keeping: what went in is somewhere. */
class Ledger {
  #arrived = 0;
  #processed = 0;
  #replayed = 0;
  overcounted = 0;
  lost = 0;
  backlog = 0;

  enter({ lanes }: JobWorld, second: number, answer: JobSecond): void {
    const arrived = lanes.reduce((sum, lane) => sum + lane.arrivals(second), 0);
    this.#arrived += arrived;
    this.#processed += answer.done;
    this.#replayed += answer.replayed;
    this.overcounted += answer.overcounted;
    this.lost += answer.lost;
    this.backlog += arrived + answer.replayed - answer.done;
    const waiting = lanes.reduce((sum, lane) => sum + lane.backlog(second + 1), 0);
    const tolerance = 1e-6 * (1 + this.#arrived);
    assert(answer.done >= 0 && answer.replayed >= 0, 'work and replay are not negative');
    assert(answer.overcounted >= 0 && answer.lost >= 0, 'harm is not negative');
    assert(Math.abs(this.backlog - waiting) <= tolerance, 'the mass of records');
    this.backlog = waiting;
  }

  close({ lanes }: JobWorld, dollars: number): DayTotals {
    const lateDropped = lanes.reduce(
      (sum, lane) => sum + countBefore(lane.lateBefore, lane.position(DAY_SECONDS)),
      0,
    );
    const unique = lanes.reduce((sum, lane) => sum + lane.processed, 0);
    const counted = unique - lateDropped - this.lost;
    const sum = counted + lateDropped + this.lost + this.backlog;
    assert(Math.abs(this.#arrived - sum) <= 1e-6 * (1 + this.#arrived), 'the mass of the day');
    return {
      arrived: this.#arrived,
      processed: this.#processed,
      replayed: this.#replayed,
      counted,
      lateDropped,
      lost: this.lost,
      backlog: this.backlog,
      overcounted: this.overcounted,
      dollars,
    };
  }
}
