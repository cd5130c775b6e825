import { attributesOf } from '../dataset/attributes.ts';
import { isStreaming, nodesOf } from '../dataset/plan.ts';
import type { LogicalPlan, OutputMode } from '../dataset/plan.ts';
import type { PhysicalNode, StatefulTraits } from './batch.ts';
import { Deduplicate } from './deduplicate.ts';
import { GroupsWithState } from './groups-with-state.ts';
import { SessionAggregate } from './session-aggregate.ts';
import { StatefulAggregate } from './stateful-aggregate.ts';
import {
  EachRow,
  EventTimeWatermark,
  Filter,
  Limit,
  Sort,
  StaticScan,
  StreamScan,
  Union,
  project,
} from './stateless.ts';
import { stateTypesOf } from './state-schema.ts';
import type { StateSchema } from './state-schema.ts';
import { StaticJoin } from './static-join.ts';
import { StreamJoin } from './stream-join.ts';
import { StreamLimit } from './stream-limit.ts';
import type { VariableType } from './processor-handle.ts';
import { TransformWithState } from './transform-with-state.ts';

type StreamPlan = Extract<LogicalPlan, { type: 'stream' }>;

/** A query as it runs in every batch. */
export interface PhysicalPlan {
  readonly root: PhysicalNode;
  /** The streams it reads, each with a place in the batch's inputs. */
  readonly streams: readonly StreamPlan[];
  /** Delays of the withWatermarks, in ms. */
  readonly delaysMs: readonly number[];
  readonly operators: readonly StatefulOperator[];
  /** Numbers of the operators as a progress shows them: whoever comes last first. */
  readonly reported: readonly number[];
}

/** A stateful operator, and what its state looks like: what a checkpoint is held to. */
export interface StatefulOperator {
  readonly traits: StatefulTraits;
  readonly schema: StateSchema;
}

/** Makes the operators of a query. Models the planning of Spark 4.2.0 IncrementalExecution. */
export function planQuery(plan: LogicalPlan, outputMode: OutputMode): PhysicalPlan {
  const planner = new Planner(outputMode);
  const root = planner.build(plan);
  const { streams, delaysMs, operators } = planner;
  return { root, streams, delaysMs, operators, reported: statefulIn(root) };
}

/** ProgressReporter collects stateful operators from the sink towards the sources. */
function statefulIn(node: PhysicalNode): readonly number[] {
  const own = node.stateful === undefined ? [] : [node.stateful.operator];
  return [...own, ...node.children.flatMap(statefulIn)];
}

interface StatefulNode extends PhysicalNode {
  readonly stateful: StatefulTraits;
  readonly variables?: ReadonlyMap<string, VariableType>;
}

class Planner {
  readonly streams: StreamPlan[] = [];
  readonly delaysMs: number[] = [];
  readonly operators: StatefulOperator[] = [];
  readonly #outputMode: OutputMode;

  constructor(outputMode: OutputMode) {
    this.#outputMode = outputMode;
  }

  get #isComplete(): boolean {
    return this.#outputMode === 'complete';
  }

  build(plan: LogicalPlan): PhysicalNode {
    switch (plan.type) {
      case 'stream':
        this.streams.push(plan);
        return new StreamScan(this.streams.length - 1);
      case 'static':
        return new StaticScan(plan);
      case 'join':
      case 'union':
        return this.#two(plan, this.build(plan.left), this.build(plan.right));
      default:
        return this.#one(plan, this.build(plan.child));
    }
  }

  #two(
    plan: Extract<LogicalPlan, { type: 'join' | 'union' }>,
    left: PhysicalNode,
    right: PhysicalNode,
  ): PhysicalNode {
    if (plan.type === 'union') return new Union(left, right, plan);
    if (!isStreaming(plan.left) || !isStreaming(plan.right)) {
      return new StaticJoin(plan, left, right);
    }
    return this.#stateful(plan, (operator) => new StreamJoin(plan, left, right, operator));
  }

  #one(
    plan: Exclude<LogicalPlan, { type: 'stream' | 'static' | 'join' | 'union' }>,
    child: PhysicalNode,
  ): PhysicalNode {
    switch (plan.type) {
      case 'project':
        return project(child, plan);
      case 'filter':
        return new Filter(child, plan);
      case 'map':
        return new EachRow(child, plan.act);
      case 'watermark':
        this.delaysMs.push(plan.delayMs);
        return new EventTimeWatermark(child, plan, this.delaysMs.length - 1);
      case 'sort':
        return new Sort(child, plan);
      case 'limit':
        if (!this.#isFirstOfStream(plan)) return new Limit(child, plan);
        return this.#stateful(plan, (operator) => new StreamLimit(plan, child, operator));
      case 'deduplicate':
        return this.#stateful(plan, (operator) => new Deduplicate(plan, child, operator));
      case 'groups-with-state':
        return this.#stateful(plan, (operator) => new GroupsWithState(plan, child, operator));
      case 'transform-with-state':
        return this.#transformWithState(plan, child);
      case 'aggregate': {
        const isSession = attributesOf(plan).some(({ isSessionWindow }) => isSessionWindow);
        return this.#stateful(plan, (operator) =>
          isSession
            ? new SessionAggregate(plan, child, operator, this.#isComplete)
            : new StatefulAggregate(plan, child, operator, this.#isComplete),
        );
      }
    }
  }

  /** StreamingGlobalLimitStrategy: rows that are limited over all batches, not in each. */
  #isFirstOfStream({ child }: Extract<LogicalPlan, { type: 'limit' }>): boolean {
    if (!isStreaming(child)) return false;
    if (this.#outputMode === 'append') return true;
    const hasAggregate = nodesOf(child).some((node) => node.type === 'aggregate');
    return this.#isComplete && !hasAggregate;
  }

  #transformWithState(
    plan: Extract<LogicalPlan, { type: 'transform-with-state' }>,
    child: PhysicalNode,
  ): PhysicalNode {
    const initial =
      plan.initialState === undefined ? undefined : this.build(plan.initialState.plan);
    return this.#stateful(
      plan,
      (operator) => new TransformWithState(plan, child, initial, operator),
    );
  }

  #stateful(plan: LogicalPlan, create: (operator: number) => StatefulNode): PhysicalNode {
    const node = create(this.operators.length);
    const { stateful: traits, variables } = node;
    const types = { ...stateTypesOf(plan), variables: Object.fromEntries(variables ?? []) };
    this.operators.push({ traits, schema: { operator: traits.name, ...types } });
    return node;
  }
}

/**
 * What each stateful operator's own watermark is when the query's is `watermarkMs`. Models Spark
 * 4.2.0 PropagateWatermarkSimulator: a withWatermark gives the query's; any other node the least
 * that its inputs give, and a stateful one what it makes of that. At 0 all have 0.
 */
export function watermarksOf(root: PhysicalNode, watermarkMs: number): readonly number[] {
  const byOperator: number[] = [];
  const visit = (node: PhysicalNode): number | undefined => {
    const inputs = node.children.map(visit).filter((input) => input !== undefined);
    const inputMs = inputs.length === 0 ? undefined : Math.min(...inputs);
    if (node.isWatermark === true) return watermarkMs;
    if (node.stateful === undefined) return inputMs;
    byOperator[node.stateful.operator] = Math.max(inputMs ?? 0, 0);
    return inputMs === undefined ? undefined : node.stateful.outputWatermarkMs(inputMs);
  };
  visit(root);
  return watermarkMs === 0 ? byOperator.map(() => 0) : byOperator;
}
