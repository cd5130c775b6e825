import { ConfigError } from '../core/errors.ts';
import type { QuerySpec } from '../dataset/data-stream-writer.ts';
import { isStreaming, nodesOf } from '../dataset/plan.ts';
import type { LogicalPlan, OutputMode } from '../dataset/plan.ts';

type NodeType = LogicalPlan['type'];
type SinkType = QuerySpec['sink']['type'];

/** One way in which Spark can run a streaming query: what it supports, and what that costs. */
export interface ExecutionMode {
  readonly name: 'micro-batch' | 'continuous' | 'real-time';
  /** Whether this engine runs it; the others are described only. */
  readonly isModelled: boolean;
  readonly since: string;
  readonly guarantee: 'exactly-once' | 'at-least-once';
  /** How long a row takes through a query at best, as Spark's guide says. */
  readonly latency: string;
  /** What the trigger's interval is. */
  readonly interval: string;
  readonly outputModes: readonly OutputMode[];
  /** What a query may be made of; undefined: everything that UnsupportedOperationChecker allows. */
  readonly nodes: readonly NodeType[] | undefined;
  readonly sinks: readonly SinkType[];
  /** What a later version adds. */
  readonly later?: string;
  readonly source: string;
}

/** Spark 4.2.0's execution modes. */
export const EXECUTION_MODES: { readonly [N in ExecutionMode['name']]: ExecutionMode } = {
  'micro-batch': {
    name: 'micro-batch',
    isModelled: true,
    since: '2.0',
    guarantee: 'exactly-once',
    latency: 'about 100 ms',
    interval: 'from one batch to the next; 0: as soon as possible',
    outputModes: ['append', 'update', 'complete'],
    nodes: undefined,
    sinks: ['memory', 'file', 'kafka', 'foreachBatch'],
    source: 'sql/core MicroBatchExecution.scala; Structured Streaming guide, Performance Tips',
  },
  continuous: {
    name: 'continuous',
    isModelled: false,
    since: '2.3, experimental',
    guarantee: 'at-least-once',
    latency: 'about 1 ms',
    interval: 'from one checkpoint to the next: rows do not wait for it',
    outputModes: ['append', 'update'],
    nodes: ['stream', 'static', 'project', 'filter', 'map'],
    sinks: ['memory', 'kafka'],
    source: 'sql/catalyst UnsupportedOperationChecker.checkForContinuous',
  },
  'real-time': {
    name: 'real-time',
    isModelled: false,
    since: '4.1',
    guarantee: 'exactly-once',
    latency: 'milliseconds',
    interval: 'how long one batch lives, and so how often state is checkpointed; at least 5 s',
    outputModes: ['update'],
    nodes: ['stream', 'static', 'project', 'filter', 'map', 'watermark', 'union', 'join'],
    sinks: ['memory', 'kafka'],
    later: '4.3.0: dropDuplicates, aggregations and transformWithState of the JVM',
    source: 'sql/core RealTimeModeAllowlist.scala, SQLConf realTimeMode.minBatchDuration',
  },
};

/** spark.sql.streaming.realTimeMode.minBatchDuration. */
const REAL_TIME_BATCH_MS_MIN = 5000;

/** What Spark calls the nodes of its plans. */
const NODE_NAMES: { readonly [T in NodeType]: string } = {
  stream: 'StreamingRelationV2',
  static: 'LocalRelation',
  project: 'Project',
  filter: 'Filter',
  map: 'MapElements',
  watermark: 'EventTimeWatermark',
  aggregate: 'Aggregate',
  deduplicate: 'Deduplicate',
  join: 'Join',
  union: 'Union',
  sort: 'Sort',
  limit: 'GlobalLimit',
  'groups-with-state': 'FlatMapGroupsWithState',
  'transform-with-state': 'TransformWithState',
};

/**
 * Refuses a query whose trigger asks for a mode that this engine does not run: for Spark's reasons
 * where Spark refuses it too.
 * @throws ConfigError unless the query is run in micro-batches.
 */
export function checkExecutionMode(query: QuerySpec): void {
  const { trigger } = query;
  if (trigger.type !== 'continuous' && trigger.type !== 'real-time') return;
  const mode = EXECUTION_MODES[trigger.type];
  if (mode.name === 'continuous') checkForContinuous(query, mode);
  else checkForRealTime(query, mode, trigger.intervalMs);
  throw new ConfigError(
    `${mode.name} mode is described, not modelled: Spark 4.2.0 would run this query, ` +
      `${mode.guarantee}, rows taking ${mode.latency}`,
    `an interval of ${trigger.intervalMs} ms, ${mode.interval}`,
    'use Trigger.ProcessingTime to run it in micro-batches here',
  );
}

function checkForContinuous({ plan, sink }: QuerySpec, mode: ExecutionMode): void {
  const strange = nodesOf(plan).find(({ type }) => mode.nodes?.includes(type) === false);
  if (strange !== undefined) {
    throw new ConfigError(
      `Continuous processing does not support ${NODE_NAMES[strange.type]} operations`,
      strange.type,
      'keep to select, where and map, or use Trigger.ProcessingTime',
    );
  }
  if (mode.sinks.includes(sink.type)) return;
  throw new ConfigError(
    `'${sink.type}' is not supported with continuous trigger`,
    sink.name,
    'write to Kafka, or use Trigger.ProcessingTime',
  );
}

function checkForRealTime(
  { plan, sink, outputMode }: QuerySpec,
  mode: ExecutionMode,
  intervalMs: number,
): void {
  if (intervalMs < REAL_TIME_BATCH_MS_MIN) {
    throw new ConfigError(
      '[INVALID_STREAMING_REAL_TIME_MODE_TRIGGER_INTERVAL] The real-time trigger interval is ' +
        `less than the ${REAL_TIME_BATCH_MS_MIN} ms minimum`,
      intervalMs,
      'rows do not wait for it: it is how long a batch lives; Spark takes 5 minutes by default',
    );
  }
  if (!mode.outputModes.includes(outputMode)) {
    throw new ConfigError(
      '[STREAMING_REAL_TIME_MODE.OUTPUT_MODE_NOT_SUPPORTED] The output mode is not supported',
      outputMode,
      'set the output mode to Update',
    );
  }
  const strange = nodesOf(plan)
    .filter(isStreaming)
    .find((node) => mode.nodes?.includes(node.type) === false || isStreamJoin(node));
  const culprit = strange === undefined ? undefined : NODE_NAMES[strange.type];
  const sinkCulprit = mode.sinks.includes(sink.type) ? undefined : sink.type;
  if (culprit === undefined && sinkCulprit === undefined) return;
  throw new ConfigError(
    `[STREAMING_REAL_TIME_MODE.OPERATOR_OR_SINK_NOT_IN_ALLOWLIST] The ` +
      `${culprit === undefined ? 'sink' : 'operator'} is not in the allowlist for Real-Time Mode`,
    culprit ?? sinkCulprit,
    'keep to operators without state and a Kafka sink, or use Trigger.ProcessingTime',
  );
}

/** Joined with a table, the table is sent to every task; joined with a stream, both are kept. */
function isStreamJoin(node: LogicalPlan): boolean {
  return node.type === 'join' && isStreaming(node.left) && isStreaming(node.right);
}
