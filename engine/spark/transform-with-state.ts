import { ConfigError } from '../core/errors.ts';
import { attributesOf } from '../dataset/attributes.ts';
import type { LogicalPlan } from '../dataset/plan.ts';
import type {
  StatefulProcessor,
  StatefulProcessorWithInitialState,
  TimerValues,
} from '../dataset/stateful-processor.ts';
import type { Row, Value } from '../dataset/value.ts';
import { copyFunction } from '../datastream/function-copy.ts';
import type { Batch, Partitions, PhysicalNode, StatefulTraits } from './batch.ts';
import { groupByKey } from './keyed-rows.ts';
import type { KeyedRows } from './keyed-rows.ts';
import { eventTimeIn } from './late-rows.ts';
import type { EventTime } from './late-rows.ts';
import { DriverHandle, ProcessorHandle } from './processor-handle.ts';
import type { VariableType } from './processor-handle.ts';
import { timersIn } from './processor-timers.ts';
import type { StateStore } from './state-store.ts';

type TransformPlan = Extract<LogicalPlan, { type: 'transform-with-state' }>;
type Processor = StatefulProcessor<Value, Row, Row>;

/**
 * A user's processor over the rows, state variables and timers of each key. Models Spark 4.2.0
 * TransformWithStateExec: in batch 0 the initial state, then all keys with rows in their order,
 * then the timers at or before the batch's time (or the watermark), then what has expired. A timer
 * is deleted after it was handled: one set anew for the same time goes with it. Rows are dropped
 * as late only with TimeMode.EventTime.
 * Simplified: batches that could do nothing are not run (with ProcessingTime, Spark runs one at
 * every trigger).
 */
export class TransformWithState implements PhysicalNode {
  readonly children: readonly PhysicalNode[];
  readonly stateful: StatefulTraits;
  /** What a checkpoint is held to: state variables by name. */
  readonly variables: ReadonlyMap<string, VariableType>;
  readonly #plan: TransformPlan;
  readonly #child: PhysicalNode;
  readonly #initialState: PhysicalNode | undefined;
  readonly #eventTime: EventTime | undefined;
  readonly #outputTime: EventTime | undefined;

  constructor(
    plan: TransformPlan,
    child: PhysicalNode,
    initialState: PhysicalNode | undefined,
    operator: number,
  ) {
    this.#plan = plan;
    this.#child = child;
    this.#initialState = initialState;
    this.children = initialState === undefined ? [child] : [child, initialState];
    const isEventTime = plan.timeMode === 'EventTime';
    this.#eventTime = isEventTime ? eventTimeIn(attributesOf(plan.child)) : undefined;
    this.#outputTime = eventTimeIn(attributesOf(plan));
    this.variables = variablesOf(plan);
    const isProcessingTime = plan.timeMode === 'ProcessingTime';
    this.stateful = {
      operator,
      name: 'transformWithStateExec',
      shouldRunAnotherBatch: (nowMs, beforeMs) => {
        if (isProcessingTime) return true;
        return plan.outputMode !== 'complete' && nowMs > beforeMs;
      },
      outputWatermarkMs: (inputMs) => (isProcessingTime ? undefined : inputMs),
      dueMs: (stores) => (isProcessingTime ? nextDueMs(stores) : undefined),
    };
  }

  execute(batch: Batch): Partitions {
    const { operator } = this.stateful;
    const { key } = this.#plan;
    const input = this.#child.execute(batch);
    const groups = groupByKey(batch, operator, input, key, this.#eventTime);
    const initial = this.#initialGroups(batch);
    const results = groups.map((own, partition) => {
      return this.#runTask(batch, partition, own, initial?.[partition] ?? []);
    });
    if (this.#plan.eventTimeColumn !== undefined) this.#checkOutput(batch, results);
    return results;
  }

  #initialGroups(batch: Batch): readonly (readonly KeyedRows[])[] | undefined {
    const { initialState } = this.#plan;
    if (initialState === undefined || this.#initialState === undefined) return undefined;
    if (batch.batchId !== 0) return undefined;
    const rows = this.#initialState.execute(batch);
    return groupByKey(batch, this.stateful.operator, rows, initialState.key, undefined);
  }

  #runTask(
    batch: Batch,
    partition: number,
    groups: readonly KeyedRows[],
    initial: readonly KeyedRows[],
  ): readonly Row[] {
    const { operator } = this.stateful;
    const { timeMode, outputMode } = this.#plan;
    const handle = new ProcessorHandle(batch, operator, partition, timeMode);
    const processor = copyFunction(this.#plan.processor);
    processor.setHandle(handle);
    calling('init', () => processor.init(outputMode, timeMode));
    handle.state = 'INITIALIZED';
    const times = timesOf(batch, operator);
    const results: Row[] = [];
    for (const { key, rows } of initial) giveInitialState(handle, processor, key, rows, times);
    for (const { key, rows } of groups) {
      collect(results, handle, key, 'handleInputRows', () =>
        processor.handleInputRows(key, rows, times),
      );
    }
    handle.state = 'DATA_PROCESSED';
    this.#fireTimers(batch, handle, processor, times, results);
    handle.state = 'TIMER_PROCESSED';
    handle.clearExpired();
    calling('close', () => processor.close());
    handle.state = 'CLOSED';
    const metrics = batch.metrics(operator);
    metrics.numRowsUpdated += handle.task.updatedCount;
    metrics.numRowsRemoved += handle.task.removedCount;
    return results;
  }

  #fireTimers(
    batch: Batch,
    handle: ProcessorHandle,
    processor: Processor,
    times: TimerValues,
    results: Row[],
  ): void {
    const { timeMode } = this.#plan;
    if (timeMode === 'None') return;
    const untilMs =
      timeMode === 'ProcessingTime'
        ? batch.timestampMs
        : batch.evictionWatermarkMs(this.stateful.operator);
    for (const { key, expiryMs } of handle.expiredTimers(untilMs)) {
      handle.count('numExpiredTimers', 1);
      collect(results, handle, key, 'handleExpiredTimer', () =>
        processor.handleExpiredTimer(key, times, { getExpiryTimeInMs: () => expiryMs }),
      );
      handle.key = { value: key };
      handle.deleteTimer(expiryMs);
      handle.key = undefined;
    }
  }

  /** UpdateEventTimeColumnExec: operators behind would drop such rows as late. */
  #checkOutput(batch: Batch, results: Partitions): void {
    const watermarkMs = batch.lateWatermarkMs(this.stateful.operator);
    for (const row of results.flat()) {
      const timeMs = this.#outputTime?.(row);
      if (timeMs === undefined || timeMs > watermarkMs) continue;
      throw new ConfigError(
        '[EMITTING_ROWS_OLDER_THAN_WATERMARK_NOT_ALLOWED] Previous node emitted a row with ' +
          `eventTime=${timeMs} which is older than current_watermark_value=${watermarkMs}`,
        timeMs,
        `emit rows whose ${this.#plan.eventTimeColumn} is behind the watermark`,
      );
    }
  }
}

function timesOf(batch: Batch, operator: number): TimerValues {
  return {
    getCurrentProcessingTimeInMs: () => batch.timestampMs,
    getCurrentWatermarkInMs: () => batch.evictionWatermarkMs(operator),
  };
}

function giveInitialState(
  handle: ProcessorHandle,
  processor: Processor,
  key: Value,
  rows: readonly Row[],
  times: TimerValues,
): void {
  const own = processor as StatefulProcessorWithInitialState<Value, Row, Row, Row>;
  handle.key = { value: key };
  for (const row of rows) {
    calling('handleInitialState', () => own.handleInitialState(key, row, times));
  }
  handle.key = undefined;
}

/** Takes all that a call gives while the handle has its key: iterators may use state. */
function collect(
  results: Row[],
  handle: ProcessorHandle,
  key: Value,
  name: string,
  call: () => Iterable<Row>,
): void {
  handle.key = { value: key };
  calling(name, () => {
    for (const row of call()) results.push(row);
  });
  handle.key = undefined;
}

/** TransformWithStateExecBase.withStatefulProcessorErrorHandling. */
function calling(name: string, call: () => void): void {
  try {
    call();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      '[TRANSFORM_WITH_STATE_USER_FUNCTION_ERROR] An error occurred in the user-defined function ' +
        `${name} of the StatefulProcessor. Reason: ${reason}`,
      { cause: error },
    );
  }
}

/** Calls init() once as the driver does, which has no state, to learn what variables there are. */
function variablesOf({
  processor,
  outputMode,
  timeMode,
}: TransformPlan): DriverHandle['variables'] {
  const handle = new DriverHandle(timeMode);
  const copy = copyFunction(processor);
  copy.setHandle(handle);
  calling('init', () => copy.init(outputMode, timeMode));
  calling('close', () => copy.close());
  return handle.variables;
}

/** When a timer fires or a value expires next. */
function nextDueMs(stores: readonly StateStore[]): number | undefined {
  let nextMs = Infinity;
  for (const store of stores) {
    for (const { expiryMs } of timersIn(store)) nextMs = Math.min(nextMs, expiryMs);
    for (const [, { value, isInternal }] of store.entries()) {
      const { expiresMs } = value as { readonly expiresMs?: number };
      if (isInternal === true && expiresMs !== undefined) nextMs = Math.min(nextMs, expiresMs);
    }
  }
  return nextMs === Infinity ? undefined : nextMs;
}
