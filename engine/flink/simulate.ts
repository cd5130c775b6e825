import { ConfigError } from '../core/errors.ts';
import { checkFault } from '../faults/fault.ts';
import { checkLog } from '../logs/log.ts';
import { checkCosts } from './cost-model.ts';
import type { ExecutionPlan } from './execution.ts';
import { StreamExecutionEnvironment } from '../datastream/environment.ts';
import { buildJobGraph, checkSlots, parallelismByOperator } from '../datastream/job-graph.ts';
import type { JobGraph, Rescaling } from '../datastream/job-graph.ts';
import { createSinks, readableSinks } from '../datastream/job-sinks.ts';
import { assignSplits, firstArrivalMs } from '../datastream/source-splits.ts';
import { checkSavepoint, fromSavepoint, toSavepoint } from './savepoint.ts';
import type { Savepoint } from './savepoint.ts';
import type { Run, RunHooks, Scenario } from './scenario.ts';
import type { SplitInfo, TraceHeader } from '../trace/trace.ts';
import { Simulation } from './simulation.ts';
import { TraceNames } from '../datastream/trace-names.ts';

/**
 * Runs a scenario to its end. A pure function: no clock, no randomness but the seed, no I/O.
 * What goes wrong inside the run (a crash, a throwing function) is part of the result.
 * @throws ConfigError for a scenario that can't run: the rule, the value and the next step.
 */
export function simulate(scenario: Scenario, hooks: RunHooks = {}): Run {
  const env = new StreamExecutionEnvironment();
  scenario.job(env);
  const jobGraph = layOut(env, scenario.cluster);
  checkTargets(scenario, jobGraph);
  const splits = assignSplits(jobGraph, scenario.logs);
  const { graph, configuration } = env;
  const { sinks, stores, infos } = createSinks(graph, !configuration['pipeline.object-reuse']);
  const names = new TraceNames();
  const layouts = [{ jobGraph, splits }];
  const plan: ExecutionPlan = {
    jobGraph,
    configuration,
    costs: scenario.costs ?? {},
    logs: scenario.logs,
    splits,
    enumerators: new Map(),
    sinks,
    names,
    startMs: scenario.startMs ?? firstArrivalMs(scenario.logs),
    restoredSnapshots: restoreOf(scenario, jobGraph, splits),
    rescale: (parallelism) => {
      const rescaled = layOut(env, scenario.cluster, {
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
    ...laidOut(layouts.map((layout) => layout.jobGraph)),
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

/** Everything that ran, in one layout after another. */
function laidOut(jobGraphs: readonly JobGraph[]): Pick<TraceHeader, 'subtasks' | 'channels'> {
  return {
    subtasks: jobGraphs.flatMap(({ subtasks }) => subtasks),
    channels: jobGraphs.flatMap(({ channels }) => channels),
  };
}

/** @throws ConfigError for a job that has no room: all its tasks run at the same time. */
function layOut(
  env: StreamExecutionEnvironment,
  cluster: Scenario['cluster'],
  rescaling?: Rescaling,
): JobGraph {
  const jobGraph = buildJobGraph(env, cluster, rescaling);
  checkSlots(cluster, jobGraph);
  return jobGraph;
}

/** @throws ConfigError for a fault or a cost of something that is not there. */
function checkTargets(scenario: Scenario, jobGraph: JobGraph): void {
  for (const [name, log] of Object.entries(scenario.logs)) checkLog(name, log);
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
