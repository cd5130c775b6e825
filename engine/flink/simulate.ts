import { ConfigError } from '../core/errors.ts';
import type { ExternalStore, SinkConnection, SinkRow } from '../connectors/external-store.ts';
import { checkFault } from '../faults/fault.ts';
import { checkLog } from '../logs/log.ts';
import type { LogInput } from '../logs/log.ts';
import type { SinkInfo, SplitInfo } from '../trace/trace.ts';
import { checkCosts } from './cost-model.ts';
import { StreamExecutionEnvironment } from '../datastream/environment.ts';
import type { ExecutionPlan } from './execution.ts';
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
  const { sinks, stores, infos } = createSinks(
    env.graph,
    !env.configuration['pipeline.object-reuse'],
  );
  const names = new TraceNames();
  const layouts = [{ jobGraph, splits }];
  const plan: ExecutionPlan = {
    jobGraph,
    configuration: env.configuration,
    costs: scenario.costs ?? {},
    logs: scenario.logs,
    splits,
    sinks,
    names,
    startMs: startOf(scenario.logs),
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
    sinks: readableSinks(stores),
    stores: Object.fromEntries(stores.map((store) => [store.name, store])),
    entriesLeft: simulation.tasks.reduce((sum, task) => sum + task.chain.entryCount(), 0),
    endMs: simulation.nowMs,
  };
}

/** @throws ConfigError for a fault or a cost of something that is not there. */
function checkTargets(scenario: Scenario, jobGraph: JobGraph): void {
  const operators = parallelismByOperator(jobGraph);
  const taskManagerCount = scenario.cluster.taskManagers;
  for (const fault of scenario.faults) checkFault(fault, { taskManagerCount, operators });
  checkCosts(scenario.costs ?? {}, [...operators.keys()]);
}

function parallelismByOperator(jobGraph: JobGraph): Map<string, number> {
  const operators = new Map<string, number>();
  for (const vertex of jobGraph.vertices) {
    for (const node of vertex.nodes) operators.set(node.name, vertex.parallelism);
  }
  return operators;
}

/**
 * Deals the partitions of each log over the source's subtasks.
 * Simplified: partition p goes to subtask p mod parallelism.
 */
function assignSplits(
  jobGraph: JobGraph,
  logs: { readonly [name: string]: LogInput },
): SplitInfo[] {
  return jobGraph.vertices.flatMap((vertex) =>
    vertex.nodes.flatMap((node) => {
      if (node.body.type !== 'source') return [];
      const { log } = node.body;
      const input = logs[log];
      if (input === undefined) {
        throw new ConfigError(
          `source "${node.name}" must read a log of the scenario`,
          log,
          `use one of: ${Object.keys(logs).join(', ') || '(the scenario has none)'}`,
        );
      }
      return input.partitions.map((_, partition) => ({
        log,
        partition,
        subtask: subtaskId(vertex, node, partition % vertex.parallelism),
      }));
    }),
  );
}

function createSinks(
  graph: StreamGraph,
  copies: boolean,
): {
  sinks: ExecutionPlan['sinks'];
  stores: readonly ExternalStore[];
  infos: SinkInfo[];
} {
  const sinks = new Map<number, { connection: SinkConnection; index: number }>();
  const infos: SinkInfo[] = [];
  for (const node of graph.nodes) {
    if (node.body.type !== 'sink') continue;
    const { name, kind, table } = node.body.sink;
    if (infos.some((info) => info.name === name)) {
      throw new ConfigError('each sink of a job needs its own name', name, 'rename one of them');
    }
    sinks.set(node.id, { connection: node.body.sink.connect(copies), index: infos.length });
    infos.push({ name, kind, ...(table === undefined ? {} : { table }) });
  }
  const stores = [...sinks.values()].map(({ connection }) => connection.store);
  return { sinks, stores, infos };
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
