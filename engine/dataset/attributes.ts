import { ConfigError } from '../core/errors.ts';
import { columnsIn } from './expression.ts';
import type { Expression } from './expression.ts';
import { nodesOf } from './plan.ts';
import type { LogicalPlan, NamedExpression } from './plan.ts';
import { canMeet, typeOf, widestOf } from './value-type.ts';
import type { ValueType } from './value-type.ts';

/** What is known of a column without running the query. */
export interface Attribute {
  readonly name: string;
  readonly type: ValueType;
  /** It carries event time, and a watermark is this far behind the latest; undefined: neither. */
  readonly delayMs: number | undefined;
  /** It holds windows: it is over when its `end` is. */
  readonly isWindow: boolean;
  readonly isSessionWindow: boolean;
}

const PLAIN = { type: undefined, delayMs: undefined, isWindow: false, isSessionWindow: false };

/**
 * The columns of a plan. Models how Spark 4.2.0 hands the metadata of event time on
 * (EventTimeWatermark.delayKey): a column, its alias and windows over it keep it, other
 * expressions lose it.
 * @throws ConfigError for a column that there is not, or twice.
 */
export function attributesOf(plan: LogicalPlan): readonly Attribute[] {
  switch (plan.type) {
    case 'stream':
    case 'static':
      return plan.columns.map((name, at) => ({ name, ...PLAIN, type: plan.types[at] }));
    case 'map':
    case 'groups-with-state':
      return plan.columns.map((name) => ({ name, ...PLAIN }));
    case 'transform-with-state':
      return transformed(plan);
    case 'project':
      return unique(namedAttributes(plan.columns, attributesOf(plan.child)));
    case 'watermark': {
      const before = attributesOf(plan.child);
      const found = find(before, plan.column);
      checkEventTime(found);
      // Only one column carries the mark: a later watermark takes it from the earlier one.
      return before.map((attribute) => ({
        ...attribute,
        delayMs: attribute === found ? plan.delayMs : undefined,
      }));
    }
    case 'sort': {
      const before = attributesOf(plan.child);
      for (const { expression } of plan.orders) {
        for (const column of columnsIn(expression)) find(before, column);
      }
      return before;
    }
    case 'filter': {
      const before = attributesOf(plan.child);
      checkCondition(plan.condition, before);
      return before;
    }
    case 'aggregate': {
      checkOneWindow(plan.keys);
      const before = attributesOf(plan.child);
      const aggregates = plan.aggregates.map(({ name, expression }) => {
        for (const column of columnsIn(expression)) find(before, column);
        return { name, ...PLAIN, type: typeIn(expression, before) };
      });
      return unique([...namedAttributes(plan.keys, before), ...aggregates]);
    }
    case 'join': {
      const left = attributesOf(plan.left);
      const both = [...left, ...attributesOf(plan.right)];
      if (plan.condition !== undefined) {
        for (const column of columnsIn(plan.condition)) find(both, column);
        typeIn(plan.condition, both);
      }
      if (plan.joinType === 'left_semi' || plan.joinType === 'left_anti') return left;
      return unique(both);
    }
    case 'union':
      return united(attributesOf(plan.left), attributesOf(plan.right));
    case 'deduplicate': {
      const before = attributesOf(plan.child);
      for (const key of plan.keys) find(before, key, 'UNRESOLVED_COLUMN_AMONG_FIELD_NAMES');
      return before;
    }
    default:
      return attributesOf(plan.child);
  }
}

/** ResolveUpdateEventTimeWatermarkColumn: the delay of the input's watermark goes over. */
function transformed(
  plan: Extract<LogicalPlan, { type: 'transform-with-state' }>,
): readonly Attribute[] {
  const columns = plan.columns.map((name) => ({ name, ...PLAIN }));
  if (plan.eventTimeColumn === undefined) return columns;
  const marked = find(columns, plan.eventTimeColumn);
  const watermark = nodesOf(plan.child).findLast(({ type }) => type === 'watermark');
  if (watermark?.type !== 'watermark') {
    throw new ConfigError(
      '[CANNOT_ASSIGN_EVENT_TIME_COLUMN_WITHOUT_WATERMARK] Watermark needs to be defined to ' +
        'reassign event time column',
      plan.eventTimeColumn,
      'call withWatermark() before groupByKey()',
    );
  }
  const { delayMs } = watermark;
  return columns.map((column) => (column === marked ? { ...column, delayMs } : column));
}

/** @throws ConfigError for a watermark on what is no time. */
function checkEventTime({ name, type }: Attribute): void {
  if (type === undefined || type === 'timestamp' || type === 'window') return;
  throw new ConfigError(
    `[EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE] The event time ${name} must be a timestamp`,
    type,
    "give the column the type 'timestamp' in the schema",
  );
}

/** @throws ConfigError when a filter's condition is neither true nor false. */
function checkCondition(condition: Expression, before: readonly Attribute[]): void {
  for (const column of columnsIn(condition)) find(before, column);
  const type = typeIn(condition, before);
  if (type === undefined || type === 'boolean') return;
  throw new ConfigError(
    '[DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN] a filter needs a condition',
    type,
    "compare the column: col('value').gt(0)",
  );
}

/** @throws ConfigError for two windows in one group. */
function checkOneWindow(keys: readonly NamedExpression[]): void {
  const windows = keys.filter(({ expression }) => {
    let inner = expression;
    while (inner.type === 'alias') inner = inner.child;
    return inner.type === 'window' || inner.type === 'session_window';
  });
  if (windows.length < 2) return;
  throw new ConfigError(
    'Multiple time/session window expressions would result in a cartesian product of rows, ' +
      'therefore they are currently not supported',
    keys.map(({ name }) => name).join(', '),
    'group by one window, and aggregate its results again for the other',
  );
}

/** @throws ConfigError when the columns of a union do not fit together, by their places. */
function united(left: readonly Attribute[], right: readonly Attribute[]): readonly Attribute[] {
  if (left.length !== right.length) {
    throw new ConfigError(
      '[NUM_COLUMNS_MISMATCH] UNION can only be performed on inputs with the same number of ' +
        `columns: the first has ${left.length}`,
      right.length,
      'select the same columns of both',
    );
  }
  return left.map((attribute, at) => {
    const other = right[at] as Attribute;
    const type = widestOf(attribute.type, other.type);
    const isFine = canMeet(attribute.type, other.type);
    if (isFine) return type === attribute.type ? attribute : { ...attribute, type };
    throw new ConfigError(
      '[INCOMPATIBLE_COLUMN_TYPE] UNION can only be performed on tables with compatible column ' +
        `types: ${attribute.name} is ${attribute.type}`,
      `${other.name}, ${other.type}`,
      'select the columns of both in the same order',
    );
  });
}

/** The column with event time, if there is one. */
export function eventTimeOf(attributes: readonly Attribute[]): Attribute | undefined {
  return attributes.find(({ delayMs }) => delayMs !== undefined);
}

function namedAttributes(
  columns: readonly NamedExpression[],
  before: readonly Attribute[],
): Attribute[] {
  return columns.map(({ name, expression }) => ({ ...metadataOf(expression, before), name }));
}

/** The type of an expression over these columns. */
export function typeIn(expression: Expression, attributes: readonly Attribute[]): ValueType {
  return typeOf(expression, (column) => attributes.find(({ name }) => name === column)?.type);
}

function metadataOf(expression: Expression, before: readonly Attribute[]): Omit<Attribute, 'name'> {
  return { ...marksOf(expression, before), type: typeIn(expression, before) };
}

function marksOf(expression: Expression, before: readonly Attribute[]): Omit<Attribute, 'name'> {
  for (const column of columnsIn(expression)) find(before, column);
  switch (expression.type) {
    case 'alias':
      return metadataOf(expression.child, before);
    case 'column':
      return expression.name.includes('.') ? PLAIN : find(before, expression.name);
    case 'window': {
      const { delayMs } = metadataOf(expression.time, before);
      return { ...PLAIN, delayMs, isWindow: true };
    }
    case 'session_window': {
      const { delayMs } = metadataOf(expression.time, before);
      return { ...PLAIN, delayMs, isWindow: true, isSessionWindow: true };
    }
    case 'window_time': {
      const { delayMs } = metadataOf(expression.window, before);
      return { ...PLAIN, delayMs };
    }
    default:
      return PLAIN;
  }
}

function find(
  attributes: readonly Attribute[],
  name: string,
  condition = 'UNRESOLVED_COLUMN.WITH_SUGGESTION',
): Attribute {
  const found = attributes.find((attribute) => attribute.name === name);
  if (found !== undefined) return found;
  throw new ConfigError(
    `[${condition}] a column must be there where it is used`,
    name,
    `use one of ${attributes.map((attribute) => attribute.name).join(', ')}`,
  );
}

function unique<A extends Attribute>(attributes: readonly A[]): readonly A[] {
  const seen = new Set<string>();
  for (const { name } of attributes) {
    if (seen.has(name)) {
      throw new ConfigError(
        '[AMBIGUOUS_REFERENCE] every column of a Dataset needs a name of its own',
        name,
        "rename one of them before, for example with .as('other')",
      );
    }
    seen.add(name);
  }
  return attributes;
}
