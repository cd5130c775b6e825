import type { Expression } from './expression.ts';
import type { StatefulProcessor, TimeModeName } from './stateful-processor.ts';
import type { Row, Value } from './value.ts';
import type { ColumnType } from './value-type.ts';

/** What a column is called and computed from. */
export interface NamedExpression {
  readonly name: string;
  readonly expression: Expression;
}

/** When rows are handed to the sink. Spark's default is append. */
export type OutputMode = 'append' | 'update' | 'complete';

export type JoinType =
  'inner' | 'left_outer' | 'right_outer' | 'full_outer' | 'left_semi' | 'left_anti';

/** How arbitrary state of a key is given up when nothing comes for it. */
export type GroupStateTimeout = 'NoTimeout' | 'ProcessingTimeTimeout' | 'EventTimeTimeout';

/** A query as it was written: what Spark calls a logical plan. Nodes are never changed. */
export type LogicalPlan =
  | {
      readonly type: 'stream';
      /** Name of the log in the scenario. */
      readonly log: string;
      readonly columns: readonly string[];
      readonly types: readonly ColumnType[];
      /** Most rows of one batch; undefined: all there are. */
      readonly maxOffsetsPerTrigger: number | undefined;
      /** A batch waits for so many rows, for at most `maxTriggerDelayMs`. */
      readonly minOffsetsPerTrigger: number | undefined;
      readonly maxTriggerDelayMs: number;
      readonly startingOffsets: 'earliest' | 'latest';
      /** Whether the query fails when its log has lost what a batch wants. */
      readonly failOnDataLoss: boolean;
    }
  | {
      readonly type: 'static';
      readonly columns: readonly string[];
      readonly types: readonly ColumnType[];
      readonly rows: readonly Row[];
    }
  | {
      readonly type: 'project';
      readonly child: LogicalPlan;
      readonly columns: readonly NamedExpression[];
    }
  | { readonly type: 'filter'; readonly child: LogicalPlan; readonly condition: Expression }
  | {
      readonly type: 'map';
      readonly child: LogicalPlan;
      readonly columns: readonly string[];
      readonly act: (row: Row) => readonly Row[];
    }
  | {
      readonly type: 'watermark';
      readonly child: LogicalPlan;
      readonly column: string;
      readonly delayMs: number;
    }
  | {
      readonly type: 'aggregate';
      readonly child: LogicalPlan;
      readonly keys: readonly NamedExpression[];
      readonly aggregates: readonly NamedExpression[];
    }
  | {
      readonly type: 'deduplicate';
      readonly child: LogicalPlan;
      readonly keys: readonly string[];
      readonly isWithinWatermark: boolean;
    }
  | {
      readonly type: 'join';
      readonly left: LogicalPlan;
      readonly right: LogicalPlan;
      readonly joinType: JoinType;
      readonly condition: Expression | undefined;
    }
  | { readonly type: 'union'; readonly left: LogicalPlan; readonly right: LogicalPlan }
  | { readonly type: 'sort'; readonly child: LogicalPlan; readonly orders: readonly SortOrder[] }
  | { readonly type: 'limit'; readonly child: LogicalPlan; readonly count: number }
  | {
      readonly type: 'groups-with-state';
      readonly child: LogicalPlan;
      readonly key: (row: Row) => Value;
      readonly columns: readonly string[];
      readonly outputMode: 'append' | 'update';
      readonly timeout: GroupStateTimeout;
      readonly isMap: boolean;
      readonly act: GroupFunction;
    }
  | {
      readonly type: 'transform-with-state';
      readonly child: LogicalPlan;
      readonly key: (row: Row) => Value;
      readonly columns: readonly string[];
      readonly outputMode: OutputMode;
      readonly timeMode: TimeModeName;
      /** Copied for every task. */
      readonly processor: StatefulProcessor<Value, Row, Row>;
      /** Rows that batch 0 hands to handleInitialState, and their key. */
      readonly initialState:
        { readonly plan: LogicalPlan; readonly key: (row: Row) => Value } | undefined;
      /** The column of the results that carries event time for operators behind. */
      readonly eventTimeColumn: string | undefined;
    };

export interface SortOrder {
  readonly expression: Expression;
  readonly isDescending: boolean;
}

/** A user's function over the rows of one key; the runtime gives it the state. */
export type GroupFunction = (key: Value, rows: readonly Row[], state: unknown) => readonly Row[];

/** The plans that a plan reads from. */
export function childrenOf(plan: LogicalPlan): readonly LogicalPlan[] {
  switch (plan.type) {
    case 'stream':
    case 'static':
      return [];
    case 'join':
    case 'union':
      return [plan.left, plan.right];
    case 'transform-with-state':
      return [plan.child, ...(plan.initialState === undefined ? [] : [plan.initialState.plan])];
    default:
      return [plan.child];
  }
}

/** Whether a stream feeds it. */
export function isStreaming(plan: LogicalPlan): boolean {
  return plan.type === 'stream' || childrenOf(plan).some(isStreaming);
}

/** All nodes, children first. */
export function nodesOf(plan: LogicalPlan): readonly LogicalPlan[] {
  return [...childrenOf(plan).flatMap(nodesOf), plan];
}
