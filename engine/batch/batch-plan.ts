import { ConfigError } from '../core/errors.ts';
import { isConnected, subtaskId } from '../datastream/job-graph.ts';
import type { JobEdge, JobGraph, JobVertex } from '../datastream/job-graph.ts';
import type { Configuration } from '../datastream/configuration.ts';
import type { SinkPlan } from '../datastream/job-sinks.ts';
import type { StreamNode } from '../datastream/stream-graph.ts';
import type { TraceNames } from '../datastream/trace-names.ts';
import type { SourceReading } from '../connectors/source-reading.ts';
import type { LogInput, LogRecord } from '../logs/log.ts';
import { nextKept, offsetAt } from '../logs/partition-life.ts';
import type { ReadPartition } from '../logs/partition-life.ts';
import { resumeAt, startOffset } from '../logs/read-position.ts';
import type { SplitInfo } from '../trace/trace.ts';
import { selectRecords } from './select-records.ts';
import type { SplitPart } from './task-input.ts';

/** The logs of a scenario, by name. */
export interface Logs {
  readonly [name: string]: LogInput;
}

/** A job as stages: each chain is one, since every edge between two chains is a blocking one. */
export interface BatchPlan {
  readonly jobGraph: JobGraph;
  readonly stages: readonly Stage[];
  readonly configuration: Configuration;
  /** By node. */
  readonly sinks: ReadonlyMap<number, SinkPlan>;
  readonly names: TraceNames;
}

/** The tasks that do the same work on different parts of the data. */
export interface Stage {
  /** In topological order. */
  readonly index: number;
  readonly vertex: JobVertex;
  readonly inputs: readonly JobEdge[];
  readonly outputs: readonly JobEdge[];
  /** What each task reads from logs; empty unless it begins with a source. */
  readonly splits: readonly (readonly SplitPart[])[];
  /** From a task's slot until it is done with one record, in ms. */
  readonly serviceMs: number;
  /** Two attempts of one task may run at a time: nothing shows what the slower one has done. */
  readonly mayBeDoubled: boolean;
  /** May give something else when it runs again. */
  readonly isIndeterminate: boolean;
}

/** One of the tasks that a task reads from, and how. */
export interface Producer {
  readonly edge: JobEdge;
  readonly stage: Stage;
  readonly index: number;
  /** Place among the channels of the reader. */
  readonly channel: number;
}

/** How a job's chains become stages. */
export function planStages(
  jobGraph: JobGraph,
  logs: Logs,
  splits: readonly SplitInfo[],
  options: {
    readonly serviceMs: { readonly [operator: string]: number };
    readonly indeterminate: readonly string[];
    readonly startMs: number;
  },
): Stage[] {
  const { vertices, networkEdges, vertexOfNode } = jobGraph;
  return vertices.map((vertex, index) => {
    const { nodes } = vertex;
    return {
      index,
      vertex,
      inputs: networkEdges.filter(({ to }) => vertexOfNode.get(to.id) === vertex),
      outputs: networkEdges.filter(({ from }) => vertexOfNode.get(from.id) === vertex),
      splits: splitsOf(vertex, logs, splits, options.startMs),
      serviceMs: nodes.reduce((sum, { name }) => sum + (options.serviceMs[name] ?? 0), 0),
      mayBeDoubled: nodes.every(
        ({ body }) => body.type !== 'sink' || body.sink.kind === 'transactional',
      ),
      isIndeterminate: nodes.some(({ name }) => options.indeterminate.includes(name)),
    };
  });
}

/** What a task reads from, in the order of its channels. */
export function producersOf(plan: BatchPlan, stage: Stage, index: number): Producer[] {
  const producers: Producer[] = [];
  for (const edge of stage.inputs) {
    const vertex = plan.jobGraph.vertexOfNode.get(edge.from.id) as JobVertex;
    const from = plan.stages[vertex.index] as Stage;
    for (let fromIndex = 0; fromIndex < edge.fromParallelism; fromIndex += 1) {
      if (!isConnected(edge, fromIndex, index)) continue;
      producers.push({ edge, stage: from, index: fromIndex, channel: producers.length });
    }
  }
  return producers;
}

/**
 * The logs as they stood at a moment: what had arrived, and nothing is going to follow.
 * @throws ConfigError for an unbounded log when there is no such moment.
 */
export function boundedLogs(logs: Logs, cutOffMs: number | undefined): Logs {
  return Object.fromEntries(
    Object.entries(logs).map(([name, log]) => {
      if (cutOffMs !== undefined) return [name, cutOff(log, cutOffMs)];
      if (log.isBounded === false) throw unbounded(name);
      return [name, log];
    }),
  );
}

function cutOff(log: LogInput, cutOffMs: number): LogInput {
  return { ...selectRecords(log, ({ arrivalMs }) => arrivalMs <= cutOffMs), isBounded: true };
}

function splitsOf(
  vertex: JobVertex,
  logs: Logs,
  splits: readonly SplitInfo[],
  startMs: number,
): readonly (readonly SplitPart[])[] {
  const head = vertex.nodes[0] as StreamNode;
  const { body } = head;
  if (body.type !== 'source') return [];
  if (body.reading.fetching !== undefined) throw neverBounded(body.log);
  return Array.from({ length: vertex.parallelism }, (_, index) => {
    const id = subtaskId(vertex, head, index);
    return splits.flatMap(({ subtask, log, partition }, split) => {
      if (subtask !== id) return [];
      const records = logs[log]?.partitions[partition] ?? [];
      const read = { records, life: logs[log]?.lives?.[partition] };
      return [splitPart(read, partition, body.reading, split, startMs)];
    });
  });
}

/** What a source finds in a partition when the job starts: from where it begins to the end. */
function splitPart(
  partition: ReadPartition,
  index: number,
  reading: SourceReading,
  split: number,
  startMs: number,
): SplitPart {
  const { records, life } = partition;
  const offset = startOffset(partition, index, reading, startMs);
  const { place: first } = resumeAt(partition, offset, reading.reset, startMs);
  if (first === 0 && life === undefined) return { split, records, offsets: undefined };
  const places: number[] = [];
  for (let place = first; place < records.length; place += 1) {
    if (nextKept(partition, place, startMs) === place) places.push(place);
  }
  return {
    split,
    records: places.map((place) => records[place] as LogRecord),
    offsets: places.map((place) => offsetAt(partition, place)),
  };
}

/** flink-connector-aws 6.0 KinesisStreamsSource.getBoundedness. */
function neverBounded(log: string): ConfigError {
  return new ConfigError(
    'a Kinesis source has no end, so a batch job can not read it',
    `kinesisSource for "${log}"`,
    'read what the stream has kept: logSource for its log',
  );
}

/** Flink 2.3 StreamGraphGenerator.shouldExecuteInBatchMode. */
function unbounded(log: string): ConfigError {
  return new ConfigError(
    "an unbounded source can't be read with 'execution.runtime-mode' set to 'BATCH'",
    `log "${log}" with isBounded: false`,
    'run the job with simulate(), make the log bounded, or give a cutOffMs',
  );
}
