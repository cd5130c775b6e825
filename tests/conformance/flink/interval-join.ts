import { OutputTag } from '#engine';
import type { Collector } from '#engine';
import { BareIntervalJoinOperator } from '../../../engine/operators/bare-interval-join-operator.ts';
import { IntervalJoinOperator } from '../../../engine/operators/interval-join-operator.ts';
import { ProcessJoinFunction } from '../../../engine/operators/join-functions.ts';
import type { ProcessJoinContext } from '../../../engine/operators/join-functions.ts';
import type { Operator, OperatorContext } from '../../../engine/operators/operator.ts';
import type { Item } from './item.ts';
import type { ReplayMode } from './replay.ts';
import type { IntervalJoinWork } from './scenario.ts';

const SIDE = new OutputTag<string>('side');

/** The engine's interval join, as data says: that of jobs without a trace when there is none. */
export function intervalJoinOperator(
  work: IntervalJoinWork,
  { backendType, isTraced }: ReplayMode,
): (context: OperatorContext) => Operator {
  const isBare = !isTraced && backendType === 'hashmap';
  const JoinOperator = isBare ? BareIntervalJoinOperator : IntervalJoinOperator;
  const config = {
    lowerBoundMs: work.lowerMs + (work.isLowerIncluded ? 0 : 1),
    upperBoundMs: work.upperMs - (work.isUpperIncluded ? 0 : 1),
    leftLateTagId: work.hasLateOutput ? 'late' : undefined,
    rightLateTagId: work.hasLateOutput ? 'late-right' : undefined,
  };
  return (context) => new JoinOperator(context, new Pair() as never, config);
}

class Pair extends ProcessJoinFunction<Item, Item, string> {
  override processElement(
    left: Item,
    right: Item,
    context: ProcessJoinContext,
    out: Collector<string>,
  ): void {
    const times = `${context.getLeftTimestamp()},${context.getRightTimestamp()}`;
    out.collect(`${left.key}: ${left.n} ${right.n} at ${times}`);
    if ((left.n + right.n) % 3 === 0) context.output(SIDE, `${left.n} ${right.n}`);
  }
}
