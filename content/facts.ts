/**
 * What the pages say about real systems, each with version and source. A page names a fact by its
 * id and prints the text from here, so that one sentence about a system exists once, and is checked
 * once.
 */
export const SYSTEMS = ['flink', 'spark', 'kafka-streams'] as const;
export type System = (typeof SYSTEMS)[number];

export const SYSTEM_NAMES: { readonly [system in System]: string } = {
  flink: 'Apache Flink',
  spark: 'Spark Structured Streaming',
  'kafka-streams': 'Kafka Streams',
};

export interface Fact {
  readonly system: System;
  /** The releases it was read for. */
  readonly version: string;
  /** One to three short sentences; code stands in backticks. */
  readonly text: string;
  /** Address of the document or source file that says so. */
  readonly source: string;
  /** Day of the last check, as YYYY-MM-DD. */
  readonly checked: string;
}

type Statement = Omit<Fact, 'system' | 'version'>;

const flink = (statement: Statement): Fact => ({
  ...statement,
  system: 'flink',
  version: '2.0–2.1',
});
const spark = (statement: Statement): Fact => ({ ...statement, system: 'spark', version: '4.0' });
const kafkaStreams = (statement: Statement): Fact => ({
  ...statement,
  system: 'kafka-streams',
  version: '4.0',
});

const FLINK_DOCS = 'https://nightlies.apache.org/flink/flink-docs-release-2.1/docs';
const FLINK_CORE =
  'https://github.com/apache/flink/blob/release-2.1.0/flink-core/src/main/java/org/apache/flink';
const SPARK_DOCS =
  'https://spark.apache.org/docs/4.0.0/streaming/apis-on-dataframes-and-datasets.html';
const SPARK_STREAMING =
  'https://github.com/apache/spark/blob/v4.0.0/sql/core/src/main/scala/org/apache/spark/sql' +
  '/execution/streaming';
const KAFKA_DOCS = 'https://kafka.apache.org/40/streams';
const KAFKA_API = 'https://kafka.apache.org/40/javadoc/org/apache/kafka/streams';
const KAFKA_STREAMS =
  'https://github.com/apache/kafka/blob/4.0.0/streams/src/main/java/org/apache/kafka/streams';
const KIP_633 =
  'https://cwiki.apache.org/confluence/display/KAFKA/KIP-633%3A+Deprecate+24-hour+Default' +
  '+Grace+Period+for+Windowed+Operations+in+Streams';

const CHECKED = '2026-11-25';

export const FACTS = {
  'flink-event-time': flink({
    text: 'A timestamp assigner. Without one, a Kafka record brings its own timestamp.',
    source: `${FLINK_DOCS}/connectors/datastream/kafka/`,
    checked: CHECKED,
  }),
  'spark-event-time': spark({
    text: 'A column that you name in `withWatermark`. There is no default.',
    source: `${SPARK_DOCS}#handling-late-data-and-watermarking`,
    checked: CHECKED,
  }),
  'kafka-streams-event-time': kafkaStreams({
    text: 'The record’s own timestamp, unless a `TimestampExtractor` says otherwise.',
    source: `${KAFKA_API}/processor/TimestampExtractor.html`,
    checked: CHECKED,
  }),
  'flink-watermark': flink({
    text:
      '`forBoundedOutOfOrderness(delay)`: largest event time seen, minus the delay, minus 1 ms. ' +
      'It travels in the stream, between the records.',
    source: `${FLINK_CORE}/api/common/eventtime/BoundedOutOfOrdernessWatermarks.java`,
    checked: CHECKED,
  }),
  'spark-watermark': spark({
    text:
      'Largest event time seen, minus the delay. One number for the whole query. It never goes ' +
      'back.',
    source: `${SPARK_STREAMING}/WatermarkTracker.scala`,
    checked: CHECKED,
  }),
  'kafka-streams-watermark': kafkaStreams({
    text:
      'None. A window closes when the largest timestamp seen (“stream time”) reaches its end ' +
      'plus the grace period.',
    source: `${KAFKA_API}/kstream/Windows.html`,
    checked: CHECKED,
  }),
  'flink-movement': flink({
    text:
      'Every 200 ms by the machine’s clock (`pipeline.auto-watermark-interval`), not after every ' +
      'record.',
    source: `${FLINK_CORE}/configuration/PipelineOptions.java`,
    checked: CHECKED,
  }),
  'spark-movement': spark({
    text: 'At the end of a batch. The next batch is the first to use it.',
    source: `${SPARK_STREAMING}/MicroBatchExecution.scala`,
    checked: CHECKED,
  }),
  'kafka-streams-movement': kafkaStreams({
    text: 'With every record.',
    source: `${KAFKA_STREAMS}/kstream/internals/KStreamWindowAggregate.java`,
    checked: CHECKED,
  }),
  'flink-emission': flink({
    text:
      'Once, when the watermark passes the window’s end; again for each late record within the ' +
      'allowed lateness.',
    source: `${FLINK_DOCS}/dev/datastream/operators/windows/`,
    checked: CHECKED,
  }),
  'spark-emission': spark({
    text:
      '`append`: once, when the watermark passes the end. `update`: in every batch that ' +
      'changed it.',
    source: `${SPARK_DOCS}#output-modes`,
    checked: CHECKED,
  }),
  'kafka-streams-emission': kafkaStreams({
    text:
      'As it changes; a cache merges updates until it is full or a commit, 30 s by default. ' +
      '`suppress(untilWindowCloses(…))` or `EmitStrategy.onWindowClose()` waits for the end.',
    source: `${KAFKA_DOCS}/developer-guide/memory-mgmt`,
    checked: CHECKED,
  }),
  'flink-late': flink({
    text:
      'Dropped: `allowedLateness` is 0 by default. Counted in `numLateRecordsDropped`. ' +
      '`sideOutputLateData` keeps them.',
    source: `${FLINK_DOCS}/dev/datastream/operators/windows/#allowed-lateness`,
    checked: CHECKED,
  }),
  'spark-late': spark({
    text:
      'Less late than the delay: never dropped. Later: “may or may not”. Counted in ' +
      '`numRowsDroppedByWatermark`.',
    source: `${SPARK_DOCS}#semantic-guarantees-of-aggregation-with-watermarking`,
    checked: CHECKED,
  }),
  'kafka-streams-late': kafkaStreams({
    text:
      'Dropped after the grace period, which you choose: `ofSizeAndGrace` or ' +
      '`ofSizeWithNoGrace`. The old default, 24 hours, was deprecated in 3.0.',
    source: KIP_633,
    checked: CHECKED,
  }),
} as const satisfies { readonly [id: string]: Fact };

export type FactId = keyof typeof FACTS;

/** Whether a text is the id of a known fact. */
export function isFactId(id: string): id is FactId {
  return Object.hasOwn(FACTS, id);
}

/**
 * The fact `id`.
 * @throws Error naming the unknown id and what to do.
 */
export function readFact(id: string): Fact {
  if (isFactId(id)) return FACTS[id];
  throw new Error(
    `unknown fact "${id}": add it to content/facts.ts with system, version, source and the day ` +
      'you checked it, or correct the id',
  );
}
