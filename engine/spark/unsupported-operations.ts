import { ConfigError } from '../core/errors.ts';
import { attributesOf, eventTimeOf } from '../dataset/attributes.ts';
import type { Expression } from '../dataset/expression.ts';
import { childrenOf, isStreaming, nodesOf } from '../dataset/plan.ts';
import type { LogicalPlan, OutputMode } from '../dataset/plan.ts';
import type { SparkConf } from './conf.ts';
import { boundsState } from './join-watermarks.ts';

type PlanOf<T extends LogicalPlan['type']> = Extract<LogicalPlan, { type: T }>;

const MODE_NAMES = { append: 'Append', update: 'Update', complete: 'Complete' } as const;

/**
 * Refuses what a streaming query can't do, for Spark's reasons and mostly in its words. Models
 * Spark 4.2.0 UnsupportedOperationChecker.checkForStreaming and
 * checkStreamingQueryGlobalWatermarkLimit.
 * @throws ConfigError for the first thing that is not supported.
 */
export function checkForStreaming(
  plan: LogicalPlan,
  outputMode: OutputMode,
  stateStore: SparkConf['spark.sql.streaming.stateStore.providerClass'],
): void {
  if (!isStreaming(plan)) {
    throw unsupported(
      'Queries without streaming sources cannot be executed with writeStream.start()',
      'static data only',
      'read a stream, or use the batch runtime',
    );
  }
  const nodes = nodesOf(plan).filter(isStreaming);
  checkGroupFunctions(nodes, outputMode);
  checkOutputMode(nodes, outputMode);
  for (const node of nodes) checkNode(node, nodes, outputMode);
  checkWatermarkLimit(nodes, outputMode);
  // Only when the query is planned.
  checkOneWatermark(plan);
  for (const node of nodes) checkTransform(node, stateStore);
}

/** TransformWithStateExecBase: it needs column families. A watermark is not asked for. */
function checkTransform(node: LogicalPlan, stateStore: string): void {
  if (node.type !== 'transform-with-state') return;
  if (stateStore !== 'rocksdb') {
    throw unsupported(
      '[UNSUPPORTED_FEATURE.STORE_BACKEND_NOT_SUPPORTED_FOR_TWS] Store backend ' +
        'HDFSBackedStateStoreProvider is not supported by TransformWithState operator',
      stateStore,
      "set 'spark.sql.streaming.stateStore.providerClass' to rocksdb",
    );
  }
  if (node.initialState !== undefined && isStreaming(node.initialState.plan)) {
    throw unsupported(
      'a stream cannot be the initial state of transformWithState',
      'a stream',
      'give a table: batch 0 hands over all of it',
    );
  }
}

/** A second withWatermark on the same rows. Returns whether the rows of the plan have one. */
function checkOneWatermark(plan: LogicalPlan): boolean {
  const has = childrenOf(plan).map(checkOneWatermark).includes(true);
  // What a user's function does to event time is unknown: a watermark may be set anew behind it.
  if (plan.type === 'groups-with-state') return false;
  if (plan.type === 'transform-with-state') return plan.eventTimeColumn !== undefined;
  if (plan.type !== 'watermark') return has;
  if (!has) return true;
  throw unsupported(
    'Redefining watermark is disallowed',
    `withWatermark("${plan.column}")`,
    'call withWatermark() once for each stream, before the first stateful operator',
  );
}

function checkOutputMode(nodes: readonly LogicalPlan[], outputMode: OutputMode): void {
  const aggregates = nodes.filter((node) => node.type === 'aggregate');
  // Spark looks at the outermost aggregation.
  const aggregate = aggregates.at(-1);
  if (aggregate === undefined) {
    if (outputMode !== 'complete') return;
    throw badOutputMode(
      outputMode,
      'no streaming aggregations',
      'use append mode: without an aggregation there is no result table to show whole',
    );
  }
  const keys = attributesOf(aggregate).slice(0, aggregate.keys.length);
  if (outputMode === 'append' && eventTimeOf(keys) === undefined) {
    throw badOutputMode(
      outputMode,
      'streaming aggregations without watermark',
      'call withWatermark() on the event time and group by a window of it, or use update mode',
    );
  }
  if (outputMode === 'update' && keys.some(({ isSessionWindow }) => isSessionWindow)) {
    throw badOutputMode(
      outputMode,
      'session window streaming aggregations',
      'use append mode: a session that grows would have to be taken back',
    );
  }
}

/** Rows that an operator hands out late would be late, and lost, in the next stateful one. */
function checkWatermarkLimit(nodes: readonly LogicalPlan[], outputMode: OutputMode): void {
  for (const node of nodes) {
    if (!isStateful(node)) continue;
    const before = childrenOf(node).flatMap(nodesOf).filter(isStreaming);
    const culprit = before.find((other) => cannotBeFollowed(other, outputMode));
    if (culprit === undefined) continue;
    throw unsupported(
      "Detected pattern of possible 'correctness' issue due to global watermark",
      `${culprit.type} before ${node.type} in ${outputMode} mode`,
      'chain stateful operators in append mode only, without event-time timeouts before others',
    );
  }
}

function cannotBeFollowed(node: LogicalPlan, outputMode: OutputMode): boolean {
  if (node.type === 'groups-with-state') return node.timeout === 'EventTimeTimeout';
  return node.type === 'aggregate' && outputMode !== 'append';
}

function isStateful(node: LogicalPlan): boolean {
  switch (node.type) {
    case 'aggregate':
    case 'groups-with-state':
    case 'transform-with-state':
      return true;
    case 'join':
      return isStreaming(node.left) && isStreaming(node.right);
    case 'deduplicate': {
      if (node.isWithinWatermark) return true;
      const marked = eventTimeOf(attributesOf(node.child));
      return marked !== undefined && node.keys.includes(marked.name);
    }
    default:
      return false;
  }
}

function checkGroupFunctions(nodes: readonly LogicalPlan[], outputMode: OutputMode): void {
  const all = nodes.filter((node) => node.type === 'groups-with-state');
  const maps = all.filter(({ isMap }) => isMap);
  const flatMaps = all.filter(({ isMap }) => !isMap);
  if (maps.length >= 2) {
    throw unsupported(
      'Multiple mapGroupsWithStates are not supported on a streaming DataFrames/Datasets',
      maps.length,
      'use one, or flatMapGroupsWithState in append mode',
    );
  }
  if (maps.length > 0 && flatMaps.length > 0) {
    throw unsupported(
      'Mixing mapGroupsWithStates and flatMapGroupsWithStates are not supported on a streaming ' +
        'DataFrames/Datasets',
      'both',
      'use flatMapGroupsWithState for both',
    );
  }
  const isAllAppend =
    outputMode === 'append' && flatMaps.every((map) => map.outputMode === 'append');
  if (flatMaps.length >= 2 && !isAllAppend) {
    throw unsupported(
      'Multiple flatMapGroupsWithStates are not supported when they are not all in append mode ' +
        'or the output mode is not append on a streaming DataFrames/Datasets',
      outputMode,
      'use append mode for all of them and for the query',
    );
  }
}

function checkNode(node: LogicalPlan, nodes: readonly LogicalPlan[], outputMode: OutputMode): void {
  switch (node.type) {
    case 'aggregate':
      checkAggregate(node);
      return;
    case 'groups-with-state':
      checkGroups(node, nodes, outputMode);
      return;
    case 'join':
      checkJoin(node, outputMode);
      return;
    case 'deduplicate':
      if (!node.isWithinWatermark || eventTimeOf(attributesOf(node.child)) !== undefined) return;
      throw unsupported(
        'dropDuplicatesWithinWatermark is not supported on streaming DataFrames/DataSets ' +
          'without watermark',
        node.keys.join(', '),
        'call withWatermark() before',
      );
    case 'union':
      if (isStreaming(node.left) === isStreaming(node.right)) return;
      throw unsupported(
        'Union between streaming and batch DataFrames/Datasets is not supported',
        'a stream and a table',
        'read the table as a stream too, or join with it',
      );
    case 'sort':
      if (outputMode === 'complete' && hasAggregate(node.child)) return;
      throw unsupported(
        'Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated ' +
          'DataFrame/Dataset in Complete output mode',
        outputMode,
        'use complete mode after an aggregation, or sort where the results are read',
      );
    case 'limit':
      checkLimit(node, outputMode);
      return;
    default:
  }
}

function checkLimit(node: PlanOf<'limit'>, outputMode: OutputMode): void {
  if (outputMode !== 'update') return;
  throw unsupported(
    'Limits are not supported on streaming DataFrames/Datasets in Update output mode',
    node.count,
    'use append mode, or complete mode after an aggregation',
  );
}

function hasAggregate(plan: LogicalPlan): boolean {
  return nodesOf(plan).some(({ type }) => type === 'aggregate');
}

function checkAggregate(node: PlanOf<'aggregate'>): void {
  if (node.aggregates.some(({ expression }) => hasDistinct(expression))) {
    throw unsupported(
      'Distinct aggregations are not supported on streaming DataFrames/Datasets. Consider using ' +
        'approx_count_distinct() instead',
      node.aggregates.map(({ name }) => name).join(', '),
      'drop duplicates before, with a watermark that bounds the state',
    );
  }
  const keys = attributesOf(node).slice(0, node.keys.length);
  const hasSession = keys.some(({ isSessionWindow }) => isSessionWindow);
  if (hasSession && keys.length === 1) {
    throw unsupported(
      'Global aggregation with session window is not supported in streaming queries',
      'session_window alone',
      'group by another column too',
    );
  }
}

function hasDistinct(expression: Expression): boolean {
  switch (expression.type) {
    case 'aggregate':
      return expression.isDistinct;
    case 'call':
    case 'udf':
      return expression.args.some(hasDistinct);
    case 'alias':
    case 'field':
      return hasDistinct(expression.child);
    default:
      return false;
  }
}

function checkGroups(
  node: PlanOf<'groups-with-state'>,
  nodes: readonly LogicalPlan[],
  outputMode: OutputMode,
): void {
  const mode = MODE_NAMES[outputMode];
  if (node.isMap && outputMode !== 'update') {
    throw unsupported(
      `mapGroupsWithState is not supported with ${mode} output mode on a streaming ` +
        'DataFrame/Dataset',
      outputMode,
      'use update mode',
    );
  }
  const hasAggregates = nodes.some(({ type }) => type === 'aggregate');
  if (!node.isMap && !hasAggregates && node.outputMode !== outputMode) {
    throw unsupported(
      `flatMapGroupsWithState in ${node.outputMode} mode is not supported with ${mode} output ` +
        'mode on a streaming DataFrame/Dataset',
      outputMode,
      `use ${node.outputMode} mode for the query`,
    );
  }
  if (!node.isMap && hasAggregates && node.outputMode === 'update') {
    throw unsupported(
      'flatMapGroupsWithState in update mode is not supported with aggregation on a streaming ' +
        'DataFrame/Dataset',
      node.outputMode,
      'use append mode for it',
    );
  }
  const hasWatermark = eventTimeOf(attributesOf(node.child)) !== undefined;
  if (node.timeout !== 'EventTimeTimeout' || hasWatermark) return;
  throw unsupported(
    "Watermark must be specified in the query using '[Dataset/DataFrame].withWatermark()' for " +
      'using event-time timeout in a [map|flatMap]GroupsWithState. Event-time timeout not ' +
      'supported without watermark',
    node.timeout,
    'call withWatermark() before groupByKey()',
  );
}

const JOIN_NAMES = {
  inner: 'Inner',
  left_outer: 'LeftOuter',
  right_outer: 'RightOuter',
  full_outer: 'FullOuter',
  left_semi: 'LeftSemi',
  left_anti: 'LeftAnti',
} as const;

function checkJoin(node: PlanOf<'join'>, outputMode: OutputMode): void {
  const { joinType } = node;
  const [left, right] = [isStreaming(node.left), isStreaming(node.right)];
  const name = JOIN_NAMES[joinType];
  const isOuter = joinType.endsWith('outer');
  if (left && right) {
    if (joinType === 'left_anti') {
      throw unsupported(
        'LeftAnti joins with a streaming DataFrame/Dataset on the right are not supported',
        'two streams',
        'use a left outer join and keep the rows without a match',
      );
    }
    const isAllowed = outputMode === 'append' || (!isOuter && outputMode === 'update');
    if (!isAllowed) {
      const modes = isOuter ? 'Append output mode' : 'Append and Update output modes';
      throw unsupported(
        `${name} join between two streaming DataFrames/Datasets is not supported in ` +
          `${MODE_NAMES[outputMode]} output mode, only in ${modes}`,
        outputMode,
        'use append mode',
      );
    }
    if (joinType !== 'inner') checkJoinWatermark(node);
    return;
  }
  const preserved = { left_outer: left, left_semi: left, right_outer: right, full_outer: false };
  const isFine = joinType === 'inner' || (joinType === 'left_anti' ? left : preserved[joinType]);
  if (isFine) return;
  throw unsupported(
    `${name} join with a streaming DataFrame/Dataset on the ${left ? 'left' : 'right'} and a ` +
      `static DataFrame/Dataset on the ${left ? 'right' : 'left'} is not supported`,
    joinType,
    'keep the rows of the stream: whether a row of the table will match is never known',
  );
}

/** An outer or semi join has to know when a row can match no more. */
function checkJoinWatermark(node: PlanOf<'join'>): void {
  if (boundsState(node)) return;
  throw unsupported(
    `Stream-stream ${JOIN_NAMES[node.joinType]} join between two streaming DataFrame/Datasets is ` +
      'not supported without a watermark in the join keys, or a watermark on the nullable side ' +
      'and an appropriate range condition',
    node.joinType,
    'call withWatermark() on both streams and bound their event times in the condition',
  );
}

function badOutputMode(outputMode: OutputMode, operation: string, remedy: string): ConfigError {
  return unsupported(
    `[STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION] Invalid streaming output mode: ${outputMode}. ` +
      `This output mode is not supported for ${operation} on streaming DataFrames/DataSets`,
    outputMode,
    remedy,
  );
}

function unsupported(rule: string, got: unknown, remedy: string): ConfigError {
  return new ConfigError(rule, got, remedy);
}
