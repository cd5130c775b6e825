import type { BatchOutcome, ErrorOutcome, Outcome, Plan, SparkScenario, Step } from './scenario.ts';

/** What differs between Spark and the engine, in the words of the domain; undefined: nothing. */
export function difference(
  scenario: SparkScenario,
  spark: Outcome,
  engine: Outcome,
): string | undefined {
  if (isPassedOver(scenario, spark, engine)) return undefined;
  // Whether an error comes before the first batch or instead of it is no difference.
  return (
    columnsDifference(spark, engine) ??
    sinkDifference(scenario, spark, engine) ??
    batchesDifference(scenario, spark, engine) ??
    errorDifference(spark.refused ?? spark.failed, engine.refused ?? engine.failed)
  );
}

/** Whether nothing of a scenario is compared. */
export function isPassedOver(scenario: SparkScenario, spark: Outcome, engine: Outcome): boolean {
  return (
    EXCEPTIONS.readsWindowAsTime(scenario) ||
    EXCEPTIONS.readsNullAsZero(scenario) ||
    EXCEPTIONS.losesState(spark) ||
    EXCEPTIONS.isRefusedEarlier(scenario, engine)
  );
}

function columnsDifference(spark: Outcome, engine: Outcome): string | undefined {
  if (spark.refused !== undefined || engine.refused !== undefined) return undefined;
  const [names, others] = [spark.columns.join(', '), engine.columns.join(', ')];
  return names === others ? undefined : `columns: ${names} in Spark, ${others} in the engine`;
}

function errorDifference(
  spark: ErrorOutcome | undefined,
  engine: ErrorOutcome | undefined,
): string | undefined {
  if (spark === undefined && engine === undefined) return undefined;
  if (spark === undefined) return `the engine refuses, Spark does not: ${engine?.message}`;
  const told = `[${spark.condition}] ${spark.message}`;
  if (engine === undefined) return `Spark refuses, the engine does not: ${told}`;
  if (isSameError(spark, engine)) return undefined;
  return `the error differs: Spark: ${told} engine: ${engine.message}`;
}

function isSameError(spark: ErrorOutcome, engine: ErrorOutcome): boolean {
  // An assertion of Spark's own.
  if (spark.condition === 'STREAM_FAILED')
    return words(spark.message).includes(words(engine.message));
  // What has no name of its own yet is known by its words.
  const hasName = spark.condition !== '' && !spark.condition.startsWith('_LEGACY');
  if (hasName) return spark.condition === engine.condition;
  // Spark's first line may go on with a plan or an advice.
  return words(spark.message).startsWith(words(engine.message));
}

function words(message: string): string {
  const text = message
    .replace(/^\[[A-Z0-9_.]+\]|^requirement failed:/, '')
    .replace(/ SQLSTATE: \w+$/, '');
  return text
    .replace(/[^a-z0-9]+/gi, ' ')
    .trim()
    .toLowerCase();
}

function deduplicatesState(plan: Plan): boolean {
  if (plan.op === 'deduplicate' && has(plan.child, 'aggregate')) return true;
  if ('child' in plan) return deduplicatesState(plan.child);
  return 'left' in plan && (deduplicatesState(plan.left) || deduplicatesState(plan.right));
}

function hasNullTime(step: Step): boolean {
  if (step.type !== 'add') return false;
  return Object.values(step.rows).some((rows) => rows.some(([timeMs]) => timeMs === null));
}

/** What collect_list gives has no order that may be relied on, once rows were shuffled. */
function sortedList(value: unknown): unknown {
  return Array.isArray(value)
    ? [...(value as number[])].sort((left, right) => left - right)
    : value;
}

/** Whether any of a plan's nodes is of a kind. */
function has(plan: Plan, op: Plan['op']): boolean {
  if (plan.op === op) return true;
  if ('child' in plan) return has(plan.child, op);
  return 'left' in plan && (has(plan.left, op) || has(plan.right, op));
}

/**
 * Where Spark has several right answers, or counts what nobody asked for. Each says why, and what
 * is compared instead.
 */
const EXCEPTIONS = {
  /**
   * A left semi join behind an aggregation may leave the state of its left side uncommitted, and
   * Spark 4.2.0 fails in the batch that reads it.
   */
  losesState: ({ failed }: Outcome): boolean =>
    failed?.condition.startsWith('CANNOT_LOAD_STATE_STORE.') === true,
  /** Which of several rows out of a state is first, and stays, nobody knows. */
  keepsAnyRow: ({ query }: SparkScenario): boolean => deduplicatesState(query),
  /** Without an order, a limit gives any rows of a group or state: their number is compared. */
  isAnyRows: ({ query }: SparkScenario): boolean =>
    query.op === 'limit' && query.child.op !== 'sort' && query.child.op !== 'stream',
  /**
   * dropDuplicatesWithinWatermark takes a window's place in the row for its time: a key is
   * forgotten at once or never (StreamingDeduplicateWithinWatermarkExec reads it as a long).
   */
  readsWindowAsTime: ({ query }: SparkScenario): boolean =>
    query.op === 'deduplicate' && query.isWithinWatermark && query.child.op === 'aggregate',
  /**
   * Rows held for an outer join, gone on with as an inner one: Spark then takes a time that is null
   * for 0, and removes the row.
   */
  readsNullAsZero: ({ query, steps }: SparkScenario): boolean =>
    steps.some(hasNullTime) &&
    steps.some((step) => {
      const changed = step.type === 'restart' ? step.query : undefined;
      return changed?.op === 'join' && query.op === 'join' && changed.joinType !== query.joinType;
    }),
  /** A second watermark on the same rows: Spark notices when the first one has moved. */
  isRefusedEarlier: ({ query }: SparkScenario, { refused }: Outcome): boolean =>
    query.op === 'watermark' &&
    query.child.op === 'watermark' &&
    refused?.message === 'Redefining watermark is disallowed',
  /** A limit stops reading, and so does a join with a table in which nothing can match. */
  readsLess: ({ query }: SparkScenario): boolean => has(query, 'limit') || has(query, 'table'),
  /** To sort over several partitions, Spark runs all before twice, and counts the state twice. */
  countsTwice: ({ query, conf }: SparkScenario): boolean =>
    has(query, 'sort') && conf.shufflePartitions > 1,
} as const;

function sinkDifference(
  scenario: SparkScenario,
  spark: Outcome,
  engine: Outcome,
): string | undefined {
  const isOrdered = scenario.query.op === 'sort' || scenario.query.op === 'limit';
  const count = Math.max(spark.sink.length, engine.sink.length);
  for (let at = 0; at < count; at += 1) {
    const [left, right] = [spark.sink[at], engine.sink[at]];
    const where = `write ${at} of the sink`;
    if (left === undefined) return `${where}: only the engine has a batch ${right?.batchId}`;
    if (right === undefined) return `${where}: only Spark has a batch ${left.batchId}`;
    if (left.batchId !== right.batchId) {
      return `${where}: batch ${left.batchId} in Spark, ${right.batchId} in the engine`;
    }
    const texts = (rows: readonly (readonly unknown[])[]): string[] => {
      const all = rows.map((row) => JSON.stringify(row.map(sortedList)));
      return isOrdered ? all : all.sort();
    };
    const isAny = EXCEPTIONS.isAnyRows(scenario) || EXCEPTIONS.keepsAnyRow(scenario);
    if (isAny && left.rows.length === right.rows.length) continue;
    const [rows, others] = [texts(left.rows).join(' '), texts(right.rows).join(' ')];
    if (rows !== others) {
      return `${where}, batch ${left.batchId}: Spark wrote ${rows || 'nothing'}, the engine ${
        others || 'nothing'
      }`;
    }
  }
  return undefined;
}

function batchesDifference(
  scenario: SparkScenario,
  spark: Outcome,
  engine: Outcome,
): string | undefined {
  const count = Math.max(spark.batches.length, engine.batches.length);
  for (let at = 0; at < count; at += 1) {
    const [left, right] = [spark.batches[at], engine.batches[at]];
    if (left === undefined) return `only the engine committed a batch ${right?.batchId}`;
    if (right === undefined) return `only Spark committed a batch ${left.batchId}`;
    const found = batchDifference(scenario, left, right);
    if (found !== undefined) return `batch ${left.batchId}: ${found}`;
  }
  return undefined;
}

const NUMBERS = {
  batchId: 'its number',
  inputRows: 'rows read',
  timestampMs: 'its time',
  watermarkMs: 'the watermark that it ran with',
  nextWatermarkMs: 'the watermark for the next batch',
} as const;

const STATE_NUMBERS = {
  total: 'rows in the state',
  updated: 'rows updated',
  removed: 'rows removed',
  droppedLate: 'rows dropped as late',
  droppedDuplicates: 'duplicates dropped',
} as const;

function batchDifference(
  scenario: SparkScenario,
  spark: BatchOutcome,
  engine: BatchOutcome,
): string | undefined {
  for (const [name, text] of Object.entries(NUMBERS) as [keyof typeof NUMBERS, string][]) {
    const [left, right] = [spark[name], engine[name]];
    if (left === right) continue;
    if (name === 'inputRows' && EXCEPTIONS.readsLess(scenario) && left < right) continue;
    return `${text}: ${left} in Spark, ${right} in the engine`;
  }
  const names = [spark, engine].map(({ state }) => state.map(({ name }) => name).join(', '));
  if (names[0] !== names[1])
    return `its operators: ${names[0]} in Spark, ${names[1]} in the engine`;
  for (const [at, before] of spark.state.entries()) {
    const other = engine.state[at]!;
    for (const [name, text] of Object.entries(STATE_NUMBERS)) {
      const field = name as keyof typeof STATE_NUMBERS;
      if (before[field] === other[field]) continue;
      if (EXCEPTIONS.countsTwice(scenario) && before[field] === 2 * other[field]) continue;
      const where = `${text} by ${before.name}`;
      return `${where}: ${before[field]} in Spark, ${other[field]} in the engine`;
    }
  }
  return undefined;
}
