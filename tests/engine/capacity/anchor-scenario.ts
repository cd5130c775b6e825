import type {
  CapacityCluster,
  DayScenario,
  Design,
  DayLoad,
  Twist,
} from '../../../engine/capacity/index.ts';

/** A design that keeps up with `anchorLoad`, and whose numbers are easy to do in one's head. */
export const anchorDesign: Design = {
  partitions: 8,
  keying: 'natural',
  saltCount: 1,
  engine: 'continuous',
  parallelism: 8,
  watermarkDelaySeconds: 5,
  checkpointIntervalSeconds: 10,
  triggerIntervalSeconds: 10,
  guarantee: 'exactly-once',
  sink: 'upsert',
};

/** 1,000 records/s all day long, no hot key, one record in a hundred over 5 s late. */
export const anchorLoad: DayLoad = {
  recordsPerDay: 86_400_000,
  hourlyWeights: new Array<number>(24).fill(1),
  hotKeyShare: 0,
  hotKeyName: 'K',
  recordBytes: 100,
  keyCount: 100,
  entityCount: 0,
  entityBytes: 0,
  windowSeconds: 10,
  windowRowBytes: 100,
  lateness: [
    { share: 0, seconds: 0 },
    { share: 0.99, seconds: 5 },
    { share: 1, seconds: 25 },
  ],
};

export const anchorCluster: CapacityCluster = {
  recordsPerSecondPerSubtask: 250,
  mergeShare: 0.1,
  mergeFlushSeconds: 1,
  batchOverheadSeconds: 1,
  checkpointBaseSeconds: 1,
  snapshotBytesPerSecondPerSubtask: 1e9,
  detectSeconds: { continuous: 20, 'micro-batch': 20 },
  restartSeconds: 10,
  pagerSeconds: 600,
  dollarsPerSlotHour: 1,
  dollarsPerLogGigabyteDay: 0,
  logReplicas: 3,
  logRetentionDays: 1,
};

interface Change {
  readonly design?: Partial<Design>;
  readonly load?: Partial<DayLoad>;
  readonly cluster?: Partial<CapacityCluster>;
  readonly twists?: readonly Twist[];
}

/** The anchor with some parts changed. */
export function scenario({ design, load, cluster, twists = [] }: Change = {}): DayScenario {
  return {
    design: { ...anchorDesign, ...design },
    load: { ...anchorLoad, ...load },
    cluster: { ...anchorCluster, ...cluster },
    twists,
  };
}

/** A machine dies five seconds after a checkpoint began. */
export const crashAtNoon: Twist = { type: 'crash', title: 'crash', atSecond: 43_205 };
