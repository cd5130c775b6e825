import { TransactionalStore } from '../connectors/transactional-store.ts';
import { WATERMARK_MAX, WATERMARK_MIN } from '../core/time.ts';
import { subtaskId } from '../datastream/job-graph.ts';
import type { JobEdge, JobVertex } from '../datastream/job-graph.ts';
import type { StreamNode } from '../datastream/stream-graph.ts';
import { SubtaskContext } from '../datastream/subtask-context.ts';
import type { SubtaskSettings } from '../datastream/subtask-context.ts';
import { BroadcastingOutput, ChainedOutput, SILENT_OUTPUT } from '../operators/chained-outputs.ts';
import type { Operator, Output } from '../operators/operator.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { BatchPlan } from './batch-plan.ts';
import { createWriter } from './partition-writer.ts';
import type { PartitionWriter, WriterSettings } from './partition-writer.ts';
import { StagedTransactionWriter } from './staged-transaction-writer.ts';

/** What an operator's context needs besides its place in the job. */
export type ContextSettings = Omit<SubtaskSettings, 'subtask' | 'operator' | 'hasCheckpoints'>;

/** The checkpoint by which sinks call what they commit at the end of the job. */
const END_OF_JOB = 1;

interface Link {
  readonly operator: Operator;
  readonly context: SubtaskContext;
}

/**
 * The operators of one attempt, and the writers behind them. Models Flink 2.3's OperatorChain in
 * batch execution: a chain gets one watermark, at the end of its input; the timers of its head fire
 * at the end of each key (BatchExecutionInternalTimeService.setCurrentKey).
 */
export class TaskChain {
  /** Head first; without the source, if the head is one. */
  readonly links: readonly Link[];
  /** Where a source's records go. */
  readonly sourceOutput: Output;
  readonly writers: Map<JobEdge, PartitionWriter>;
  readonly #settings: ContextSettings;

  constructor(
    plan: BatchPlan,
    vertex: JobVertex,
    index: number,
    context: ContextSettings,
    writer: WriterSettings,
  ) {
    this.#settings = context;
    const links: Link[] = [];
    const writers = new Map<JobEdge, PartitionWriter>();
    const outputsOf = new Map<number, Map<string | undefined, Output>>();
    // From the tail, so that the next operator exists when the one before needs it.
    for (const node of [...vertex.nodes].reverse()) {
      const outputs = outputsOfNode(plan, node, index, outputsOf, writer, writers);
      outputsOf.set(node.id, outputs);
      if (node.body.type === 'source') continue;
      const subtask = subtaskId(vertex, node, index);
      // To a sink, the end of the job is the one checkpoint that there is.
      const hasCheckpoints = node.body.type === 'sink';
      const settings = { ...context, subtask, operator: node.name, hasCheckpoints };
      const subtaskContext = new SubtaskContext(settings);
      for (const [tagId, output] of outputs) {
        if (tagId === undefined) subtaskContext.output = output;
        else subtaskContext.sideOutputs.set(tagId, output);
      }
      const operator = createOperator(plan, node, subtaskContext);
      links.unshift({ operator, context: subtaskContext });
      outputsOf.set(node.id, new Map([[undefined, new ChainedOutput(operator)]]));
    }
    const head = vertex.nodes[0] as StreamNode;
    this.sourceOutput = outputsOf.get(head.id)?.get(undefined) ?? SILENT_OUTPUT;
    this.links = links;
    this.writers = writers;
    links.forEach(({ context: own }, place) => {
      own.forwardWatermark = (watermarkMs, cause) => this.#advance(place + 1, watermarkMs, cause);
    });
  }

  get head(): Link {
    return this.links[0] as Link;
  }

  open(): void {
    for (const { operator } of [...this.links].reverse()) operator.open();
  }

  /** All records of the head's current key are in: its timers fire, and the key is forgotten. */
  endKey(key: number, lastRow: number): void {
    const { operator, context } = this.head;
    const cause = this.#noteWatermark(WATERMARK_MAX, WATERMARK_MIN, key, lastRow);
    context.currentWatermarkMs = WATERMARK_MAX;
    // What is registered from here on would never let the key end (Flink says: quiesced).
    context.ignoresTimers = true;
    operator.processWatermark(WATERMARK_MAX, cause);
    operator.endKey?.(cause);
    context.ignoresTimers = false;
    context.currentWatermarkMs = WATERMARK_MIN;
  }

  /** The next key begins: event time begins anew. */
  beginKey(key: number): void {
    this.#noteWatermark(WATERMARK_MIN, WATERMARK_MAX, key, NONE);
  }

  /** The end of all input: everyone gets the watermark that says so, and may say its last. */
  finish(cause: number, onFinished: () => void): void {
    this.#advance(0, WATERMARK_MAX, cause);
    this.#finishFrom(0, cause, onFinished);
  }

  /** The job has finished: what this attempt has flushed becomes visible. */
  commit(cause: number): void {
    for (const { operator } of this.links) operator.notifyCheckpointComplete?.(END_OF_JOB, cause);
  }

  /** What this attempt has written shall never be seen. */
  abort(cause: number, reason: string): void {
    for (const { operator } of this.links) {
      if (operator instanceof StagedTransactionWriter) operator.abort(cause, reason);
    }
  }

  entryCount(): number {
    return this.links.reduce((sum, { operator }) => sum + operator.entryCount(), 0);
  }

  #advance(place: number, watermarkMs: number, cause: number): void {
    for (let at = place; at < this.links.length; at += 1) {
      const { operator, context } = this.links[at] as Link;
      context.currentWatermarkMs = watermarkMs;
      context.ignoresTimers = watermarkMs === WATERMARK_MAX;
      if (operator.ignoresWatermarks !== true) operator.processWatermark(watermarkMs, cause);
      operator.endKey?.(cause);
      if (operator.holdsWatermarks === true) return;
    }
  }

  #finishFrom(place: number, cause: number, onFinished: () => void): void {
    const { recorder } = this.#settings;
    for (let at = place; at < this.links.length; at += 1) {
      const { operator, context } = this.links[at] as Link;
      const isDrained = operator.drain?.(cause, () => this.#finishFrom(at, cause, onFinished));
      if (isDrained === false) return;
      operator.finish?.(cause);
      recorder.add(KIND['subtask-finished'], context.subtask, cause, NONE, 0, 0, 0, NONE);
      if (context.hasCheckpoints) operator.snapshot(END_OF_JOB);
    }
    onFinished();
  }

  #noteWatermark(watermarkMs: number, beforeMs: number, key: number, cause: number): number {
    const kind = KIND['watermark-advanced'];
    const { recorder } = this.#settings;
    const { subtask } = this.head.context;
    return recorder.add(kind, subtask, cause, key, watermarkMs, beforeMs, 0, NONE);
  }
}

function outputsOfNode(
  plan: BatchPlan,
  node: StreamNode,
  index: number,
  chained: ReadonlyMap<number, ReadonlyMap<string | undefined, Output>>,
  settings: WriterSettings,
  writers: Map<JobEdge, PartitionWriter>,
): Map<string | undefined, Output> {
  const { chainedEdges, networkEdges } = plan.jobGraph;
  const lists = new Map<string | undefined, Output[]>();
  const add = (tagId: string | undefined, output: Output): void => {
    lists.set(tagId, [...(lists.get(tagId) ?? []), output]);
  };
  for (const edge of chainedEdges) {
    if (edge.from === node.id) add(edge.tagId, chained.get(edge.to)?.get(undefined) as Output);
  }
  for (const [place, edge] of networkEdges.entries()) {
    if (edge.from.id !== node.id) continue;
    const seed = settings.seed + 7919 * place;
    const writer = createWriter(edge, index, { ...settings, seed });
    writers.set(edge, writer);
    add(edge.tagId, writer);
  }
  return new Map(
    [...lists].map(([tagId, outputs]) => [
      tagId,
      outputs.length === 1 ? (outputs[0] as Output) : new BroadcastingOutput(outputs),
    ]),
  );
}

function createOperator(plan: BatchPlan, node: StreamNode, context: SubtaskContext): Operator {
  const { body } = node;
  if (body.type === 'operator') return body.create(context);
  if (body.type === 'source') throw new TypeError('a source is not part of a chain');
  const { connection, index } = plan.sinks.get(node.id)!;
  const { store } = connection;
  return store instanceof TransactionalStore
    ? new StagedTransactionWriter(context, body.sink, store, index)
    : connection.createWriter(context, index);
}
