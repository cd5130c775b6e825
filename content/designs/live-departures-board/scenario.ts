/**
 * The world of the live departures board: what a day brings, what attacks it, what is promised.
 * The hours of the day and the busiest airport's share are measured in recorded flights; the other
 * numbers are the interviewer's, and a candidate has to ask for them.
 */
import type { CapacityCluster, DayLoad, DayObjective, Design, Twist } from '#engine';
import type { DesignScenario } from '../schema.ts';
import { BUSIEST_ORIGIN, BUSIEST_SHARE, DEPARTURES_BY_HOUR } from './flights-shape.ts';

export const FLIGHTS_PER_DAY = 100_000;
/** One a second while a flight is tracked, about 2.8 hours. */
export const UPDATES_PER_FLIGHT = 10_000;

const load: DayLoad = {
  recordsPerDay: FLIGHTS_PER_DAY * UPDATES_PER_FLIGHT,
  hourlyWeights: DEPARTURES_BY_HOUR,
  hotKeyShare: BUSIEST_SHARE,
  hotKeyName: BUSIEST_ORIGIN.code,
  recordBytes: 300,
  keyCount: 4_000,
  entityCount: 20_000,
  entityBytes: 400,
  windowSeconds: 10,
  windowRowBytes: 100,
  lateness: [
    { share: 0, seconds: 0 },
    { share: 0.5, seconds: 2 },
    { share: 0.95, seconds: 6 },
    { share: 0.99, seconds: 12 },
    { share: 0.999, seconds: 20 },
    { share: 1, seconds: 60 },
  ],
};

const cluster: CapacityCluster = {
  recordsPerSecondPerSubtask: 2_500,
  mergeShare: 0.05,
  mergeFlushSeconds: 1,
  batchOverheadSeconds: 1,
  checkpointBaseSeconds: 0.5,
  snapshotBytesPerSecondPerSubtask: 50e6,
  detectSeconds: { continuous: 50, 'micro-batch': 50 },
  restartSeconds: 10,
  pagerSeconds: 900,
  dollarsPerSlotHour: 0.1,
  dollarsPerLogGigabyteDay: 0.01,
  logReplicas: 3,
  logRetentionDays: 3,
};

const twists: readonly Twist[] = [
  {
    type: 'sink-outage',
    title: 'The serving table refuses writes',
    startSecond: 9 * 3600 + 15 * 60,
    durationSeconds: 300,
  },
  {
    type: 'surge',
    title: 'Storm over Chicago: six times the updates, twice as late',
    startSecond: 13 * 3600,
    durationSeconds: 3 * 3600,
    rateFactor: 6,
    latenessFactor: 2,
  },
  {
    type: 'crash',
    title: 'A machine dies at the evening peak',
    atSecond: 17 * 3600 + 30 * 60 + 52,
  },
];

export const FRESHNESS_LIMIT_SECONDS = 60;

const objectives: readonly DayObjective[] = [
  {
    id: 'fresh',
    title: 'At most 60 s old for 98 % of the day',
    type: 'freshness',
    limitSeconds: FRESHNESS_LIMIT_SECONDS,
    shareMin: 0.98,
  },
  {
    id: 'recovered',
    title: 'Fresh again 5 min after a machine dies',
    type: 'recovery',
    freshnessSeconds: FRESHNESS_LIMIT_SECONDS,
    limitSeconds: 300,
  },
  {
    id: 'complete',
    title: 'At most 0.1 % of the updates too late to count',
    type: 'completeness',
    lateShareMax: 0.001,
  },
  { id: 'exact', title: 'None counted twice, none lost', type: 'exactness', wrongRecordsMax: 0 },
  {
    id: 'headroom',
    title: 'At most 70 % busy at the usual peak',
    type: 'headroom',
    utilizationMax: 0.7,
  },
  { id: 'cost', title: 'At most $80 a day', type: 'cost', dollarsPerDayMax: 80 },
];

/** Every system as it comes: what runs when nobody has decided anything. */
export const defaultsDesign: Design = {
  engine: 'continuous',
  partitions: 1,
  parallelism: 1,
  keying: 'natural',
  saltCount: 8,
  watermarkDelaySeconds: 0,
  checkpointIntervalSeconds: 60,
  triggerIntervalSeconds: 10,
  guarantee: 'none',
  sink: 'append',
};

/** What is often said: more slots, a counter, and "at least once is enough for a board". */
export const weakDesign: Design = {
  ...defaultsDesign,
  partitions: 6,
  parallelism: 16,
  watermarkDelaySeconds: 2,
  checkpointIntervalSeconds: 300,
  guarantee: 'at-least-once',
  sink: 'increment',
};

export const modelDesign: Design = {
  engine: 'continuous',
  partitions: 32,
  parallelism: 16,
  keying: 'salted',
  saltCount: 8,
  watermarkDelaySeconds: 30,
  checkpointIntervalSeconds: 10,
  triggerIntervalSeconds: 10,
  guarantee: 'exactly-once',
  sink: 'upsert',
};

/** The other answer that holds: a short trigger, with the same key and the same sink. */
export const microBatchDesign: Design = {
  ...modelDesign,
  engine: 'micro-batch',
  triggerIntervalSeconds: 5,
};

export const scenario: DesignScenario = {
  load,
  cluster,
  twists,
  objectives,
  firstDesign: defaultsDesign,
  modelDesign,
};
