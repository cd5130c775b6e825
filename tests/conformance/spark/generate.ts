/** Random scenarios from a seed: the same feature and seed give the same scenario. */
import { Random } from '../../../engine/core/random.ts';
import { changes } from './draw-change.ts';
import { expressions } from './draw-expression.ts';
import * as draw from './draw-plan.ts';
import type { DrawnQuery } from './draw-plan.ts';
import { mistakes } from './draw-mistake.ts';
import { pipelines } from './draw-pipeline.ts';
import { refusable } from './draw-refusable.ts';
import type { Crash, InputRow, ScenarioConf, SparkScenario, Step } from './scenario.ts';

const DRAWS = {
  windowed: draw.windowed,
  keyed: draw.keyed,
  'by-time': draw.byTime,
  sessions: draw.sessions,
  deduplicated: draw.deduplicated,
  'static-join': draw.staticJoin,
  'stream-join': draw.streamJoin,
  chained: draw.chained,
  unions: draw.unions,
  groups: draw.groups,
  ordered: draw.ordered,
  expressions,
  refusable,
  pipelines,
  changes,
  transforms: draw.transforms,
  mistakes,
} satisfies { readonly [feature: string]: (random: Random) => DrawnQuery };

export type Feature = keyof typeof DRAWS;

/** What scenarios are about. */
export const FEATURES = Object.keys(DRAWS) as readonly Feature[];

/** A scenario about a feature. */
export function drawScenario(feature: Feature, seed: number): SparkScenario {
  const random = new Random(seed * 100 + FEATURES.indexOf(feature));
  const drawn = DRAWS[feature](random);
  const trigger = drawTrigger(random, drawn);
  const steps = drawSteps(random, drawn, trigger);
  const drawnConf = drawConf(random);
  const conf = { ...drawnConf, stateStore: drawn.stateStore ?? drawnConf.stateStore };
  return {
    feature,
    seed,
    conf,
    trigger,
    outputMode: random.pick(drawn.outputModes),
    streams: drawn.streams,
    inputPartitions: random.chance(0.7) ? 1 : 2,
    query: drawn.query,
    steps: drawn.changedTo === undefined ? steps : withChange(random, steps, conf, drawn.changedTo),
    crashes: random.chance(0.25) ? drawCrashes(random) : [],
  };
}

function drawConf(random: Random): ScenarioConf {
  return {
    shufflePartitions: random.pick([1, 1, 2, 2, 3]),
    watermarkPolicy: random.chance(0.75) ? 'min' : 'max',
    hasNoDataBatches: random.chance(0.85),
    stateStore: random.chance(0.9) ? 'hdfs' : 'rocksdb',
  };
}

/** A restart with another query behind the first rows, now and then with other settings. */
function withChange(
  random: Random,
  steps: readonly Step[],
  conf: ScenarioConf,
  changedTo: NonNullable<DrawnQuery['changedTo']>,
): readonly Step[] {
  const others = random.chance(0.4)
    ? { conf: { ...drawConf(random), stateStore: conf.stateStore } }
    : {};
  const adds = steps.filter(({ type }) => type === 'add');
  const place = random.between(1, adds.length - 1);
  return adds.toSpliced(place, 0, { type: 'restart', ...changedTo, ...others });
}

function drawTrigger(random: Random, drawn: DrawnQuery): SparkScenario['trigger'] {
  if (drawn.needsInterval === true) return 'interval';
  if (drawn.changedTo !== undefined) return random.pick(['default', 'interval']);
  return random.pick([
    'default',
    'default',
    'default',
    'interval',
    'interval',
    'available-now',
    'once',
  ]);
}

function drawSteps(
  random: Random,
  { streams, hasNullKeys = true }: DrawnQuery,
  trigger: SparkScenario['trigger'],
): readonly Step[] {
  const steps: Step[] = [];
  const count = random.between(2, 4);
  const mayRestart = trigger === 'default' || trigger === 'interval';
  let nowS = random.pick([0, 0, 10]);
  for (let at = 0; at < count; at += 1) {
    const rows = streams.map((name) => [name, drawRows(random, nowS, hasNullKeys)] as const);
    steps.push({ type: 'add', rows: Object.fromEntries(rows) });
    if (mayRestart && random.chance(0.15)) steps.push({ type: 'restart' });
    nowS += random.pick([3, 8, 8, 15, 30]);
  }
  return steps;
}

function drawRows(random: Random, nowS: number, hasNullKeys: boolean): InputRow[] {
  const count = random.pick([0, 1, 2, 3, 4]);
  return Array.from({ length: count }, () => {
    const isMillisecond = random.chance(0.15);
    const timeMs =
      (nowS + random.between(-8, 12)) * 1000 + (isMillisecond ? random.pick([1, 999, 500]) : 0);
    return [
      random.chance(0.04) ? null : timeMs,
      hasNullKeys && random.chance(0.05) ? null : random.pick(['a', 'a', 'b', 'c']),
      random.chance(0.1) ? null : random.between(0, 5),
    ];
  });
}

function drawCrashes(random: Random): readonly Crash[] {
  const at = (): Crash['at'] =>
    random.pick(['offsets-logged', 'tasks-finished', 'sink-committed'] as const);
  const first: Crash = { batchId: random.below(4), attempt: 0, at: at() };
  if (random.chance(0.7)) return [first];
  const again = random.chance(0.5) ? { ...first, attempt: 1, at: at() } : undefined;
  return [first, again ?? { batchId: first.batchId + 1, attempt: 0, at: at() }];
}
