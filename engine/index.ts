/** The engine's only door. */
export { AssertionError } from './core/assert.ts';
export { cloneValue, toJson } from './core/clone.ts';
export type { Json } from './core/clone.ts';
export { days, hours, milliseconds, minutes, seconds } from './core/durations.ts';
export { ConfigError } from './core/errors.ts';
export type { Key } from './core/key-table.ts';
export { Random } from './core/random.ts';
export { WATERMARK_MAX, WATERMARK_MIN } from './core/time.ts';
export type { EventTimeMs, ProcessingTimeMs } from './core/time.ts';

export { decodeTrace, encodeTrace } from './trace/codec.ts';
export type {
  CallFrame,
  CheckpointFrame,
  Frame,
  LogFrame,
  SinkFrame,
  SinkWrite,
  SplitFrame,
  StateFrame,
  SubtaskFrame,
  TaskFrame,
  TimerFrame,
  TransactionStatus,
  WindowFrame,
} from './trace/frame.ts';
export { bytesHash, traceHash } from './trace/hash.ts';
export { KIND, PANE_TIMINGS, TIME_DOMAINS, TRACE_KINDS } from './trace/kinds.ts';
export type { PaneTiming, TimeDomain, TraceKind } from './trace/kinds.ts';
export { explainOutput } from './trace/lineage.ts';
export type { OutputLineage } from './trace/lineage.ts';
export { timeText } from './trace/narration.ts';
export { TraceReader } from './trace/reader.ts';
export { backPressureShares, checkpointMetrics, writeLatencies } from './trace/run-metrics.ts';
export type { CheckpointMetrics, WriteLatency } from './trace/run-metrics.ts';
export { explainSilence } from './trace/silence.ts';
export type { PendingFiring, Silence, SubtaskSilence, WatermarkHolder } from './trace/silence.ts';
export type {
  ChannelInfo,
  SinkInfo,
  SplitInfo,
  StateInfo,
  SubtaskInfo,
  Trace,
  TraceColumns,
  TraceEvent,
  TraceHeader,
} from './trace/trace.ts';

export type {
  Fault,
  FaultTime,
  JobManagerCrash,
  PartitionLoss,
  StageFault,
  SubtaskFailure,
  SubtaskSlowdown,
  SubtaskStall,
  TaskManagerCrash,
} from './faults/fault.ts';
export * from './logs/kafka/index.ts';
export * from './logs/kinesis/index.ts';
export type { LogFact } from './logs/log-fact.ts';
export type { LogInput, LogRecord } from './logs/log.ts';
export type { ResetPolicy, StartPosition } from './logs/read-position.ts';
export { retainedAt } from './logs/retained.ts';
export type { LogEdges, PartitionLife } from './logs/partition-life.ts';
export {
  BoundedOutOfOrdernessWatermarks,
  NO_TIMESTAMP,
  WatermarkStrategy,
} from './time/watermark-strategy.ts';
export type {
  TimestampAssigner,
  WatermarkGenerator,
  WatermarkOutput,
} from './time/watermark-strategy.ts';
export {
  GlobalWindows,
  SlidingEventTimeWindows,
  SlidingProcessingTimeWindows,
  TumblingEventTimeWindows,
  TumblingProcessingTimeWindows,
} from './windows/assigners.ts';
export {
  DynamicEventTimeSessionWindows,
  DynamicProcessingTimeSessionWindows,
  EventTimeSessionWindows,
  ProcessingTimeSessionWindows,
} from './windows/session-windows.ts';
export type { SessionWindowTimeGapExtractor } from './windows/session-windows.ts';
export { MergingWindowAssigner, WindowAssigner } from './windows/window-assigner.ts';
export type { DefaultTrigger, WindowAssignerContext } from './windows/window-assigner.ts';
export { GLOBAL_WINDOW, maxTimestampOf, windowStartOf } from './windows/time-window.ts';
export type { TimeWindow } from './windows/time-window.ts';
export {
  AggregatingStateDescriptor,
  ListStateDescriptor,
  MapStateDescriptor,
  ReducingStateDescriptor,
  ValueStateDescriptor,
} from './state/descriptors.ts';
export type {
  AggregatingState,
  ListState,
  MapKey,
  MapState,
  ReducingState,
  ValueState,
} from './state/descriptors.ts';
export { StateTtlConfig } from './state/state-ttl-config.ts';
export type { StateVisibility, UpdateType } from './state/state-ttl-config.ts';
export type { BroadcastState, ReadOnlyBroadcastState } from './state/broadcast-state.ts';
export type { OperatorStateStore } from './state/operator-state-backend.ts';
export {
  defaultMaxParallelism,
  javaHashCode,
  keyGroupOf,
  murmurHash,
  subtaskOfKeyGroup,
} from './state/key-groups.ts';
export {
  KeyedProcessFunction,
  OutputTag,
  ProcessAllWindowFunction,
  ProcessWindowFunction,
  RichFunction,
} from './operators/functions.ts';
export type {
  AggregateFunction,
  CheckpointListener,
  CheckpointedFunction,
  Collector,
  FilterFunction,
  FlatMapFunction,
  FunctionInitializationContext,
  FunctionSnapshotContext,
  KeySelector,
  KeyedStateStore,
  MapFunction,
  OnTimerContext,
  OpenContext,
  ProcessContext,
  ProcessWindowContext,
  ReduceFunction,
  RuntimeContext,
  TaskInfo,
  TimerService,
} from './operators/functions.ts';
export {
  ContinuousEventTimeTrigger,
  ContinuousProcessingTimeTrigger,
} from './operators/window-continuous-triggers.ts';
export { CountTrigger, DeltaTrigger, PurgingTrigger } from './operators/window-data-triggers.ts';
export type { DeltaFunction } from './operators/window-data-triggers.ts';
export { CountEvictor, DeltaEvictor, TimeEvictor } from './operators/window-evictors.ts';
export type { Evictor, EvictorContext, TimestampedValue } from './operators/window-evictors.ts';
export {
  EndOfStreamTrigger,
  EventTimeTrigger,
  NeverTrigger,
  ProcessingTimeTrigger,
  ProcessingTimeoutTrigger,
} from './operators/window-time-triggers.ts';
export { Trigger, TriggerResult } from './operators/window-trigger.ts';
export type { OnMergeContext, TriggerContext } from './operators/window-trigger.ts';
export {
  BroadcastProcessFunction,
  CoProcessFunction,
  KeyedBroadcastProcessFunction,
  KeyedCoProcessFunction,
  ProcessFunction,
  RichCoFlatMapFunction,
} from './operators/process-functions.ts';
export type {
  BroadcastReadContext,
  BroadcastWriteContext,
  CoFlatMapFunction,
  CoMapFunction,
  KeyedBroadcastReadContext,
  KeyedBroadcastTimerContext,
  KeyedBroadcastWriteContext,
  NonKeyedContext,
  StateOf,
} from './operators/process-functions.ts';
export { ProcessJoinFunction } from './operators/join-functions.ts';
export type {
  CoGroupFunction,
  JoinFunction,
  ProcessJoinContext,
} from './operators/join-functions.ts';
export {
  ExponentialBackoffDelayRetryStrategyBuilder,
  FixedDelayRetryStrategyBuilder,
  RetryPredicates,
  RichAsyncFunction,
  TimeoutException,
} from './operators/async-functions.ts';
export type {
  AsyncFunction,
  AsyncRetryPredicate,
  AsyncRetryStrategy,
  ExternalService,
  ResultFuture,
} from './operators/async-functions.ts';
export { kafkaSource, kinesisSource, logSource } from './connectors/log-source.ts';
export type {
  KafkaSourceSettings,
  KinesisSourceSettings,
  LogSource,
} from './connectors/log-source.ts';
export type { SourceReading } from './connectors/source-reading.ts';
export {
  appendSink,
  incrementSink,
  sumsOf,
  tableOf,
  transactionalSink,
  upsertSink,
} from './connectors/sinks.ts';
export type { Sink, SinkKind } from './connectors/sinks.ts';
export type { ExternalStore, SinkRow, SinkTable } from './connectors/external-store.ts';
export type { DeliveryGuarantee } from './connectors/delivery-guarantee.ts';
export { Database, UniqueViolation } from './connectors/database/database.ts';
export type { LedgerEntry, TableChange } from './connectors/database/database.ts';
export { databaseSink } from './connectors/database/database-sink.ts';
export type { DatabaseSinkOptions } from './connectors/database/database-sink.ts';
export { DatabaseStore } from './connectors/database/database-store.ts';
export { topicSink } from './connectors/topic/topic-sink.ts';
export type { TopicSinkOptions } from './connectors/topic/topic-sink.ts';
export { TopicStore } from './connectors/topic/topic-store.ts';
export type { TopicRecord } from './connectors/topic/topic-store.ts';
export { fileSink } from './connectors/files/file-sink.ts';
export type { FileSinkOptions } from './connectors/files/file-sink.ts';
export { FileStore } from './connectors/files/file-store.ts';
export type { PartFile } from './connectors/files/file-store.ts';
export type { BucketAssigner } from './connectors/files/part-file-writer.ts';
export type { RollingLimits, RollingPolicy } from './connectors/files/rolling-policy.ts';
export { lakeSink } from './connectors/lake/lake-sink.ts';
export type { LakeSinkOptions } from './connectors/lake/lake-sink.ts';
export { LakeStore } from './connectors/lake/lake-store.ts';
export { LakeTable } from './connectors/lake/lake-table.ts';
export type {
  DataFile,
  LakeTableExport,
  LakeTableOptions,
  TableCommit,
  TableCommitResult,
  TableIsolation,
  TableTransaction,
} from './connectors/lake/lake-table.ts';
export type { CommitConflict, ConflictName } from './connectors/lake/commit-conflict.ts';
export { appendTo, compact, deleteFrom, smallFiles } from './connectors/lake/table-changes.ts';
export type { Compaction } from './connectors/lake/table-changes.ts';
export type { CompactionSettings } from './connectors/lake/lake-writer.ts';
export { lakeExportAt } from './connectors/lake/lake-export.ts';
export { sinkTablesAt } from './connectors/sink-tables.ts';
export { dashboardSink } from './connectors/dashboard/dashboard-sink.ts';
export type { DashboardSinkOptions } from './connectors/dashboard/dashboard-sink.ts';
export { DashboardStore } from './connectors/dashboard/dashboard-store.ts';
export { dashboardView } from './trace/dashboard-view.ts';
export type { DashboardValue, DashboardView } from './trace/dashboard-view.ts';
export { visibleRows, visibleWrites } from './trace/sink-reader.ts';
export type { ReaderIsolation } from './trace/sink-reader.ts';
export { TableContents } from './trace/table-contents.ts';
export type {
  RowChange,
  TableDefinition,
  TableRow,
  TableWrite,
  WriteEffect,
} from './trace/table-contents.ts';
export type { Configuration } from './datastream/configuration.ts';
export {
  DataStream,
  DataStreamSink,
  KeyedStream,
  SingleOutputStreamOperator,
} from './datastream/data-stream.ts';
export { AllWindowedStream, WindowedStream } from './datastream/windowed-stream.ts';
export { AsyncDataStream } from './datastream/async-data-stream.ts';
export { BroadcastConnectedStream, BroadcastStream } from './datastream/broadcast-stream.ts';
export { ConnectedStreams } from './datastream/connected-streams.ts';
export { IntervalJoin, IntervalJoined } from './datastream/interval-join.ts';
export {
  CoGroupedStreams,
  CoGroupedWindows,
  JoinedStreams,
  JoinedWindows,
} from './datastream/joined-streams.ts';
export type { TaggedUnion } from './datastream/joined-streams.ts';
export { StreamExecutionEnvironment } from './datastream/environment.ts';
export type { CostModel } from './flink/cost-model.ts';
export type {
  Operation,
  Run,
  RunControls,
  RunFailure,
  RunHooks,
  Scenario,
} from './flink/scenario.ts';
export type { Savepoint, SavepointOperator } from './flink/savepoint.ts';
export { simulate } from './flink/simulate.ts';

export * from './batch/index.ts';

export * from './capacity/index.ts';
export * from './checkers/index.ts';
