/** The numbers to say before drawing anything, computed from what the interviewer told. */
import { backlogAfterCrash, catchUpSeconds, partitionsNeeded, saltsNeeded } from '#engine';
import type { Estimate } from '../schema.ts';
import { BUSIEST_ORIGIN, BUSIEST_SHARE, PEAK_FACTOR } from './flights-shape.ts';
import { FLIGHTS_PER_DAY, UPDATES_PER_FLIGHT, modelDesign, scenario } from './scenario.ts';

const { load, cluster, twists } = scenario;
const surge = twists.find((twist) => twist.type === 'surge');

const averageRecordsPerSecond = (FLIGHTS_PER_DAY * UPDATES_PER_FLIGHT) / 86_400;
const peakRecordsPerSecond = averageRecordsPerSecond * PEAK_FACTOR;
const peakBytesPerSecond = peakRecordsPerSecond * load.recordBytes;
const hotRecordsPerSecond = peakRecordsPerSecond * BUSIEST_SHARE * (surge?.rateFactor ?? 1);
const perSubtask = cluster.recordsPerSecondPerSubtask * (1 - cluster.mergeShare);
/** What one subtask has left for the hot key beside its part of all the others. */
const spareRecordsPerSecond = perSubtask - peakRecordsPerSecond / modelDesign.parallelism;
const capacityPerSecond = perSubtask * modelDesign.parallelism;
const downtimeSeconds = cluster.detectSeconds.continuous + cluster.restartSeconds;
const crashBacklog = backlogAfterCrash(
  peakRecordsPerSecond,
  downtimeSeconds,
  modelDesign.checkpointIntervalSeconds,
);

const thousands = (value: number): string => Math.round(value).toLocaleString('en-US');

const flights = thousands(FLIGHTS_PER_DAY);
const perTask = thousands(cluster.recordsPerSecondPerSubtask);
const spare = thousands(spareRecordsPerSecond);
const { parallelism: slots, checkpointIntervalSeconds: age } = modelDesign;

export const estimates: readonly Estimate[] = [
  {
    id: 'average-rate',
    prompt: 'Updates per second, on average',
    unit: 'updates/s',
    formula: `${flights} flights × ${thousands(UPDATES_PER_FLIGHT)} updates ÷ 86,400 s`,
    value: averageRecordsPerSecond,
    toleranceFactor: 1.3,
    consequence: 'An average is what nobody ever sees. Go on to the peak.',
  },
  {
    id: 'peak-rate',
    prompt: 'Updates per second, in the busiest hour',
    unit: 'updates/s',
    formula: `average × ${PEAK_FACTOR.toFixed(2)}, the busiest hour of 3,000,000 departures`,
    value: peakRecordsPerSecond,
    toleranceFactor: 1.4,
    consequence: 'Nights are nearly empty, so the day is steeper than its average.',
  },
  {
    id: 'peak-bytes',
    prompt: 'Bytes into the log at the peak',
    unit: 'MB/s',
    formula: `peak × ${load.recordBytes} B`,
    value: peakBytesPerSecond / 1e6,
    toleranceFactor: 1.5,
    consequence: 'Small for Kafka: here records per second decide, not bytes.',
  },
  {
    id: 'partitions',
    prompt: 'Partitions',
    unit: 'partitions',
    formula: `max(bytes ÷ 10 MB/s, peak ÷ ${perTask}/s per task) × 2 to grow`,
    value: partitionsNeeded({
      bytesPerSecond: peakBytesPerSecond,
      bytesPerSecondPerPartition: 10e6,
      recordsPerSecond: peakRecordsPerSecond,
      recordsPerSecondPerConsumer: cluster.recordsPerSecondPerSubtask,
      growthFactor: 2,
    }),
    toleranceFactor: 2,
    consequence: 'Fewer partitions than subtasks leaves subtasks without work.',
  },
  {
    id: 'hot-airport',
    prompt: `Updates per second of ${BUSIEST_ORIGIN.code} alone, in a storm at the peak`,
    unit: 'updates/s',
    formula: `peak × ${(BUSIEST_SHARE * 100).toFixed(1)} % × ${surge?.rateFactor ?? 1}`,
    value: hotRecordsPerSecond,
    toleranceFactor: 1.4,
    consequence: 'More than twice what one subtask does. More subtasks do not help a single key.',
  },
  {
    id: 'salts',
    prompt: 'Salts that keep its subtasks under 70 %',
    unit: 'salts',
    formula: `storm rate ÷ (0.7 × the ${spare}/s a subtask has left beside its other keys)`,
    value: saltsNeeded(hotRecordsPerSecond, spareRecordsPerSecond, 0.7),
    toleranceFactor: 1.5,
    consequence: 'Dividing by the whole subtask is the usual slip: it has other keys to serve.',
  },
  {
    id: 'catch-up',
    prompt: `Seconds to catch up after a crash at the peak, with ${slots} slots`,
    unit: 's',
    formula:
      `(${downtimeSeconds} s down + ${age} s since the checkpoint) × peak ÷ ` +
      `(${thousands(capacityPerSecond)}/s − peak)`,
    value: catchUpSeconds(crashBacklog, capacityPerSecond, peakRecordsPerSecond),
    toleranceFactor: 1.5,
    consequence: 'Headroom buys recovery: at 90 % busy the same backlog takes nine times its age.',
  },
];
