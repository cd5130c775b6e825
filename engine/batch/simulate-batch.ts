import { ConfigError } from '../core/errors.ts';
import { StreamExecutionEnvironment } from '../datastream/environment.ts';
import { buildJobGraph, parallelismByOperator } from '../datastream/job-graph.ts';
import { createSinks, readableSinks } from '../datastream/job-sinks.ts';
import { assignSplits } from '../datastream/source-splits.ts';
import { TraceNames } from '../datastream/trace-names.ts';
import { checkStageFault } from '../faults/fault.ts';
import { checkLog } from '../logs/log.ts';
import { BatchExecution } from './batch-execution.ts';
import { boundedLogs, planStages } from './batch-plan.ts';
import type { Logs } from './batch-plan.ts';
import type { BatchRun, BatchScenario } from './scenario.ts';
import { checkDetector } from './slow-task-detector.ts';

const STEP_COUNT_MAX = 50_000_000;

/**
 * Runs a job of the DataStream API over bounded logs, as Flink 2.3 does with
 * `execution.runtime-mode: BATCH`: stage after stage, key after key, results at the end. A pure
 * function: the same scenario gives the same run.
 * @throws ConfigError for a scenario that can't run. What goes wrong in the run is part of it.
 */
export function simulateBatch(scenario: BatchScenario): BatchRun {
  for (const [name, log] of Object.entries(scenario.logs)) checkLog(name, log);
  const logs = boundedLogs(scenario.logs, scenario.cutOffMs);
  const env = new StreamExecutionEnvironment();
  scenario.job(env);
  const jobGraph = buildJobGraph(env, scenario.cluster);
  checkScenario(scenario, parallelismByOperator(jobGraph));
  const splits = assignSplits(jobGraph, logs);
  const { configuration } = env;
  checkDetector(configuration);
  const { sinks, stores, infos } = createSinks(env.graph, !configuration['pipeline.object-reuse']);
  const { costs = {}, indeterminate = [], faults = [], seed } = scenario;
  const { serviceMs = {}, deployMs = 0 } = costs;
  const names = new TraceNames();
  const startMs = scenario.startMs ?? scenario.cutOffMs ?? lastArrivalMs(logs);
  const stages = planStages(jobGraph, logs, splits, { serviceMs, indeterminate, startMs });
  const isTraced = scenario.trace === 'full';
  const execution = new BatchExecution(
    { jobGraph, stages, configuration, sinks, names },
    {
      cluster: scenario.cluster,
      faults,
      recovery: scenario.recovery ?? 'restart-consumers',
      seed,
      deployMs,
      startMs,
      isTraced,
      stepCountMax: scenario.stepCountMax ?? STEP_COUNT_MAX,
    },
  );
  execution.run();
  const header = {
    version: 1,
    engine: 'batch',
    job: scenario.name,
    subtasks: jobGraph.subtasks,
    channels: jobGraph.channels,
    splits,
    states: names.states,
    sinks: infos,
    outputTags: names.tags,
    maxParallelism: jobGraph.maxParallelism,
    taskManagerCount: scenario.cluster.taskManagers,
  } as const;
  const { outcome = 'failed', failure, stepCount, attempts, recordsRead, entriesLeft } = execution;
  return {
    outcome,
    failure,
    trace: isTraced ? execution.recorder.finish(header, execution.keys) : undefined,
    stepCount,
    sinks: readableSinks(stores),
    stores: Object.fromEntries(stores.map((store) => [store.name, store])),
    attempts,
    recordsRead,
    entriesLeft,
    startMs,
    endMs: execution.nowMs,
  };
}

/** @throws ConfigError for a fault, a cost or an operator named that is not there. */
function checkScenario(scenario: BatchScenario, operators: ReadonlyMap<string, number>): void {
  const { faults = [], costs = {}, indeterminate = [], cluster } = scenario;
  for (const fault of faults) {
    checkStageFault(fault, { taskManagerCount: cluster.taskManagers, operators });
  }
  for (const [name, value] of Object.entries(costs.serviceMs ?? {})) {
    checkOperator(name, operators);
    checkDuration(`costs.serviceMs["${name}"]`, value);
  }
  checkDuration('costs.deployMs', costs.deployMs);
  for (const name of indeterminate) checkOperator(name, operators);
}

function checkOperator(name: string, operators: ReadonlyMap<string, number>): void {
  if (operators.has(name)) return;
  const known = [...operators.keys()].join(', ');
  throw new ConfigError('an operator must be one of the job', name, `use one of: ${known}`);
}

function checkDuration(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isFinite(value) && value >= 0)) return;
  throw new ConfigError(`${name} must be a number ≥ 0`, value, 'leave it out for no cost');
}

function lastArrivalMs(logs: Logs): number {
  let lastMs = -Infinity;
  for (const { partitions } of Object.values(logs)) {
    for (const records of partitions)
      lastMs = Math.max(lastMs, records.at(-1)?.arrivalMs ?? lastMs);
  }
  return lastMs === -Infinity ? 0 : lastMs;
}
