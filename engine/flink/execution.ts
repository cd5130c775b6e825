import { DEFAULT_READING } from '../connectors/source-reading.ts';
import type { KeyTable } from '../core/key-table.ts';
import { Random } from '../core/random.ts';
import type { LogInput, LogRecord } from '../logs/log.ts';
import { BroadcastingOutput, ChainedOutput, SILENT_OUTPUT } from '../operators/chained-outputs.ts';
import type { Operator, Output } from '../operators/operator.ts';
import type { SplitInfo } from '../trace/trace.ts';
import { Channel } from './channel.ts';
import type { Configuration } from '../datastream/configuration.ts';
import { BUFFER_RECORDS_DEFAULT } from './cost-model.ts';
import type { CostModel } from './cost-model.ts';
import { isConnected, subtaskId } from '../datastream/job-graph.ts';
import type { JobEdge, JobGraph, JobVertex } from '../datastream/job-graph.ts';
import type { SinkPlan } from '../datastream/job-sinks.ts';
import { OperatorChain } from './operator-chain.ts';
import type { ChainLink } from './operator-chain.ts';
import { OperatorTask } from './operator-task.ts';
import { BroadcastOutput, GlobalOutput, HashOutput } from './outputs.ts';
import { RebalanceOutput, ShuffleOutput } from './outputs.ts';
import type { NetworkOutput } from './outputs.ts';
import { LogSplit } from './log-split.ts';
import { SourceTask } from './source-task.ts';
import { SplitEnumerator } from './split-enumerator.ts';
import { SplitReader } from './split-reader.ts';
import type { StreamNode } from '../datastream/stream-graph.ts';
import { SubtaskContext } from '../datastream/subtask-context.ts';
import type { Task, TaskRuntime, TaskSnapshot } from './task-runtime.ts';
import { TaskWork } from './task-work.ts';
import type { TraceNames } from '../datastream/trace-names.ts';

/** One task of an attempt, with its place in the job. */
export interface PlacedTask {
  readonly vertex: JobVertex;
  readonly index: number;
  readonly task: Task;
}

/** Everything that stays the same from one attempt to the next. */
export interface ExecutionPlan {
  readonly jobGraph: JobGraph;
  readonly configuration: Configuration;
  readonly costs: CostModel;
  readonly logs: { readonly [name: string]: LogInput };
  readonly splits: readonly SplitInfo[];
  /** Who hands out the splits of each source, by node; kept over restarts. */
  readonly enumerators: Map<number, SplitEnumerator>;
  readonly sinks: ReadonlyMap<number, SinkPlan>;
  readonly names: TraceNames;
  readonly startMs: number;
  /** Where the job goes on from; undefined for a fresh start. */
  readonly restoredSnapshots: ((keys: KeyTable) => readonly TaskSnapshot[]) | undefined;
  /**
   * The job laid out for another parallelism.
   * @throws ConfigError when it can't have that.
   */
  readonly rescale: (parallelism: number) => Pick<ExecutionPlan, 'jobGraph' | 'splits'>;
  readonly seed: number;
}

/**
 * Builds the tasks of one attempt: first every task and channel, then the chains between them, so
 * that nothing runs before everything is connected. `isIncluded` picks the tasks to build, by whole
 * regions: a channel never leads out of what is built.
 */
export function buildTasks(
  plan: ExecutionPlan,
  runtime: TaskRuntime,
  attempt: number,
  isIncluded: (vertex: number, index: number) => boolean,
): PlacedTask[] {
  return new TaskBuilder(plan, runtime, attempt, isIncluded).build();
}

class TaskBuilder {
  readonly #plan: ExecutionPlan;
  readonly #runtime: TaskRuntime;
  readonly #attempt: number;
  readonly #isIncluded: (vertex: number, index: number) => boolean;
  /** Tasks by vertex, then subtask index; undefined where one is not included. */
  readonly #tasks: (Task | undefined)[][] = [];
  /** Channels by edge, then index of the sending subtask. */
  readonly #channels = new Map<JobEdge, Channel[][]>();

  constructor(
    plan: ExecutionPlan,
    runtime: TaskRuntime,
    attempt: number,
    isIncluded: (vertex: number, index: number) => boolean,
  ) {
    this.#plan = plan;
    this.#runtime = runtime;
    this.#attempt = attempt;
    this.#isIncluded = isIncluded;
  }

  build(): PlacedTask[] {
    const { jobGraph } = this.#plan;
    for (const vertex of jobGraph.vertices) this.#tasks.push(this.#createTasks(vertex));
    for (const edge of jobGraph.networkEdges) this.#connect(edge);
    const placed: PlacedTask[] = [];
    for (const vertex of jobGraph.vertices) {
      this.#tasks[vertex.index]?.forEach((task, index) => {
        if (task === undefined) return;
        this.#startTask(vertex, index, task);
        placed.push({ vertex, index, task });
      });
    }
    return placed;
  }

  #createTasks(vertex: JobVertex): (Task | undefined)[] {
    return Array.from({ length: vertex.parallelism }, (_, index) => {
      if (!this.#isIncluded(vertex.index, index)) return undefined;
      const head = vertex.nodes[0] as StreamNode;
      if (head.body.type === 'source') return this.#createSource(vertex, head, index);
      const { configuration } = this.#plan;
      const isUnaligned = configuration['execution.checkpointing.unaligned.enabled'];
      const timeoutMs = configuration['execution.checkpointing.aligned-checkpoint-timeout'];
      const isExactlyOnce = configuration['execution.checkpointing.mode'] === 'EXACTLY_ONCE';
      const startsAligned = !isUnaligned || timeoutMs > 0;
      const exactMode = startsAligned ? 'aligned' : 'unaligned';
      return new OperatorTask(this.#runtime, {
        barrierMode: isExactlyOnce ? exactMode : 'at-least-once',
        alignedTimeoutMs: isUnaligned && isExactlyOnce ? timeoutMs : 0,
        work: this.#workOf(vertex),
      });
    });
  }

  #workOf(vertex: JobVertex): TaskWork {
    const { serviceMs = {}, snapshotSyncMs = 0, snapshotBytesPerMs } = this.#plan.costs;
    return new TaskWork({
      serviceMs: vertex.nodes.reduce((sum, node) => sum + (serviceMs[node.name] ?? 0), 0),
      snapshotSyncMs,
      snapshotBytesPerMs: snapshotBytesPerMs ?? Infinity,
    });
  }

  #createSource(vertex: JobVertex, node: StreamNode, index: number): SourceTask {
    const { logs, splits, configuration, startMs } = this.#plan;
    if (node.body.type !== 'source') throw new TypeError('not a source');
    const { log, reading, strategy } = node.body;
    const { enumerators } = this.#plan;
    const enumerator = enumerators.get(node.id) ?? new SplitEnumerator();
    enumerators.set(node.id, enumerator);
    const subtask = subtaskId(vertex, node, index);
    const input = logs[log] as LogInput;
    const readers = splits.flatMap((split, id) => {
      if (split.log !== log || split.subtask !== subtask) return [];
      const { partition: index } = split;
      const records = input.partitions[index] as readonly LogRecord[];
      const life = input.lives?.[index];
      const isPlain = life === undefined && reading === DEFAULT_READING;
      const logSplit = isPlain ? undefined : new LogSplit({ records, life }, index, reading);
      return [new SplitReader(id, { index, records }, logSplit, strategy)];
    });
    return new SourceTask(this.#runtime, readers, {
      subtask,
      autoWatermarkIntervalMs: configuration['pipeline.auto-watermark-interval'],
      startMs,
      isBounded: input.isBounded ?? true,
      copiesRecords: !configuration['pipeline.object-reuse'],
      isUnaligned:
        configuration['execution.checkpointing.unaligned.enabled'] &&
        configuration['execution.checkpointing.aligned-checkpoint-timeout'] === 0 &&
        configuration['execution.checkpointing.mode'] === 'EXACTLY_ONCE',
      alignment: strategy.alignment,
      enumerator,
      work: this.#workOf(vertex),
    });
  }

  #connect(edge: JobEdge): void {
    const { vertexOfNode } = this.#plan.jobGraph;
    const from = vertexOfNode.get(edge.from.id) as JobVertex;
    const to = vertexOfNode.get(edge.to.id) as JobVertex;
    const { costs } = this.#plan;
    const settings = {
      bufferRecords: costs.bufferRecords ?? BUFFER_RECORDS_DEFAULT,
      networkDelayMs: costs.networkDelayMs ?? 0,
      nowMs: () => this.#runtime.nowMs,
      lane: this.#runtime.lane,
    };
    const channels: Channel[][] = Array.from({ length: from.parallelism }, () => []);
    for (let toIndex = 0; toIndex < to.parallelism; toIndex += 1) {
      const target = this.#tasks[to.index]?.[toIndex] as OperatorTask | undefined;
      if (target === undefined) continue;
      for (let fromIndex = 0; fromIndex < from.parallelism; fromIndex += 1) {
        if (!isConnected(edge, fromIndex, toIndex)) continue;
        const sender = this.#tasks[from.index]?.[fromIndex] as Task;
        const channel = new Channel(target, target.inputs.length, sender.credits, settings);
        target.connect(channel, edge.input);
        (channels[fromIndex] as Channel[]).push(channel);
      }
    }
    this.#channels.set(
      edge,
      channels.map((list, index) => inOutputOrder(edge, index, list)),
    );
  }

  #startTask(vertex: JobVertex, index: number, task: Task): void {
    const networkOutputs: NetworkOutput[] = [];
    const outputsOf = new Map<number, Map<string | undefined, Output>>();
    const links: ChainLink[] = [];
    // From the tail, so that the next operator of a chain exists when the one before needs it.
    for (const node of [...vertex.nodes].reverse()) {
      const outputs = this.#outputsOf(node, index, outputsOf, networkOutputs);
      if (node.body.type === 'source') {
        outputsOf.set(node.id, outputs);
        continue;
      }
      const link = this.#createLink(vertex, node, index, task, outputs);
      links.unshift(link);
      outputsOf.set(node.id, new Map([[undefined, new ChainedOutput(link.operator)]]));
    }
    const head = vertex.nodes[0] as StreamNode;
    const { recorder } = this.#runtime;
    const chain = new OperatorChain(
      links,
      networkOutputs,
      recorder,
      subtaskId(vertex, head, index),
    );
    if (task.isSource) {
      task.start(chain, outputsOf.get(head.id)?.get(undefined) ?? SILENT_OUTPUT);
    } else {
      task.start(chain);
    }
  }

  /** Where a node's records go, by side output. */
  #outputsOf(
    node: StreamNode,
    index: number,
    chained: ReadonlyMap<number, ReadonlyMap<string | undefined, Output>>,
    networkOutputs: NetworkOutput[],
  ): Map<string | undefined, Output> {
    const { chainedEdges, networkEdges } = this.#plan.jobGraph;
    const lists = new Map<string | undefined, Output[]>();
    const add = (tagId: string | undefined, output: Output): void => {
      lists.set(tagId, [...(lists.get(tagId) ?? []), output]);
    };
    for (const edge of chainedEdges) {
      if (edge.from !== node.id) continue;
      add(edge.tagId, chained.get(edge.to)?.get(undefined) as Output);
    }
    for (const edge of networkEdges) {
      if (edge.from.id !== node.id) continue;
      const output = this.#networkOutput(edge, index);
      networkOutputs.push(output);
      add(edge.tagId, output);
    }
    return new Map([...lists].map(([tagId, outputs]) => [tagId, oneOutput(outputs)]));
  }

  #networkOutput(edge: JobEdge, index: number): NetworkOutput {
    const channels = this.#channels.get(edge)?.[index] as Channel[];
    const copies = !this.#plan.configuration['pipeline.object-reuse'];
    const { partitioning } = edge;
    const { maxParallelism } = this.#plan.jobGraph;
    switch (partitioning.type) {
      case 'hash': {
        const { keys } = this.#runtime;
        return new HashOutput(channels, partitioning.keySelector, keys, maxParallelism, copies);
      }
      case 'shuffle':
        return new ShuffleOutput(channels, copies, this.#randomOf(edge, index));
      case 'broadcast':
        return new BroadcastOutput(channels);
      case 'global':
        return new GlobalOutput(channels, copies);
      default:
        return new RebalanceOutput(channels, copies);
    }
  }

  /** Random numbers of one output: the same in every run, others in every attempt. */
  #randomOf(edge: JobEdge, index: number): Random {
    const place = this.#plan.jobGraph.networkEdges.indexOf(edge);
    const { seed } = this.#plan;
    return new Random(seed + 7919 * place + 104_729 * index + 1_299_709 * this.#attempt);
  }

  #createLink(
    vertex: JobVertex,
    node: StreamNode,
    index: number,
    task: Task,
    outputs: ReadonlyMap<string | undefined, Output>,
  ): ChainLink {
    const runtime = this.#runtime;
    const place = vertex.nodes.indexOf(node) - (task.isSource ? 1 : 0);
    const context = new SubtaskContext({
      recorder: runtime.recorder,
      keys: runtime.keys,
      subtask: subtaskId(vertex, node, index),
      operator: node.name,
      taskInfo: {
        getIndexOfThisSubtask: () => index,
        getNumberOfParallelSubtasks: () => vertex.parallelism,
        getAttemptNumber: () => this.#attempt,
      },
      backendType: this.#plan.configuration['state.backend.type'],
      hasCheckpoints: this.#plan.configuration['execution.checkpointing.interval'] !== undefined,
      names: this.#plan.names,
      nowMs: () => runtime.nowMs,
      wakeAt: (atMs) =>
        runtime.plan(task, Math.max(atMs, runtime.nowMs), () => {
          if (task.isFinished) return;
          task.wakeOperator(place);
          runtime.countStep();
        }),
      planCall: (atMs, call) =>
        runtime.plan(task, Math.max(atMs, runtime.nowMs), () => {
          call();
          runtime.countStep();
        }),
      cancelCall: (call) => runtime.cancel(call),
      holdInput: (isHeld) => {
        if (isHeld) task.credits.channelFilled();
        else task.credits.channelDrained();
      },
    });
    for (const [tagId, output] of outputs) {
      if (tagId === undefined) context.output = output;
      else context.sideOutputs.set(tagId, output);
    }
    return { operator: this.#createOperator(node, context), context };
  }

  #createOperator(node: StreamNode, context: SubtaskContext): Operator {
    const { body } = node;
    if (body.type === 'operator') return body.create(context);
    if (body.type === 'source') throw new TypeError('a source is not part of a chain');
    const { connection, index } = this.#plan.sinks.get(node.id) as SinkPlan;
    return connection.createWriter(context, index);
  }
}

/**
 * The channels of one sender in the order in which it deals. On a pointwise edge with n receivers
 * for a sender, that with index i reads output i mod n, so that the first record need not go to the
 * first of them (Flink 2.3 VertexInputInfoComputationUtils).
 */
function inOutputOrder(edge: JobEdge, fromIndex: number, channels: readonly Channel[]): Channel[] {
  const { partitioning, fromParallelism, toParallelism } = edge;
  if (partitioning.type !== 'pointwise' || channels.length < 2) return [...channels];
  const first = Math.ceil((fromIndex * toParallelism) / fromParallelism);
  const turn = channels.length - (first % channels.length);
  return [...channels.slice(turn), ...channels.slice(0, turn)];
}

function oneOutput(outputs: readonly Output[]): Output {
  return outputs.length === 1 ? (outputs[0] as Output) : new BroadcastingOutput(outputs);
}
