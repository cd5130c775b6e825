import { ConfigError, traceHash } from '#engine';
import { simulateMicroBatches } from '#engine/spark';
import type { MicroBatchRun, SinkBatch } from '#engine/spark';
import type { Problem } from '../attack-plan.ts';
import { answererOf, rowText } from './batch-answer.ts';
import type { BatchAnswer, RanBatch } from './batch-answer.ts';
import type { BatchPlan } from './batch-plan.ts';
import { buildBatchScenario } from './build-batch-scenario.ts';
import { checkBatches, checkWatermarks } from './check-batches.ts';
import { checkOuterRows } from './check-outer-rows.ts';
import { checkSink } from './check-sink.ts';

/** A plan and all that came of it: one run, or two with a restart between. */
export interface AttackedQuery {
  readonly plan: BatchPlan;
  readonly runs: readonly MicroBatchRun[];
  readonly batches: readonly RanBatch[];
  readonly answers: readonly BatchAnswer[];
  /** What the sink got of each batch, attempt by attempt. */
  readonly written: ReadonlyMap<number, readonly SinkBatch[]>;
}

/** Looks at a run; returns what is wrong with it. */
export type QueryCheck = (attacked: AttackedQuery) => string | undefined;

const CHECKS: { readonly [name: string]: QueryCheck } = {
  outcome: checkOutcome,
  batches: checkBatches,
  watermarks: checkWatermarks,
  results: checkResults,
  'outer rows': checkOuterRows,
  sink: checkSink,
  state: checkState,
  repeats: checkRepeats,
};

/** Runs a plan and returns the first thing that is wrong with the run; undefined for none. */
export function attackBatchPlan(plan: BatchPlan): Problem | undefined {
  try {
    const attacked = attackedQuery(plan);
    for (const [check, judge] of Object.entries(CHECKS)) {
      const text = judge(attacked);
      if (text !== undefined) return { check, text };
    }
    return undefined;
  } catch (error) {
    // A plan that can't be run is a mistake of the attack, not of the engine.
    if (error instanceof ConfigError) throw error;
    return { check: 'engine', text: error instanceof Error ? (error.stack ?? '') : String(error) };
  }
}

function runPlan(plan: BatchPlan, trace: 'full' | 'none'): MicroBatchRun[] {
  const scenario = buildBatchScenario(plan, trace);
  if (plan.restartAtMs === undefined) return [simulateMicroBatches(scenario)];
  const first = simulateMicroBatches({ ...scenario, stopAtMs: plan.restartAtMs });
  return [first, simulateMicroBatches({ ...scenario, restoreFrom: first.checkpoint })];
}

function attackedQuery(plan: BatchPlan): AttackedQuery {
  const runs = runPlan(plan, 'full');
  const { offsetLog } = (runs.at(-1) as MicroBatchRun).checkpoint;
  const batches = offsetLog.map((entry, at): RanBatch => {
    const before = offsetLog[at - 1];
    return {
      batchId: entry.batchId,
      lateMs: before?.batchWatermarkMs ?? 0,
      watermarkMs: entry.batchWatermarkMs,
      inputs: plan.streams.map((partitions, stream) =>
        partitions.map((rows, partition) =>
          rows.slice(
            before?.offsets[stream]?.[partition] ?? 0,
            entry.offsets[stream]?.[partition] ?? 0,
          ),
        ),
      ),
    };
  });
  const written = new Map<number, SinkBatch[]>();
  for (const batch of runs.flatMap(({ sinkBatches }) => sinkBatches)) {
    const attempts = written.get(batch.batchId);
    if (attempts === undefined) written.set(batch.batchId, [batch]);
    else attempts.push(batch);
  }
  const answerer = answererOf(plan);
  return { plan, runs, batches, answers: batches.map(answerer), written };
}

function checkOutcome({ plan, runs }: AttackedQuery): string | undefined {
  for (const { outcome, failure } of runs) {
    if (failure !== undefined) return `failed: ${failure.message}`;
    const isEnd = plan.trigger.type === 'all' ? outcome === 'finished' : outcome === 'stopped';
    if (!isEnd && plan.restartAtMs === undefined) return `ended as ${outcome}`;
  }
  const { offsetLog, commitLog } = (runs.at(-1) as MicroBatchRun).checkpoint;
  const [planned, committed] = [offsetLog, commitLog].map((log) => log.map((one) => one.batchId));
  if (planned?.join() === committed?.join()) return undefined;
  return `planned ${planned?.join()}, committed ${committed?.join()}`;
}

/** Rows of the outer side without a match have a check of their own. */
export function isUnmatched(plan: BatchPlan, row: { readonly [column: string]: unknown }): boolean {
  return plan.query.type === 'join' && (row['otherKey'] === null || row['key'] === null);
}

/** Every attempt of every batch gives the same rows: those of its answer. */
function checkResults({ plan, batches, answers, written }: AttackedQuery): string | undefined {
  for (const [at, { batchId }] of batches.entries()) {
    const expected = answers[at]?.rows;
    if (expected === undefined) continue;
    const optional = answers[at]?.optionalRows ?? [];
    const attempts = written.get(batchId) ?? [];
    if (attempts.length === 0) return `batch ${batchId} never reached the sink`;
    for (const { rows } of attempts) {
      const told = rows.filter((row) => !isUnmatched(plan, row)).map(rowText);
      // What a task has written before it failed stays in Kafka.
      const once = (texts: readonly string[]) =>
        plan.sink === 'kafka' ? [...new Set(texts)] : texts;
      const extra = without(once(told), once(expected));
      const missing = without(once(expected), once(told));
      if (missing.length === 0 && without(extra, optional).length === 0) continue;
      return `batch ${batchId} gave ${sorted(told)}, not ${sorted(expected)}`;
    }
  }
  return undefined;
}

/** The texts of one list that another has not, each as often. */
function without(texts: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return texts.filter((text) => {
    const at = left.indexOf(text);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function sorted(texts: readonly string[]): string {
  return `[${[...texts].sort().join(' ')}]`;
}

function checkState({ runs, batches, answers }: AttackedQuery): string | undefined {
  const progress = runs.flatMap((run) => run.progress);
  for (const { batchId, numInputRows, stateOperators, eventTime } of progress) {
    const at = batches.findIndex((batch) => batch.batchId === batchId);
    const { inputs, watermarkMs } = batches[at] as RanBatch;
    const { stateRows, droppedCount } = answers[at] as BatchAnswer;
    const readCount = inputs.flat(2).length;
    const [operator] = stateOperators;
    const found = [numInputRows, eventTime.watermarkMs, operator?.numRowsDroppedByWatermark];
    const expected = [readCount, watermarkMs, droppedCount];
    if (found.join() !== expected.join()) {
      return `batch ${batchId}: read, watermark, dropped ${found.join()}, not ${expected.join()}`;
    }
    if (stateRows !== undefined && operator?.numRowsTotal !== stateRows) {
      return `batch ${batchId}: ${operator?.numRowsTotal} rows of state, not ${stateRows}`;
    }
  }
  return undefined;
}

function checkRepeats({ plan, runs }: AttackedQuery): string | undefined {
  const again = runPlan(plan, 'full');
  const hashes = [runs, again].map((all) =>
    all.map(({ trace }) => (trace === undefined ? '' : traceHash(trace))).join(),
  );
  if (hashes[0] !== hashes[1]) return 'the same plan gave another trace';
  const untraced = runPlan(plan, 'none').flatMap(({ sinkBatches }) => sinkBatches);
  const traced = runs.flatMap(({ sinkBatches }) => sinkBatches);
  if (JSON.stringify(untraced) === JSON.stringify(traced)) return undefined;
  return 'without a trace the sink got something else';
}
