import type { Random } from '../../../engine/core/random.ts';
import * as draw from './draw-plan.ts';
import { call, lit } from './draw-plan.ts';
import type { DrawnQuery } from './draw-plan.ts';
import type { Expr, Plan } from './scenario.ts';

const ALL = ['append', 'update', 'complete'] as const;

/** Queries of all kinds in any output mode, with steps where they may not stand. */
export function refusable(random: Random): DrawnQuery {
  const drawn = random.pick([
    draw.windowed,
    draw.keyed,
    draw.byTime,
    draw.sessions,
    draw.deduplicated,
    draw.staticJoin,
    draw.streamJoin,
    draw.chained,
    draw.unions,
    draw.groups,
    draw.ordered,
  ])(random);
  const query = twisted(random, drawn.query);
  return { ...drawn, query, outputModes: ALL };
}

function twisted(random: Random, plan: Plan): Plan {
  switch (random.below(12)) {
    case 0:
      return { op: 'limit', child: plan, count: 2 };
    case 1:
      return withoutWatermarks(plan);
    case 2:
      return { ...plan, child: sorted(random, plan) } as Plan;
    case 3:
      return aggregated(random, plan);
    case 4:
      return { op: 'deduplicate', child: plan, columns: [], isWithinWatermark: true };
    case 5:
      return withJoinType(random, plan);
    case 6:
      return aggregated(random, aggregated(random, plan));
    case 7:
      return { op: 'union', left: plan, right: plan };
    default:
      return plan;
  }
}

/** The input of a plan in order: refused, but behind an aggregation in complete mode. */
function sorted(random: Random, plan: Plan): Plan {
  const child = 'child' in plan ? plan.child : plan;
  if (!('child' in plan)) return plan;
  return { op: 'sort', child, columns: [random.pick(['key', 'time'])], isDescending: false };
}

function aggregated(random: Random, child: Plan): Plan {
  const name = random.pick(['count', 'count', 'count', 'count_distinct']);
  const of: Expr | null = name === 'count' ? null : lit(1);
  return {
    op: 'aggregate',
    child,
    keys: [],
    aggregates: [{ op: 'as', of: { op: 'aggregate', name, of }, name: 'n' }],
  };
}

function withoutWatermarks(plan: Plan): Plan {
  if (plan.op === 'watermark') return withoutWatermarks(plan.child);
  if ('child' in plan) return { ...plan, child: withoutWatermarks(plan.child) };
  if ('left' in plan) {
    return { ...plan, left: withoutWatermarks(plan.left), right: withoutWatermarks(plan.right) };
  }
  return plan;
}

function withJoinType(random: Random, plan: Plan): Plan {
  const types = ['left_anti', 'full_outer', 'left_outer', 'right_outer', 'left_semi'];
  if (plan.op === 'join') return { ...plan, joinType: random.pick(types) };
  return { op: 'filter', child: plan, condition: call('ISNOTNULL', lit(1)) };
}
