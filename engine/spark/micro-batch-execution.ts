import type { QuerySpec } from '../dataset/data-stream-writer.ts';
import type { Batch, StateOperatorMetrics } from './batch.ts';
import { BatchSink } from './batch-sink.ts';
import type { BatchTrace } from './batch-trace.ts';
import { CheckpointFiles } from './checkpoint.ts';
import type { OffsetLogEntry, Offsets } from './checkpoint.ts';
import type { SparkConf } from './conf.ts';
import { planQuery, watermarksOf } from './physical-plan.ts';
import type { PhysicalPlan } from './physical-plan.ts';
import { stateProgress } from './progress.ts';
import type { StreamingQueryProgress } from './progress.ts';
import type { BatchCosts, BatchFault, CrashPoint, MicroBatchScenario } from './scenario.ts';
import { checkStateSchemas } from './state-schema.ts';
import { StreamSource } from './stream-source.ts';
import { TaskFaults } from './task-faults.ts';
import { WatermarkTracker } from './watermark-tracker.ts';

/** The driver dies here. */
class DriverFailure extends Error {
  readonly at: CrashPoint;

  constructor(at: CrashPoint) {
    super(`driver failure: ${at}`);
    this.at = at;
  }
}

/** What the driver knows of the batch that it is about to run. */
interface PlannedBatch {
  readonly entry: OffsetLogEntry;
  readonly start: Offsets;
}

/**
 * Runs a query batch by batch. Models Spark 4.2.0 MicroBatchExecution: offsets are logged before a
 * batch, the commit after it; the watermark moves at the end of a batch and counts from the next.
 * Started from a checkpoint, a batch that was logged and not committed runs again with exactly its
 * offsets, watermark and time. What only the driver knew is forgotten by a restart: the watermark
 * of each input, and that a batch without data was due.
 * Simplified: waiting costs no polls; time stands still while nothing can happen.
 * Invariant: batch n reads state version n and commits n + 1.
 */
export class MicroBatchExecution {
  readonly plan: PhysicalPlan;
  readonly files = new CheckpointFiles();
  readonly sink: BatchSink;
  readonly progress: StreamingQueryProgress[] = [];
  nowMs = 0;
  #stopAtMs = Infinity;
  readonly #query: QuerySpec;
  readonly #conf: SparkConf;
  readonly #costs: Required<BatchCosts>;
  readonly #sources: readonly StreamSource[];
  readonly #trace: BatchTrace;
  readonly #tasks: TaskFaults;
  #driverFaults: Extract<BatchFault, { type: 'driver-failure' }>[];
  /** Runs of each batch. */
  readonly #attempts = new Map<number, number>();
  #tracker!: WatermarkTracker;
  #batchId = 0;
  /** Where the next batch begins. */
  #startOffsets: Offsets = [];
  #planned: PlannedBatch | undefined;
  /** The watermark of the batch that ran last in this driver; undefined: none has. */
  #lastBatchMs: number | undefined;
  /** For AvailableNow and Once: nothing behind this is read. */
  #readUntil: Offsets | undefined;

  constructor(query: QuerySpec, scenario: MicroBatchScenario, conf: SparkConf, trace: BatchTrace) {
    this.#query = query;
    this.#conf = conf;
    this.#trace = trace;
    this.plan = planQuery(query.plan, query.outputMode);
    this.sink = new BatchSink(query.sink, query.outputMode);
    this.#sources = this.plan.streams.map(
      (stream) => new StreamSource(stream, scenario.logs[stream.log]!),
    );
    this.#costs = { batchMs: 0, rowMs: 0, restartMs: 0, ...scenario.costs };
    const faults = scenario.faults ?? [];
    this.#driverFaults = faults.filter((fault) => fault.type === 'driver-failure');
    this.#tasks = new TaskFaults(faults, conf, scenario.executorCount ?? 1);
    const firsts = this.plan.streams.flatMap(({ log }) =>
      scenario.logs[log]!.partitions.map((records) => records[0]?.arrivalMs ?? Infinity),
    );
    const firstMs = Math.min(...firsts);
    this.nowMs = Math.max(
      scenario.startMs ?? (firstMs === Infinity ? 0 : firstMs),
      scenario.restoreFrom?.stoppedAtMs ?? -Infinity,
    );
  }

  /** Runs until the trigger asks for no more, nothing more comes, or `stopAtMs`. */
  run(stopAtMs: number, batchCountMax: number): 'finished' | 'stopped' {
    this.#stopAtMs = stopAtMs;
    this.#start();
    let batchCount = 0;
    for (;;) {
      const triggeredMs = this.nowMs;
      let hasRun: boolean;
      try {
        hasRun = this.#executeOneBatch();
      } catch (error) {
        if (!(error instanceof DriverFailure)) throw error;
        this.nowMs += this.#costs.restartMs;
        this.#trace.driverFailed(error.at);
        this.#start();
        continue;
      }
      batchCount += Number(hasRun);
      if (batchCount > batchCountMax) throw new Error(`more than ${batchCountMax} batches`);
      const { trigger } = this.#query;
      if (trigger.type === 'once') return 'finished';
      if (trigger.type === 'available-now' && !hasRun) return 'finished';
      const eventMs = hasRun ? undefined : this.#nextEventMs();
      if (eventMs === Infinity) return 'stopped';
      this.#waitForTrigger(triggeredMs, eventMs);
      if (this.nowMs >= stopAtMs) return 'stopped';
    }
  }

  /** A driver begins, or begins anew: all it knows comes from the checkpoint. */
  #start(): void {
    this.#tracker = new WatermarkTracker(
      this.#conf['spark.sql.streaming.multipleWatermarkPolicy'],
      this.plan.delaysMs.length,
    );
    this.#planned = undefined;
    this.#lastBatchMs = undefined;
    const latest = this.files.latestOffsets;
    const commit = this.files.latestCommit;
    const initial = (this.files.initialOffsets ??= this.#sources.map((source) =>
      source.startOffsets(this.nowMs),
    ));
    if (latest === undefined) {
      this.#batchId = 0;
      this.#startOffsets = initial;
    } else {
      this.#tracker.restore(latest.batchWatermarkMs);
      const start = this.files.offsetLog.get(latest.batchId - 1)?.offsets ?? initial;
      if (commit?.batchId === latest.batchId) {
        this.#batchId = latest.batchId + 1;
        this.#startOffsets = latest.offsets;
        this.#tracker.restore(Math.max(latest.batchWatermarkMs, commit.nextBatchWatermarkMs));
      } else {
        this.#batchId = latest.batchId;
        this.#startOffsets = start;
        this.#planned = { entry: latest, start };
      }
    }
    this.files.loadState(this.#batchId);
    const { type } = this.#query.trigger;
    if (type !== 'processing-time') {
      this.#readUntil = this.#sources.map((source) => source.latestOffsets(this.nowMs));
    }
    this.#trace.started(this.nowMs, this.#batchId, this.#tracker.watermarkMs);
  }

  #executeOneBatch(): boolean {
    this.#planned ??= this.#construct();
    const planned = this.#planned;
    if (planned === undefined) return false;
    this.#run(planned);
    this.#planned = undefined;
    return true;
  }

  /** Plans the next batch and logs its offsets; undefined when there is nothing to do. */
  #construct(): PlannedBatch | undefined {
    const start = this.#startOffsets;
    const offsets = this.#sources.map((source, at) => {
      const limit = this.#readUntil?.[at];
      const latest = limit ?? source.latestOffsets(this.nowMs);
      return source.endOffsets(start[at] as readonly number[], latest, this.nowMs);
    });
    const hasNewData = offsets.some((ends, at) =>
      ends.some((end, partition) => end > (start[at]?.[partition] ?? 0)),
    );
    const batchWatermarkMs = this.#tracker.watermarkMs;
    if (!hasNewData && !this.#needsBatchWithoutData(batchWatermarkMs)) return undefined;
    const batchId = this.#batchId;
    const entry = { batchId, offsets, batchWatermarkMs, batchTimestampMs: this.nowMs };
    this.#trace.planned(entry, start);
    this.#crashAt('planned');
    this.files.offsetLog.set(batchId, entry);
    this.#trace.offsetsLogged(entry);
    this.#crashAt('offsets-logged');
    return { entry, start };
  }

  #needsBatchWithoutData(watermarkMs: number): boolean {
    if (!this.#conf['spark.sql.streaming.noDataMicroBatches.enabled']) return false;
    if (this.#lastBatchMs === undefined) return false;
    const before = watermarksOf(this.plan.root, this.#lastBatchMs);
    const now = watermarksOf(this.plan.root, watermarkMs);
    return this.plan.operators.some(({ traits }) => {
      const { operator } = traits;
      if (traits.dueMs !== undefined) {
        const dueMs = traits.dueMs(this.files.storesOf(operator));
        if (dueMs !== undefined && dueMs <= this.nowMs) return true;
        if (traits.shouldRunAnotherBatch(0, 0)) return this.#runsEveryTrigger();
      }
      return traits.shouldRunAnotherBatch(now[operator] ?? 0, before[operator] ?? 0);
    });
  }

  /**
   * While timeouts of processing time are in use, Spark runs a batch at every trigger. Simplified:
   * not without an interval, where they would never end, nor when nothing more can happen.
   */
  #runsEveryTrigger(): boolean {
    const { trigger } = this.#query;
    if (trigger.type !== 'processing-time' || trigger.intervalMs === 0) return false;
    return this.#stopAtMs !== Infinity || this.#nextEventMs() !== Infinity;
  }

  #run({ entry, start }: PlannedBatch): void {
    const { batchId, offsets } = entry;
    const startedMs = this.nowMs;
    if (this.#lastBatchMs === undefined) this.#checkState(batchId);
    this.files.loadState(batchId);
    const inputs = this.#sources.map((source, at) =>
      source.rows(start[at] ?? [], offsets[at] ?? [], startedMs),
    );
    const places = this.#sources.map((source, at) =>
      source.rowOffsets(start[at] ?? [], offsets[at] ?? [], startedMs),
    );
    const rowCount = inputs.flat().reduce((sum, rows) => sum + rows.length, 0);
    this.nowMs += this.#costs.batchMs + this.#costs.rowMs * rowCount;
    this.#trace.read(this.plan.streams, places, inputs, this.nowMs);
    const seen: (number | undefined)[] = this.plan.delaysMs.map(() => undefined);
    const metrics = this.plan.operators.map(emptyMetrics);
    const batch = this.#batchOf(entry, inputs, seen, metrics);
    const partitions = this.plan.root.execute(batch);
    const extra = this.#tasks.strike(batchId, this.#trace);
    this.#commitState(metrics, batchId);
    this.#crashAt('tasks-finished');
    const write = this.sink.addBatch(batchId, partitions, extra, this.nowMs);
    this.#trace.sinkCommitted(batchId, partitions, write, this.sink.lakeTable);
    this.#crashAt('sink-committed');
    this.#commit(entry, seen);
    this.#startOffsets = offsets;
    this.#lastBatchMs = entry.batchWatermarkMs;
    const outputCount = partitions.reduce((sum, rows) => sum + rows.length, 0);
    this.#report(entry, start, { startedMs, rowCount, outputCount }, seen, metrics);
    this.#batchId += 1;
    this.#crashAfter(batchId);
  }

  /** In the first batch of a driver: the state must be what the query's operators keep. */
  #checkState(batchId: number): void {
    const { operators, reported } = this.plan;
    const schemas = reported.map((operator) => operators[operator]!.schema);
    const before = this.files.stateSchemas;
    if (batchId > 0 && before !== undefined) checkStateSchemas(before, schemas);
    this.files.stateSchemas = schemas;
  }

  #batchOf(
    entry: OffsetLogEntry,
    inputs: Batch['inputs'],
    seen: (number | undefined)[],
    metrics: readonly StateOperatorMetrics[],
  ): Batch {
    const { root, delaysMs } = this.plan;
    const before = this.files.offsetLog.get(entry.batchId - 1)?.batchWatermarkMs ?? 0;
    const late = watermarksOf(root, before);
    const eviction = watermarksOf(root, entry.batchWatermarkMs);
    return {
      batchId: entry.batchId,
      outputMode: this.#query.outputMode,
      timestampMs: entry.batchTimestampMs,
      shufflePartitions: this.#conf['spark.sql.shuffle.partitions'],
      inputs,
      lateWatermarkMs: (operator) => late[operator] ?? 0,
      evictionWatermarkMs: (operator) => eviction[operator] ?? 0,
      store: (operator, partition) => this.files.store(operator, partition),
      metrics: (operator) => metrics[operator] as StateOperatorMetrics,
      listener: this.#trace.listener,
      seeEventTime: (node, latestMs) => {
        seen[node] = latestMs - (delaysMs[node] ?? 0);
      },
    };
  }

  #commitState(metrics: readonly StateOperatorMetrics[], batchId: number): void {
    for (const { traits } of this.plan.operators) {
      const { operator } = traits;
      let total = 0;
      for (const [partition, store] of this.files.storesOf(operator).entries()) {
        const commit = store.commit(this.#trace.listener !== undefined);
        const { rowsOf } = traits;
        if (rowsOf === undefined) total += store.size;
        else for (const [, { value }] of store.entries()) total += rowsOf(value);
        this.#trace.stateCommitted(batchId, operator, partition, commit);
      }
      (metrics[operator] as StateOperatorMetrics).numRowsTotal = total;
    }
  }

  #commit(entry: OffsetLogEntry, seen: readonly (number | undefined)[]): void {
    const beforeMs = this.#tracker.watermarkMs;
    const nextBatchWatermarkMs = this.#tracker.update(seen);
    this.#trace.watermarkMoved(beforeMs, nextBatchWatermarkMs);
    this.files.commitLog.set(entry.batchId, { batchId: entry.batchId, nextBatchWatermarkMs });
    this.#trace.commitLogged(entry.batchId, nextBatchWatermarkMs);
  }

  #report(
    entry: OffsetLogEntry,
    start: Offsets,
    counts: { readonly startedMs: number; readonly rowCount: number; readonly outputCount: number },
    seen: readonly (number | undefined)[],
    metrics: readonly StateOperatorMetrics[],
  ): void {
    const { startedMs, rowCount, outputCount } = counts;
    const batchDurationMs = this.nowMs - startedMs;
    const previous = this.progress.at(-1);
    const sinceMs = previous === undefined ? 0 : startedMs - previous.timestampMs;
    const perSecond = (ms: number): number => (ms > 0 ? (rowCount * 1000) / ms : 0);
    const latest = seen.flatMap((watermarkMs, node) =>
      watermarkMs === undefined ? [] : [watermarkMs + (this.plan.delaysMs[node] ?? 0)],
    );
    this.progress.push({
      name: this.#query.name,
      batchId: entry.batchId,
      timestampMs: entry.batchTimestampMs,
      batchDurationMs,
      numInputRows: rowCount,
      inputRowsPerSecond: perSecond(sinceMs),
      processedRowsPerSecond: perSecond(batchDurationMs),
      eventTime: {
        watermarkMs: entry.batchWatermarkMs,
        maxMs: latest.length === 0 ? undefined : Math.max(...latest),
      },
      stateOperators: this.plan.reported.map((operator) =>
        stateProgress(
          this.plan.operators[operator]!.traits,
          metrics[operator]!,
          this.files.storesOf(operator),
        ),
      ),
      sources: this.#sources.map(({ plan }, at) => {
        const [startOffset = [], endOffset = []] = [start[at], entry.offsets[at]];
        const latestOffset = this.#sources[at]!.latestOffsets(entry.batchTimestampMs);
        const rows = this.#sources[at]!.rowOffsets(startOffset, endOffset, counts.startedMs);
        const numInputRows = rows.flat().length;
        return { description: plan.log, startOffset, endOffset, latestOffset, numInputRows };
      }),
      sink: { description: this.sink.description, numOutputRows: outputCount },
    });
  }

  /** When something may happen that no batch asked for: an arrival, a timeout, a delay's end. */
  #nextEventMs(): number {
    let nextMs = Infinity;
    for (const [at, source] of this.#sources.entries()) {
      const offsets = this.#startOffsets[at] as readonly number[];
      nextMs = Math.min(nextMs, source.nextArrivalMs(offsets, this.nowMs));
      nextMs = Math.min(nextMs, source.delayEndsMs(offsets, this.nowMs));
    }
    for (const { traits } of this.plan.operators) {
      const dueMs = traits.dueMs?.(this.files.storesOf(traits.operator));
      if (dueMs !== undefined) nextMs = Math.min(nextMs, dueMs);
    }
    return nextMs;
  }

  /**
   * ProcessingTimeExecutor: the next trigger is at the next multiple of the interval, or at once
   * when the batch has taken longer. Triggers that would find nothing before `eventMs` are skipped.
   */
  #waitForTrigger(triggeredMs: number, eventMs: number | undefined): void {
    const { trigger } = this.#query;
    const intervalMs = trigger.type === 'processing-time' ? trigger.intervalMs : 0;
    const slotMs =
      intervalMs === 0 ? triggeredMs : (Math.floor(triggeredMs / intervalMs) + 1) * intervalMs;
    this.nowMs = Math.max(this.nowMs, slotMs);
    if (eventMs === undefined || eventMs <= this.nowMs) return;
    this.nowMs = intervalMs === 0 ? eventMs : Math.ceil(eventMs / intervalMs) * intervalMs;
  }

  #crashAt(at: CrashPoint): void {
    this.#crashIf(this.#batchId, at);
  }

  #crashAfter(batchId: number): void {
    this.#crashIf(batchId, 'committed');
    this.#attempts.delete(batchId);
  }

  #crashIf(batchId: number, at: CrashPoint): void {
    const attempt = this.#attempts.get(batchId) ?? 0;
    const struck = this.#driverFaults.find(
      (fault) => fault.batchId === batchId && fault.at === at && (fault.attempt ?? 0) === attempt,
    );
    if (struck === undefined) return;
    this.#driverFaults = this.#driverFaults.filter((fault) => fault !== struck);
    this.#attempts.set(batchId, attempt + 1);
    throw new DriverFailure(at);
  }
}

function emptyMetrics(): StateOperatorMetrics {
  return {
    numRowsTotal: 0,
    numRowsUpdated: 0,
    numRowsRemoved: 0,
    numRowsDroppedByWatermark: 0,
    numDroppedDuplicateRows: 0,
    customMetrics: new Map(),
  };
}
