import { ConfigError } from '../core/errors.ts';
import { attributesOf, typeIn } from '../dataset/attributes.ts';
import type { Expression } from '../dataset/expression.ts';
import type { LogicalPlan } from '../dataset/plan.ts';
import type { ValueType } from '../dataset/value-type.ts';
import { partsOf } from './join-watermarks.ts';

type PlanOf<T extends LogicalPlan['type']> = Extract<LogicalPlan, { type: T }>;

/**
 * What a stateful operator keeps: its name, and the types of keys and values. Names of columns do
 * not count (DataType.equalsIgnoreNameAndCompatibleNullability).
 */
export interface StateSchema {
  readonly operator: string;
  readonly key: string;
  readonly value: string;
  /** Types of state variables by name: they may come and go, but not change. */
  readonly variables: { readonly [name: string]: string };
}

/** Types of the keys and values that the state of a plan holds. */
export function stateTypesOf(plan: LogicalPlan): Pick<StateSchema, 'key' | 'value'> {
  switch (plan.type) {
    case 'aggregate':
      return aggregateTypes(plan);
    case 'deduplicate': {
      const before = attributesOf(plan.child);
      const types = plan.keys.map((key) => before.find(({ name }) => name === key)?.type);
      return { key: textOf(types), value: plan.isWithinWatermark ? 'long' : '' };
    }
    case 'join':
      return joinTypes(plan);
    case 'groups-with-state':
      return { key: '', value: plan.timeout === 'NoTimeout' ? 'state' : 'state, timeout' };
    case 'transform-with-state':
      return { key: `timeMode ${plan.timeMode}, outputMode ${plan.outputMode}`, value: '' };
    default:
      return { key: '', value: '' };
  }
}

/** Spark takes the windows that a row has several of for a column that may be null. */
const NULLABLE_WINDOW = 'nullable window';

function keyType(type: ValueType, expression: Expression): ValueType | typeof NULLABLE_WINDOW {
  if (expression.type === 'alias') return keyType(type, expression.child);
  const isSliding = expression.type === 'window' && expression.slideMs !== expression.sizeMs;
  return isSliding ? NULLABLE_WINDOW : type;
}

function textOf(types: readonly (ValueType | typeof NULLABLE_WINDOW)[]): string {
  return types.map((type) => type ?? 'unknown').join(', ');
}

function aggregateTypes(plan: PlanOf<'aggregate'>): Pick<StateSchema, 'key' | 'value'> {
  const keys = attributesOf(plan)
    .slice(0, plan.keys.length)
    .map((key, at) => ({ ...key, type: keyType(key.type, plan.keys[at]!.expression) }));
  const before = attributesOf(plan.child);
  const found = new Map<string, string>();
  for (const { expression } of plan.aggregates) {
    for (const aggregate of aggregatesIn(expression)) {
      const type = typeIn(aggregate.child, before);
      found.set(JSON.stringify(aggregate), bufferTypes(aggregate.name, type));
    }
  }
  const buffers = [...found.values()].join(', ');
  const types = keys.map(({ type }) => type);
  if (!keys.some(({ isSessionWindow }) => isSessionWindow)) {
    return { key: textOf(types), value: buffers };
  }
  // A row for each session, by its start.
  const others = keys.filter(({ isSessionWindow }) => !isSessionWindow).map(({ type }) => type);
  return { key: textOf([...others, 'timestamp']), value: `${textOf(types)}, ${buffers}` };
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
function bufferTypes(name: Aggregate['name'], child: ValueType): string {
  switch (name) {
    case 'count':
      return 'long';
    case 'sum':
      return textOf([child === 'integer' ? 'long' : child]);
    case 'avg':
      return textOf(['double', 'long']);
    case 'first':
    case 'last':
      return textOf([child, 'boolean']);
    case 'collect_list':
      return 'binary';
    default:
      return textOf([child]);
  }
}

function joinTypes(plan: PlanOf<'join'>): Pick<StateSchema, 'key' | 'value'> {
  const { leftKeys } = partsOf(plan);
  const left = attributesOf(plan.left);
  const rows = [left, attributesOf(plan.right)].map((side) => textOf(side.map(({ type }) => type)));
  return { key: textOf(leftKeys.map((key) => typeIn(key, left))), value: rows.join('; ') };
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
    // What was nullable may be so no longer, but not the other way round.
    const isLess = old.key.replaceAll(NULLABLE_WINDOW, 'window') === schema.key;
    if (old.key !== schema.key && !isLess) throw notCompatible('KEY', old.key, schema.key);
    if (old.value !== schema.value) throw notCompatible('VALUE', old.value, schema.value);
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

function notCompatible(part: 'KEY' | 'VALUE', before: string, now: string): ConfigError {
  const what = part.toLowerCase();
  return new ConfigError(
    `[STATE_STORE_${part}_SCHEMA_NOT_COMPATIBLE] Provided ${what} schema does not match existing ` +
      `state ${what} schema: it was (${before})`,
    `(${now})`,
    'keep the types of keys, columns and aggregates, or use another checkpoint location',
  );
}
