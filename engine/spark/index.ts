/** The door to the micro-batch runtime and its Dataset-shaped API, as `#engine/spark`. */
export { Column } from '../dataset/column.ts';
export type { AnyColumn, Operand } from '../dataset/column.ts';
export { DataStreamWriter, Trigger } from '../dataset/data-stream-writer.ts';
export type { ExternalTable, ForeachBatch, TriggerSpec } from '../dataset/data-stream-writer.ts';
export { Dataset, RelationalGroupedDataset } from '../dataset/dataset.ts';
export {
  abs,
  avg,
  coalesce,
  col,
  collect_list,
  concat,
  count,
  count_distinct,
  expr,
  first,
  floor,
  last,
  length,
  lit,
  lower,
  max,
  min,
  not,
  session_window,
  sum,
  timestamp_millis,
  udf,
  upper,
  when,
  window,
  window_time,
} from '../dataset/functions.ts';
export { GroupStateTimeout } from '../dataset/key-value-grouped-dataset.ts';
export type { GroupState } from '../dataset/key-value-grouped-dataset.ts';
export {
  StatefulProcessor,
  StatefulProcessorWithInitialState,
  TTLConfig,
  TimeMode,
} from '../dataset/stateful-processor.ts';
export type {
  ExpiredTimerInfo,
  ListState,
  MapState,
  StatefulProcessorHandle,
  TimeModeName,
  TimerValues,
  ValueState,
} from '../dataset/stateful-processor.ts';
export type { OutputMode } from '../dataset/plan.ts';
export type { Row, Value, WindowValue } from '../dataset/value.ts';
export type { Checkpoint } from './checkpoint.ts';
export type { SparkConf } from './conf.ts';
export { EXECUTION_MODES } from './execution-modes.ts';
export type { ExecutionMode } from './execution-modes.ts';
export { CRASH_POINTS } from './scenario.ts';
export type {
  BatchCosts,
  BatchFault,
  CrashPoint,
  MicroBatchRun,
  MicroBatchScenario,
  SinkBatch,
} from './scenario.ts';
export type { StreamingQueryProgress } from './progress.ts';
export { DataStreamReader, SparkSession } from './session.ts';
export type { RowOf, Schema } from './session.ts';
export { simulateMicroBatches } from './simulate-micro-batches.ts';
