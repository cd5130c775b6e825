/**
 * The choices of a design form, in the words of the systems they stand for. Defaults and versions
 * are those of the Flink 2.x (2.0–2.3), Spark 4.x and Kafka 4.x documentation.
 */
import type { Design, DesignField } from '#engine';

export interface ChoiceOption {
  readonly value: string;
  readonly label: string;
  readonly meaning: string;
}

/** Where a choice is offered: always, or only with one engine or keying. */
export type ChoiceCondition = (design: Design) => boolean;

export type Choice = {
  readonly field: DesignField;
  readonly label: string;
  /** What it is in Flink, Spark and Kafka, with the default. */
  readonly meaning: string;
  readonly isOffered: ChoiceCondition;
} & (
  | { readonly type: 'number'; readonly unit: string; readonly steps: readonly number[] }
  | { readonly type: 'option'; readonly options: readonly ChoiceOption[] }
);

const always: ChoiceCondition = () => true;

/** In the order in which one decides. */
export const CHOICES: readonly Choice[] = [
  {
    type: 'option',
    field: 'engine',
    label: 'Engine',
    meaning: 'How records meet the code: one by one, or a batch at a time.',
    isOffered: always,
    options: [
      {
        value: 'continuous',
        label: 'Record at a time',
        meaning:
          'Flink 2.x in streaming mode: long-lived tasks, windows fire as soon as the watermark ' +
          'passes their end.',
      },
      {
        value: 'micro-batch',
        label: 'Micro-batch',
        meaning:
          'Spark 4.x Structured Streaming, append mode: a batch uses the watermark that the ' +
          'batch before it left, so a window shows one batch later.',
      },
    ],
  },
  {
    type: 'number',
    field: 'partitions',
    label: 'Partitions',
    unit: 'partitions',
    meaning:
      'Of the Kafka topic. Kafka 4.x creates a topic with 1 (num.partitions). One partition is ' +
      'read by one task at a time, so they cap the tasks that work. More can be added later, but ' +
      'then keys move.',
    isOffered: always,
    steps: [1, 6, 16, 32, 64],
  },
  {
    type: 'number',
    field: 'parallelism',
    label: 'Parallelism',
    unit: 'slots',
    meaning:
      'Flink: parallelism.default is 1; a slot holds one subtask of every operator. Spark: ' +
      'executor cores. Each costs money all day, busy or not.',
    isOffered: always,
    steps: [1, 4, 8, 16, 32],
  },
  {
    type: 'option',
    field: 'keying',
    label: 'Key',
    meaning: 'What decides which task a record goes to. One key is never split over two tasks.',
    isOffered: always,
    options: [
      {
        value: 'global',
        label: 'None: one global window',
        meaning: 'Flink: windowAll, which always runs with parallelism 1.',
      },
      {
        value: 'natural',
        label: 'Airport',
        meaning: 'keyBy(airport), groupBy("airport"): the busiest airport sits in one task.',
      },
      {
        value: 'salted',
        label: 'Airport and salt',
        meaning:
          'First by airport and salt, then a second stage merges the partial counts once a second.',
      },
    ],
  },
  {
    type: 'number',
    field: 'saltCount',
    label: 'Salts per airport',
    unit: 'salts',
    meaning: 'Over how many tasks the busiest airport is spread, and its window state with it.',
    isOffered: (design) => design.keying === 'salted',
    steps: [2, 4, 8, 16],
  },
  {
    type: 'number',
    field: 'watermarkDelaySeconds',
    label: 'Watermark delay',
    unit: 's',
    meaning:
      'How long a window waits for stragglers. Flink: forBoundedOutOfOrderness, no default. ' +
      'Spark: withWatermark, no default. Every second of it is a second of staleness.',
    isOffered: always,
    steps: [0, 2, 10, 30, 90],
  },
  {
    type: 'number',
    field: 'checkpointIntervalSeconds',
    label: 'Checkpoint interval',
    unit: 's',
    meaning:
      'Flink: execution.checkpointing.interval, off until it is set. It bounds what is replayed ' +
      'after a crash, and is how long a transactional sink keeps its results to itself.',
    isOffered: (design) => design.engine === 'continuous' && design.guarantee !== 'none',
    steps: [5, 10, 60, 300],
  },
  {
    type: 'number',
    field: 'triggerIntervalSeconds',
    label: 'Trigger interval',
    unit: 's',
    meaning:
      'Spark: Trigger.ProcessingTime. Unset, the next batch starts when the last one ends. A ' +
      'batch that takes longer delays the next.',
    isOffered: (design) => design.engine === 'micro-batch',
    steps: [1, 5, 10, 60],
  },
  {
    type: 'option',
    field: 'guarantee',
    label: 'Guarantee for state',
    meaning: 'What a restored job knows about what it had already counted.',
    isOffered: always,
    options: [
      {
        value: 'none',
        label: 'No checkpoints',
        meaning:
          'Flink 2.x by default: the state is lost, and without checkpointing a failed job is ' +
          'not restarted. Spark: most sinks refuse to start without a checkpoint location; with ' +
          'a temporary one, a restarted query begins anew.',
      },
      {
        value: 'at-least-once',
        label: 'At least once',
        meaning:
          'Flink: barriers are not aligned, so a snapshot can hold records that are read again. ' +
          'Spark: no such mode; its batches make state exact either way.',
      },
      {
        value: 'exactly-once',
        label: 'Exactly once',
        meaning:
          'Flink: the default mode once checkpointing is on; aligned barriers. Spark: logged ' +
          'offsets and versioned state. It says nothing about the sink yet.',
      },
    ],
  },
  {
    type: 'option',
    field: 'sink',
    label: 'Writing to the table',
    meaning: 'What happens when a result is written a second time, because it will be.',
    isOffered: always,
    options: [
      {
        value: 'append',
        label: 'Insert a row',
        meaning: 'Each result is a new row. A replay inserts it again.',
      },
      {
        value: 'increment',
        label: 'Add to a counter',
        meaning: 'UPDATE … SET n = n + ?, or INCRBY. A replay adds again.',
      },
      {
        value: 'upsert',
        label: 'Upsert the whole row',
        meaning: 'Keyed by airport and window. A replay writes the same row again.',
      },
      {
        value: 'transactional',
        label: 'Transaction',
        meaning:
          'Flink: two-phase commit, visible when the checkpoint completes. Spark: foreachBatch ' +
          'in a transaction that also stores the batch id.',
      },
    ],
  },
];
