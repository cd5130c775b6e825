import { ConfigError } from '../core/errors.ts';
import { SinkStore } from '../connectors/sinks.ts';
import type { Sink, SinkRow } from '../connectors/sinks.ts';
import type { SourceReading } from '../connectors/source-reading.ts';
import { TransactionalStore } from '../connectors/transactional-store.ts';
import { checkFault } from '../faults/fault.ts';
import { checkLog } from '../logs/log.ts';
import type { LogInput } from '../logs/log.ts';
import { javaHashCode } from '../state/key-groups.ts';
import type { SinkInfo, SplitInfo } from '../trace/trace.ts';
import { checkCosts } from './cost-model.ts';
import { StreamExecutionEnvironment } from '../datastream/environment.ts';
import type { ExecutionPlan, ExternalStore } from './execution.ts';
import { buildJobGraph, subtaskId } from './job-graph.ts';
import type { JobGraph } from './job-graph.ts';
import { checkSavepoint, fromSavepoint, toSavepoint } from './savepoint.ts';
import type { Savepoint } from './savepoint.ts';
import type { Run, RunHooks, Scenario } from './scenario.ts';
import { Simulation } from './simulation.ts';
import type { StreamGraph } from '../datastream/stream-graph.ts';
import { TraceNames } from './trace-names.ts';

/**
 * Runs a scenario to its end. A pure function: no clock, no randomness but the seed, no I/O.
 * What goes wrong inside the run (a crash, a throwing function) is part of the result.
 * @throws ConfigError for a scenario that can't run: the rule, the value and the next step.
 */
export function simulate(scenario: Scenario, hooks: RunHooks = {}): Run {
  const env = new StreamExecutionEnvironment();
  scenario.job(env);
  const jobGraph = buildJobGraph(env, scenario.cluster);
  for (const [name, log] of Object.entries(scenario.logs)) checkLog(name, log);
  checkTargets(scenario, jobGraph);
  const splits = assignSplits(jobGraph, scenario.logs);
  const { sinks, infos } = createSinks(env.graph, !env.configuration['pipeline.object-reuse']);
  const names = new TraceNames();
  const layouts = [{ jobGraph, splits }];
  const plan: ExecutionPlan = {
    jobGraph,
    configuration: env.configuration,
    costs: scenario.costs ?? {},
    logs: scenario.logs,
    splits,
    enumerators: new Map(),
    sinks,
    names,
    startMs: scenario.startMs ?? startOf(scenario.logs),
    restoredSnapshots: restoreOf(scenario, jobGraph, splits),
    rescale: (parallelism) => {
      const rescaled = buildJobGraph(env, scenario.cluster, {
        parallelism,
        maxParallelism: jobGraph.maxParallelism,
        epoch: layouts.length,
        firstSubtask: layouts.reduce((sum, layout) => sum + layout.jobGraph.subtasks.length, 0),
      });
      const layout = { jobGraph: rescaled, splits: assignSplits(rescaled, scenario.logs) };
      layouts.push(layout);
      return layout;
    },
    seed: scenario.seed,
  };
  const isTraced = scenario.trace === 'full';
  const simulation = new Simulation(plan, {
    isTraced,
    faults: scenario.faults,
    operations: scenario.operations ?? [],
    stepCountMax: scenario.stepCountMax,
  });
  hooks.onStart?.({
    console: (level, text) => simulation.noteConsole(level, text),
    stepCount: () => simulation.stepCount,
  });
  simulation.run();
  const header = {
    version: 1,
    engine: 'flink',
    job: scenario.name,
    subtasks: layouts.flatMap((layout) => layout.jobGraph.subtasks),
    channels: layouts.flatMap((layout) => layout.jobGraph.channels),
    splits,
    states: names.states,
    sinks: infos,
    outputTags: names.tags,
    maxParallelism: jobGraph.maxParallelism,
    taskManagerCount: scenario.cluster.taskManagers,
  } as const;
  return {
    outcome: simulation.outcome,
    failure: simulation.failure,
    trace: isTraced ? simulation.recorder.finish(header, simulation.keys) : undefined,
    stepCount: simulation.stepCount,
    savepoint: savepointOf(simulation, layouts.at(-1) ?? plan),
    sinks: readableSinks([...sinks.values()].map(({ store }) => store)),
    entriesLeft: simulation.tasks.reduce((sum, task) => sum + task.chain.entryCount(), 0),
    endMs: simulation.nowMs,
  };
}

/** @throws ConfigError for a fault or a cost of something that is not there. */
function checkTargets(scenario: Scenario, jobGraph: JobGraph): void {
  checkStart(scenario.startMs);
  const operators = parallelismByOperator(jobGraph);
  const taskManagerCount = scenario.cluster.taskManagers;
  for (const fault of scenario.faults) checkFault(fault, { taskManagerCount, operators });
  checkCosts(scenario.costs ?? {}, [...operators.keys()]);
}

function checkStart(startMs: number | undefined): void {
  if (startMs === undefined || Number.isFinite(startMs)) return;
  throw new ConfigError(
    'startMs must be finite',
    startMs,
    'leave it out to start at the first record',
  );
}

function parallelismByOperator(jobGraph: JobGraph): Map<string, number> {
  const operators = new Map<string, number>();
  for (const vertex of jobGraph.vertices) {
    for (const node of vertex.nodes) operators.set(node.name, vertex.parallelism);
  }
  return operators;
}

/**
 * Deals the partitions of each log over the source's subtasks: as the log's own source would, or
 * partition p to subtask p mod parallelism.
 */
function assignSplits(
  jobGraph: JobGraph,
  logs: { readonly [name: string]: LogInput },
): SplitInfo[] {
  return jobGraph.vertices.flatMap((vertex) =>
    vertex.nodes.flatMap((node) => {
      if (node.body.type !== 'source') return [];
      const { log, reading } = node.body;
      const input = logs[log];
      if (input === undefined) {
        throw new ConfigError(
          `source "${node.name}" must read a log of the scenario`,
          log,
          `use one of: ${Object.keys(logs).join(', ') || '(the scenario has none)'}`,
        );
      }
      const { parallelism } = vertex;
      return input.partitions.map((_, partition) => {
        const keyShare = input.lives?.[partition]?.keyShare;
        const index = readerOf({ log, partition, keyShare }, reading.dealing, parallelism);
        return { log, partition, subtask: subtaskId(vertex, node, index) };
      });
    }),
  );
}

/**
 * KafkaSourceEnumerator.getSplitOwner: in turn, from a start that the topic's name decides.
 * UniformShardAssigner: by where the middle of the shard's hash keys lies.
 */
function readerOf(
  split: {
    readonly log: string;
    readonly partition: number;
    readonly keyShare?: number | undefined;
  },
  dealing: SourceReading['dealing'],
  parallelism: number,
): number {
  const { log, partition, keyShare } = split;
  if (dealing === 'uniform' && keyShare !== undefined) return Math.floor(keyShare * parallelism);
  const first = dealing === 'by-name' ? Math.imul(javaHashCode(log), 31) & 0x7fffffff : 0;
  return ((first % parallelism) + partition) % parallelism;
}

function createSinks(
  graph: StreamGraph,
  copies: boolean,
): {
  sinks: ExecutionPlan['sinks'];
  infos: SinkInfo[];
} {
  const sinks = new Map<number, { store: ExternalStore; index: number }>();
  const infos: SinkInfo[] = [];
  for (const node of graph.nodes) {
    if (node.body.type !== 'sink') continue;
    const { name, kind } = node.body.sink;
    if (infos.some((info) => info.name === name)) {
      throw new ConfigError('each sink of a job needs its own name', name, 'rename one of them');
    }
    const store = createStore(node.body.sink, copies);
    sinks.set(node.id, { store, index: infos.length });
    infos.push({ name, kind });
  }
  return { sinks, infos };
}

/** @throws ConfigError when the job can't go on from the savepoint. */
function restoreOf(
  scenario: Scenario,
  jobGraph: JobGraph,
  splits: readonly SplitInfo[],
): ExecutionPlan['restoredSnapshots'] {
  const { restoreFrom, allowNonRestoredState = false } = scenario;
  if (restoreFrom === undefined) return undefined;
  checkSavepoint(restoreFrom, jobGraph, allowNonRestoredState);
  return (keys) => fromSavepoint(restoreFrom, jobGraph, splits, keys);
}

function savepointOf(
  simulation: Simulation,
  { jobGraph, splits }: Pick<ExecutionPlan, 'jobGraph' | 'splits'>,
): Savepoint | undefined {
  const { latestCheckpoint, keys } = simulation;
  if (simulation.outcome !== 'stopped' || latestCheckpoint?.isSavepoint !== true) return undefined;
  return toSavepoint(latestCheckpoint, jobGraph, splits, keys.keys);
}

/** What each sink holds, put together when someone looks. */
function readableSinks(stores: readonly ExternalStore[]): Run['sinks'] {
  const sinks: Record<string, readonly SinkRow[]> = {};
  for (const store of stores) {
    let writes: readonly SinkRow[] | undefined;
    Object.defineProperty(sinks, store.name, {
      enumerable: true,
      get: () => (writes ??= store.writes()),
    });
  }
  return sinks;
}

function createStore(sink: Sink<unknown>, copies: boolean): ExternalStore {
  const { name, kind, transactionTimeoutMs = Infinity } = sink;
  return kind === 'transactional'
    ? new TransactionalStore(name, transactionTimeoutMs)
    : new SinkStore(name, kind, copies);
}

/** The clock starts when the first record arrives. */
function startOf(logs: { readonly [name: string]: LogInput }): number {
  let startMs = Infinity;
  for (const log of Object.values(logs)) {
    for (const records of log.partitions) {
      const first = records[0]?.arrivalMs;
      if (first !== undefined && first < startMs) startMs = first;
    }
  }
  return startMs === Infinity ? 0 : startMs;
}
