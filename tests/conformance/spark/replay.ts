import { Trigger, simulateMicroBatches } from '#engine/spark';
import type { BatchFault, Checkpoint, MicroBatchRun, Row, Value } from '#engine/spark';
import { ConfigError } from '#engine';
import type { LogRecord } from '#engine';
import { datasetOf } from './dataset-of.ts';
import type {
  BatchOutcome,
  ErrorOutcome,
  InputRow,
  Outcome,
  SinkWrite,
  SparkScenario,
  Step,
} from './scenario.ts';

const STEP_MS = 1000;

/** A query from its start to its stop. */
interface Session {
  /** The scenario as it is by then. */
  readonly scenario: SparkScenario;
  /** How many steps have brought rows by its end. */
  readonly to: number;
  /** When it starts, in ms. */
  readonly startMs: number;
}

/** Runs a scenario on the engine: the same steps, restarts and crashes that Spark has seen. */
export function replay(scenario: SparkScenario): Outcome {
  const adds = scenario.steps.filter((step) => step.type === 'add');
  const sink: SinkWrite[] = [];
  const batches: BatchOutcome[] = [];
  /** Of the query as it was first written, and as it is now. */
  let columns: readonly string[] | undefined;
  let current: readonly string[] = [];
  const notice = (names: readonly string[]): void => {
    columns ??= names;
    current = names;
  };
  let checkpoint: Checkpoint | undefined;
  for (const session of sessionsOf(scenario)) {
    let run: MicroBatchRun;
    try {
      run = runSession(adds, session, checkpoint, notice);
    } catch (error) {
      return { columns: columns ?? [], sink, batches, refused: errorOutcome(error as Error) };
    }
    sink.push(...sinkWrites(run, current));
    batches.push(...batchOutcomes(run));
    if (run.failure !== undefined) {
      const failed = errorOutcome(run.failure.error as Error);
      return { columns: columns ?? [], sink, batches, failed };
    }
    checkpoint = run.checkpoint;
  }
  return { columns: columns ?? [], sink, batches };
}

/** Rows of step n come at (n + 1) s; triggers that stop by themselves start once a step. */
function sessionsOf(written: SparkScenario): readonly Session[] {
  const sessions: Session[] = [];
  const isStartedByStep = written.trigger === 'available-now' || written.trigger === 'once';
  let scenario = written;
  let to = 0;
  let startMs = 0;
  for (const step of written.steps) {
    if (step.type === 'restart') {
      sessions.push({ scenario, to, startMs });
      scenario = { ...scenario, ...step };
      startMs = to * STEP_MS;
      continue;
    }
    to += 1;
    if (isStartedByStep) sessions.push({ scenario, to, startMs: to * STEP_MS });
  }
  if (!isStartedByStep) sessions.push({ scenario, to, startMs });
  return sessions;
}

function runSession(
  adds: readonly Extract<Step, { type: 'add' }>[],
  { scenario, to, startMs }: Session,
  restoreFrom: Checkpoint | undefined,
  notice: (columns: readonly string[]) => void,
): MicroBatchRun {
  const { conf, crashes, inputPartitions, streams } = scenario;
  const logs = streams.map((name, at) => {
    const partitions = Array.from({ length: inputPartitions }, (): LogRecord<Row>[] => []);
    for (const [number, { rows }] of adds.slice(0, to).entries()) {
      const arrivalMs = Math.max((number + 1) * STEP_MS, startMs);
      for (const [place, row] of (rows[name] ?? []).entries()) {
        partitions[place % inputPartitions]!.push({ value: rowOf(row, at), arrivalMs });
      }
    }
    return [name, { partitions }] as const;
  });
  const faults: BatchFault[] = crashes.map((crash) => ({ type: 'driver-failure', ...crash }));
  return simulateMicroBatches({
    name: `${scenario.feature} ${scenario.seed}`,
    logs: Object.fromEntries(logs),
    trace: 'none',
    conf: {
      'spark.sql.shuffle.partitions': conf.shufflePartitions,
      'spark.sql.streaming.multipleWatermarkPolicy': conf.watermarkPolicy,
      'spark.sql.streaming.noDataMicroBatches.enabled': conf.hasNoDataBatches,
      'spark.sql.streaming.stateStore.providerClass': conf.stateStore,
    },
    faults,
    restoreFrom,
    stopAtMs: to * STEP_MS + 1,
    batchCountMax: 1000,
    query: (spark) => {
      const dataset = datasetOf(scenario, spark);
      notice(dataset.columns);
      dataset.writeStream.outputMode(scenario.outputMode).trigger(triggerOf(scenario)).start();
    },
  });
}

function triggerOf({ trigger }: SparkScenario): ReturnType<typeof Trigger.Once> {
  switch (trigger) {
    case 'default':
      return Trigger.ProcessingTime(0);
    case 'interval':
      return Trigger.ProcessingTime(STEP_MS);
    case 'available-now':
      return Trigger.AvailableNow();
    case 'once':
      return Trigger.Once();
  }
}

function rowOf([time, key, value]: InputRow, stream: number): Row {
  const suffix = stream === 0 ? '' : String(stream + 1);
  return { [`time${suffix}`]: time, [`key${suffix}`]: key, [`value${suffix}`]: value };
}

function sinkWrites({ sinkBatches }: MicroBatchRun, columns: readonly string[]): SinkWrite[] {
  return sinkBatches.map(({ batchId, rows }) => ({
    batchId,
    rows: rows.map((row) => columns.map((name): Value => row[name] ?? null)),
  }));
}

function batchOutcomes({ progress, checkpoint }: MicroBatchRun): BatchOutcome[] {
  return progress.map(({ batchId, numInputRows, eventTime, timestampMs, stateOperators }) => ({
    batchId,
    inputRows: numInputRows,
    timestampMs,
    watermarkMs: eventTime.watermarkMs,
    nextWatermarkMs: checkpoint.commitLog.find((entry) => entry.batchId === batchId)!
      .nextBatchWatermarkMs,
    state: stateOperators.map((operator) => ({
      name: operator.operatorName,
      total: operator.numRowsTotal,
      updated: operator.numRowsUpdated,
      removed: operator.numRowsRemoved,
      droppedLate: operator.numRowsDroppedByWatermark,
      droppedDuplicates: operator.customMetrics['numDroppedDuplicateRows'] ?? 0,
    })),
  }));
}

/** @throws what is no refusal: the engine itself is broken. */
function errorOutcome(error: Error): ErrorOutcome {
  if (!(error instanceof ConfigError)) throw error;
  const condition = /^\[([A-Z0-9_.]+)\]/.exec(error.message)?.[1] ?? '';
  return { condition, message: error.rule };
}
