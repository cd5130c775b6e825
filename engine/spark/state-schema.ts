import { ConfigError } from '../core/errors.ts';
import { attributesOf, typeIn } from '../dataset/attributes.ts';
import type { Expression } from '../dataset/expression.ts';
import type { LogicalPlan } from '../dataset/plan.ts';
import type { ValueType } from '../dataset/value-type.ts';
import { partsOf } from './join-watermarks.ts';
import { mayBeNull, neverNullColumns } from './optimizer/constraints.ts';

type PlanOf<T extends LogicalPlan['type']> = Extract<LogicalPlan, { type: T }>;

/**
 * What a stateful operator keeps: its name, and the types of keys and values. Names of columns do
 * not count (DataType.equalsIgnoreNameAndCompatibleNullability).
 */
export interface StateSchema {
  readonly operator: string;
  readonly key: readonly string[];
  readonly value: readonly string[];
  /** Types of state variables by name: they may come and go, but not change. */
  readonly variables: { readonly [name: string]: string };
}

/** Types of the keys and values that the state of a plan holds. */
export function stateTypesOf(plan: LogicalPlan): Pick<StateSchema, 'key' | 'value'> {
  switch (plan.type) {
    case 'aggregate':
      return aggregateTypes(plan);
    case 'deduplicate': {
      const keys = plan.keys.map((name): Expression => ({ type: 'column', name }));
      return { key: typesOf(keys, plan.child), value: plan.isWithinWatermark ? ['long'] : [] };
    }
    case 'join':
      return joinTypes(plan);
    case 'groups-with-state':
      return { key: [], value: plan.timeout === 'NoTimeout' ? ['state'] : ['state', 'timeout'] };
    case 'transform-with-state':
      return { key: [`timeMode ${plan.timeMode}`, `outputMode ${plan.outputMode}`], value: [] };
    default:
      return { key: [], value: [] };
  }
}

const NOT_NULL = ' not null';

/**
 * The types of expressions over the columns of a plan, each with whether it may be null. In a key,
 * a column may be whatever filters say: only the rows of a join are known to have passed them.
 */
function typesOf(
  expressions: readonly Expression[],
  plan: LogicalPlan,
  notNull: ReadonlySet<string> = new Set(),
): readonly string[] {
  const attributes = attributesOf(plan);
  return expressions.map((expression) => {
    const type = typeIn(expression, attributes) ?? 'unknown';
    return mayBeNull(expression, notNull) ? type : type + NOT_NULL;
  });
}

function aggregateTypes(plan: PlanOf<'aggregate'>): Pick<StateSchema, 'key' | 'value'> {
  const before = attributesOf(plan.child);
  const found = new Map<string, readonly string[]>();
  for (const { expression } of plan.aggregates) {
    for (const aggregate of aggregatesIn(expression)) {
      const type = typeIn(aggregate.child, before);
      found.set(JSON.stringify(aggregate), bufferTypes(aggregate.name, type));
    }
  }
  const buffers = [...found.values()].flat();
  const types = typesOf(
    plan.keys.map(({ expression }) => expression),
    plan.child,
  );
  const place = attributesOf(plan).findIndex(({ isSessionWindow }) => isSessionWindow);
  if (place === -1) return { key: types, value: buffers };
  // A row for each session, by its start.
  return { key: [...types.toSpliced(place, 1), 'timestamp'], value: [...types, ...buffers] };
}

type Aggregate = Extract<Expression, { type: 'aggregate' }>;

function aggregatesIn(expression: Expression): readonly Aggregate[] {
  switch (expression.type) {
    case 'aggregate':
      return [expression];
    case 'call':
    case 'udf':
      return expression.args.flatMap(aggregatesIn);
    case 'alias':
    case 'field':
      return aggregatesIn(expression.child);
    default:
      return [];
  }
}

/** What an aggregate function keeps (aggBufferAttributes). */
function bufferTypes(name: Aggregate['name'], child: ValueType): readonly string[] {
  const type = child ?? 'unknown';
  switch (name) {
    case 'count':
      return [`long${NOT_NULL}`];
    case 'sum':
      return [type === 'integer' ? 'long' : type];
    case 'avg':
      return ['double', 'long'];
    case 'first':
    case 'last':
      return [type, 'boolean'];
    case 'collect_list':
      return ['binary'];
    default:
      return [type];
  }
}

function joinTypes(plan: PlanOf<'join'>): Pick<StateSchema, 'key' | 'value'> {
  const rows = [plan.left, plan.right].map((side) => {
    const columns = attributesOf(side).map(({ name }): Expression => ({ type: 'column', name }));
    return typesOf(columns, side, neverNullColumns(side));
  });
  return { key: typesOf(partsOf(plan).leftKeys, plan.left), value: rows.flat() };
}

/**
 * Whether a query may go on with state that another has left. Models what Spark 4.2.0 checks in the
 * first batch after a restart: which operators there are (OperatorStateMetadata), the schemas of
 * their state (StateSchemaCompatibilityChecker) and the types of state variables.
 * @throws ConfigError when it may not.
 */
export function checkStateSchemas(
  before: readonly StateSchema[],
  now: readonly StateSchema[],
): void {
  checkOperators(before, now);
  for (const [at, schema] of now.entries()) {
    const old = before[at] as StateSchema;
    if (!canHold(old.key, schema.key)) throw notCompatible('KEY', old.key, schema.key);
    if (!canHold(old.value, schema.value)) throw notCompatible('VALUE', old.value, schema.value);
    for (const [name, type] of Object.entries(old.variables)) {
      const newType = schema.variables[name];
      if (newType === undefined || newType === type) continue;
      throw new ConfigError(
        `[STATE_STORE_INVALID_VARIABLE_TYPE_CHANGE] Cannot change ${name} to ${newType} between ` +
          'query restarts',
        newType,
        `keep ${type}, give the new variable another name, or use another checkpoint location`,
      );
    }
  }
}

/** What may be null may be so no longer, but not the other way round. */
function canHold(before: readonly string[], now: readonly string[]): boolean {
  if (before.length !== now.length) return false;
  return before.every((type, at) => type === now[at] || type + NOT_NULL === now[at]);
}

function checkOperators(before: readonly StateSchema[], now: readonly StateSchema[]): void {
  const names = (schemas: readonly StateSchema[]): string =>
    schemas.map(({ operator }) => operator).join(', ');
  if (names(before) === names(now)) return;
  const remedy = 'keep the stateful operators, or use another checkpoint location';
  if (before.length === 0) {
    throw new ConfigError(
      '[STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY] Cannot restart streaming query with ' +
        'stateful operators because the state directory is empty or missing',
      names(now),
      remedy,
    );
  }
  throw new ConfigError(
    '[STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA] Streaming stateful operator name ' +
      `does not match with the operator in state metadata: it had ${names(before)}`,
    names(now) || 'none',
    remedy,
  );
}

function notCompatible(
  part: 'KEY' | 'VALUE',
  before: readonly string[],
  now: readonly string[],
): ConfigError {
  const what = part.toLowerCase();
  return new ConfigError(
    `[STATE_STORE_${part}_SCHEMA_NOT_COMPATIBLE] Provided ${what} schema does not match existing ` +
      `state ${what} schema: it was (${before.join(', ')})`,
    `(${now.join(', ')})`,
    'keep the types of keys, columns and aggregates, or use another checkpoint location',
  );
}
