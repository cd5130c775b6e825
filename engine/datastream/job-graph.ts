import { ConfigError } from '../core/errors.ts';
import { checkParallelism, defaultMaxParallelism } from '../state/key-groups.ts';
import type { ChannelInfo, SubtaskInfo } from '../trace/trace.ts';
import type { StreamExecutionEnvironment } from './environment.ts';
import type { Partitioning, StreamEdge, StreamNode } from './stream-graph.ts';

/**
 * Models Flink 2.x's JobGraph: operators joined by forward edges of equal parallelism run as one
 * chain, in one thread, without a channel between them.
 * Simplified: every subtask i of every vertex shares slot i (the default slot sharing group), and
 * slots fill one task manager after another.
 */
export interface JobVertex {
  readonly index: number;
  /** In topological order; the first is the head. */
  readonly nodes: readonly StreamNode[];
  readonly parallelism: number;
  readonly name: string;
  /** Id of the first operator subtask; see `subtaskId`. */
  readonly firstSubtask: number;
}

/** An edge between two vertices, over the network. */
export interface JobEdge {
  readonly from: StreamNode;
  readonly to: StreamNode;
  readonly partitioning:
    | Exclude<Partitioning, { type: 'default' | 'forward' | 'rescale' }>
    | { readonly type: 'pointwise' };
  readonly tagId: string | undefined;
  /** The input of `to` that it leads to: 0, or 1 for the second of two. */
  readonly input: number;
  readonly fromParallelism: number;
  readonly toParallelism: number;
}

export interface JobGraph {
  readonly vertices: readonly JobVertex[];
  readonly networkEdges: readonly JobEdge[];
  readonly chainedEdges: readonly StreamEdge[];
  readonly maxParallelism: number;
  readonly subtasks: readonly SubtaskInfo[];
  readonly channels: readonly ChannelInfo[];
  readonly vertexOfNode: ReadonlyMap<number, JobVertex>;
}

export interface ClusterSize {
  readonly taskManagers: number;
  readonly slotsPerTaskManager: number;
}

/** How a job is laid out anew when its parallelism changes. */
export interface Rescaling {
  /** For every operator that has no parallelism of its own. */
  readonly parallelism: number;
  /** Fixed for the life of the state. */
  readonly maxParallelism: number;
  readonly epoch: number;
  /** Ids below this are taken by earlier epochs. */
  readonly firstSubtask: number;
}

/** @throws ConfigError for parallelism that cannot be. */
export function buildJobGraph(
  env: StreamExecutionEnvironment,
  cluster: ClusterSize,
  rescaling?: Rescaling,
): JobGraph {
  const { graph } = env;
  graph.seal();
  checkHasWork(graph.nodes);
  const usual = rescaling?.parallelism ?? env.parallelism;
  const parallelismOf = (node: StreamNode): number => node.parallelism ?? usual;
  const widest = Math.max(...graph.nodes.map(parallelismOf));
  const maxParallelism =
    rescaling?.maxParallelism ?? env.maxParallelism ?? defaultMaxParallelism(widest);
  for (const node of graph.nodes) {
    checkParallelism(`"${node.name}"`, parallelismOf(node), maxParallelism);
  }
  checkCluster(cluster);
  const chainedEdges = graph.edges.filter(
    (edge) => env.isChainingEnabled && isChained(edge, graph.edges, graph.nodes, parallelismOf),
  );
  const firstSubtask = rescaling?.firstSubtask ?? 0;
  const vertices = buildVertices(graph.nodes, chainedEdges, parallelismOf, firstSubtask);
  const vertexOfNode = new Map<number, JobVertex>();
  for (const vertex of vertices) {
    for (const node of vertex.nodes) vertexOfNode.set(node.id, vertex);
  }
  const networkEdges = graph.edges
    .filter((edge) => !chainedEdges.includes(edge))
    .map((edge) => networkEdge(edge, graph.nodes, parallelismOf));
  const subtasks = describeSubtasks(vertices, cluster, rescaling?.epoch ?? 0);
  const channels = describeChannels(networkEdges, vertexOfNode);
  return {
    vertices,
    networkEdges,
    chainedEdges,
    maxParallelism,
    subtasks,
    channels,
    vertexOfNode,
  };
}

/** Id of one operator subtask: what rows of a trace call `subtask`. */
export function subtaskId(vertex: JobVertex, node: StreamNode, index: number): number {
  return vertex.firstSubtask + index * vertex.nodes.length + vertex.nodes.indexOf(node);
}

/**
 * Whether a channel runs between two subtasks of an edge. Pointwise edges connect neighbours, as
 * evenly as may be (Flink 2.3 VertexInputInfoComputationUtils.computeVertexInputInfoForPointwise).
 */
export function isConnected(edge: JobEdge, fromIndex: number, toIndex: number): boolean {
  if (edge.partitioning.type !== 'pointwise') return true;
  const { fromParallelism, toParallelism } = edge;
  if (fromParallelism >= toParallelism) {
    const start = Math.floor((toIndex * fromParallelism) / toParallelism);
    const end = Math.floor(((toIndex + 1) * fromParallelism) / toParallelism);
    return fromIndex >= start && fromIndex < end;
  }
  const start = Math.ceil((fromIndex * toParallelism) / fromParallelism);
  const end = Math.ceil(((fromIndex + 1) * toParallelism) / fromParallelism);
  return toIndex >= start && toIndex < end;
}

function isChained(
  edge: StreamEdge,
  edges: readonly StreamEdge[],
  nodes: readonly StreamNode[],
  parallelismOf: (node: StreamNode) => number,
): boolean {
  const inputCount = edges.filter((other) => other.to === edge.to).length;
  const from = nodes[edge.from] as StreamNode;
  const to = nodes[edge.to] as StreamNode;
  const isEqual = parallelismOf(from) === parallelismOf(to);
  const { type } = edge.partitioning;
  const isForward = type === 'default' || type === 'forward';
  const isAllowed = from.chaining !== 'never' && to.chaining === 'always';
  return inputCount === 1 && isForward && isEqual && isAllowed;
}

function networkEdge(
  edge: StreamEdge,
  nodes: readonly StreamNode[],
  parallelismOf: (node: StreamNode) => number,
): JobEdge {
  const from = nodes[edge.from] as StreamNode;
  const to = nodes[edge.to] as StreamNode;
  const { partitioning, tagId, input } = edge;
  const fromParallelism = parallelismOf(from);
  const toParallelism = parallelismOf(to);
  const rest = { from, to, tagId, input, fromParallelism, toParallelism };
  const isEqual = fromParallelism === toParallelism;
  switch (partitioning.type) {
    case 'default':
      return { ...rest, partitioning: { type: isEqual ? 'pointwise' : 'rebalance' } };
    case 'rescale':
      return { ...rest, partitioning: { type: 'pointwise' } };
    case 'forward':
      if (!isEqual) throw unequalForward(rest);
      return { ...rest, partitioning: { type: 'pointwise' } };
    default:
      return { ...rest, partitioning };
  }
}

function unequalForward(edge: Omit<JobEdge, 'partitioning'>): ConfigError {
  return new ConfigError(
    'forward partitioning does not allow a change of parallelism',
    `"${edge.from.name}" with ${edge.fromParallelism}, ` +
      `"${edge.to.name}" with ${edge.toParallelism}`,
    'use another partitioning strategy, such as broadcast, rebalance, shuffle or global',
  );
}

function buildVertices(
  nodes: readonly StreamNode[],
  chainedEdges: readonly StreamEdge[],
  parallelismOf: (node: StreamNode) => number,
  firstId: number,
): JobVertex[] {
  const headOf = new Map<number, number>();
  for (const node of nodes) {
    const input = chainedEdges.find((edge) => edge.to === node.id);
    headOf.set(node.id, input === undefined ? node.id : (headOf.get(input.from) as number));
  }
  const vertices: JobVertex[] = [];
  let firstSubtask = firstId;
  for (const head of nodes) {
    if (headOf.get(head.id) !== head.id) continue;
    const chain = nodes.filter((node) => headOf.get(node.id) === head.id);
    const parallelism = parallelismOf(head);
    vertices.push({
      index: vertices.length,
      nodes: chain,
      parallelism,
      name: chain.map((node) => node.name).join(' → '),
      firstSubtask,
    });
    firstSubtask += chain.length * parallelism;
  }
  return vertices;
}

function describeSubtasks(
  vertices: readonly JobVertex[],
  cluster: ClusterSize,
  epoch: number,
): SubtaskInfo[] {
  return vertices.flatMap((vertex) =>
    Array.from({ length: vertex.parallelism }, (_, index) =>
      vertex.nodes.map((node) => ({
        operator: node.name,
        index,
        task: vertex.name,
        taskManager: taskManagerOf(index, cluster),
        kind: node.body.type,
        epoch,
      })),
    ).flat(),
  );
}

/** The machine of the subtasks with an index; they take turns when there are fewer slots. */
function taskManagerOf(index: number, { taskManagers, slotsPerTaskManager }: ClusterSize): number {
  return Math.floor((index % (taskManagers * slotsPerTaskManager)) / slotsPerTaskManager);
}

function describeChannels(
  edges: readonly JobEdge[],
  vertexOfNode: ReadonlyMap<number, JobVertex>,
): ChannelInfo[] {
  const channels: ChannelInfo[] = [];
  const inputCounts = new Map<number, number>();
  for (const edge of edges) {
    const from = vertexOfNode.get(edge.from.id) as JobVertex;
    const to = vertexOfNode.get(edge.to.id) as JobVertex;
    for (let toIndex = 0; toIndex < to.parallelism; toIndex += 1) {
      const target = subtaskId(to, edge.to, toIndex);
      for (let fromIndex = 0; fromIndex < from.parallelism; fromIndex += 1) {
        if (!isConnected(edge, fromIndex, toIndex)) continue;
        const index = inputCounts.get(target) ?? 0;
        inputCounts.set(target, index + 1);
        channels.push({ from: subtaskId(from, edge.from, fromIndex), to: target, index });
      }
    }
  }
  return channels;
}

function checkHasWork(nodes: readonly StreamNode[]): void {
  const hasSource = nodes.some((node) => node.body.type === 'source');
  const hasSink = nodes.some((node) => node.body.type === 'sink');
  if (hasSource && hasSink) return;
  throw new ConfigError(
    'a job needs a source and a sink',
    hasSource ? 'no sink' : 'no source',
    hasSource ? 'end the stream with .sinkTo(…)' : 'begin with env.fromSource(…)',
  );
}

function checkCluster(cluster: ClusterSize): void {
  for (const [what, count] of Object.entries(cluster)) {
    if (Number.isInteger(count) && count >= 1) continue;
    throw new ConfigError(`cluster.${what} must be at least 1`, count, 'use for example 2');
  }
}

/** @throws ConfigError when the tasks of the job can't all run at once. */
export function checkSlots(cluster: ClusterSize, { vertices }: JobGraph): void {
  const widest = Math.max(...vertices.map(({ parallelism }) => parallelism));
  const slots = cluster.taskManagers * cluster.slotsPerTaskManager;
  if (widest <= slots) return;
  throw new ConfigError(
    `the cluster must have a slot for each of the ${widest} parallel subtasks`,
    `${slots} slots`,
    'add task managers or slots, or lower the parallelism',
  );
}

/** Parallelism by operator name: what faults and costs may be aimed at. */
export function parallelismByOperator(jobGraph: JobGraph): Map<string, number> {
  const operators = new Map<string, number>();
  for (const vertex of jobGraph.vertices) {
    for (const node of vertex.nodes) operators.set(node.name, vertex.parallelism);
  }
  return operators;
}
