import { AssertionError } from '../core/assert.ts';
import { checkLog } from '../logs/log.ts';
import { BatchTrace } from './batch-trace.ts';
import { checkSources } from './checkpoint.ts';
import { checkConf } from './conf.ts';
import type { SparkConf } from './conf.ts';
import { checkExecutionMode } from './execution-modes.ts';
import { MicroBatchExecution } from './micro-batch-execution.ts';
import { optimize } from './optimizer/optimize.ts';
import type { MicroBatchRun, MicroBatchScenario } from './scenario.ts';
import { SparkSession } from './session.ts';
import { checkForStreaming } from './unsupported-operations.ts';

const BATCH_COUNT_MAX = 100_000;

/**
 * Runs a streaming query under the rules of Spark Structured Streaming 4.2.0's micro-batches. A
 * pure function: the same scenario gives the same run.
 * @throws ConfigError for a query that Spark refuses, or a scenario that can't be run. Errors of
 * the query's own functions are part of the run.
 */
export function simulateMicroBatches(scenario: MicroBatchScenario): MicroBatchRun {
  for (const [name, log] of Object.entries(scenario.logs)) checkLog(name, log);
  const session = new SparkSession(Object.keys(scenario.logs));
  scenario.query(session);
  const written = session.started();
  const conf = confOf(scenario);
  const stateStore = conf['spark.sql.streaming.stateStore.providerClass'];
  checkForStreaming(written.plan, written.outputMode, stateStore);
  checkExecutionMode(written);
  const query = { ...written, plan: optimize(written.plan) };
  const trace = new BatchTrace(scenario.trace === 'full');
  const execution = new MicroBatchExecution(query, scenario, conf, trace);
  trace.prepare(execution.plan, scenario, conf['spark.sql.shuffle.partitions']);
  const { restoreFrom } = scenario;
  if (restoreFrom !== undefined) {
    checkSources(restoreFrom, execution.plan);
    execution.files.import(restoreFrom);
  }
  let outcome: MicroBatchRun['outcome'] = 'failed';
  let failure: MicroBatchRun['failure'];
  try {
    const { stopAtMs = Infinity, batchCountMax = BATCH_COUNT_MAX } = scenario;
    outcome = execution.run(stopAtMs, batchCountMax);
  } catch (error) {
    if (error instanceof AssertionError) throw error;
    failure = { message: error instanceof Error ? error.message : String(error), error };
  }
  return {
    outcome,
    failure,
    progress: execution.progress,
    sinkBatches: execution.sink.batches,
    rows: execution.sink.rows(),
    tables: execution.sink.tables(),
    stores: execution.sink.stores(),
    checkpoint: execution.files.export(conf, execution.plan, execution.nowMs),
    trace: trace.finish(scenario, query, execution.plan),
    endMs: execution.nowMs,
  };
}

/** A restart takes from the checkpoint what the first run has fixed. */
function confOf({ conf = {}, restoreFrom }: MicroBatchScenario): SparkConf {
  const given = checkConf(conf);
  if (restoreFrom === undefined) return given;
  const fixed = [
    'spark.sql.shuffle.partitions',
    'spark.sql.streaming.multipleWatermarkPolicy',
    'spark.sql.streaming.stateStore.providerClass',
  ] as const;
  return Object.assign({ ...given }, ...fixed.map((name) => ({ [name]: restoreFrom.conf[name] })));
}
