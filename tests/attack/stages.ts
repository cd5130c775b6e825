import type { Item } from './plan.ts';

/**
 * What stands between the source and the keyed work, one after another: functions, calls of a
 * service outside, and ways to deal records over subtasks.
 */
export type Stage = FunctionStage | AsyncStage | PartitioningStage;
export type FunctionStage = 'map' | 'filter' | 'flatMap';
export type AsyncStage = 'orderedWait' | 'unorderedWait';
export type PartitioningStage = 'rebalance' | 'rescale' | 'shuffle' | 'global';

export const STAGES: readonly Stage[] = [
  'map',
  'filter',
  'flatMap',
  'orderedWait',
  'unorderedWait',
  'rebalance',
  'rescale',
  'shuffle',
  'global',
];

export function isPartitioning(stage: Stage): stage is PartitioningStage {
  return ['rebalance', 'rescale', 'shuffle', 'global'].includes(stage);
}

/** The records that reach the keyed work, for one record of the source. */
export function throughStages(item: Item, stages: readonly Stage[]): readonly Item[] {
  let items: readonly Item[] = [item];
  for (const stage of stages) items = items.flatMap((each) => passStage(each, stage));
  return items;
}

function passStage(item: Item, stage: Stage): readonly Item[] {
  switch (stage) {
    case 'map':
      return [mapItem(item)];
    case 'filter':
      return keepsItem(item) ? [item] : [];
    case 'flatMap':
      return splitItem(item);
    case 'orderedWait':
    case 'unorderedWait':
      return [answerItem(item)];
    default:
      return [item];
  }
}

export function mapItem(item: Item): Item {
  return { ...item, id: `${item.id}m` };
}

export function keepsItem({ id }: Item): boolean {
  return id.charCodeAt(2) % 4 !== 0;
}

export function splitItem(item: Item): readonly Item[] {
  if (item.id.charCodeAt(2) % 3 !== 0) return [item];
  return [
    { ...item, id: `${item.id}l` },
    { ...item, id: `${item.id}r` },
  ];
}

/** What the service outside answers. */
export function answerItem(item: Item): Item {
  return { ...item, id: `${item.id}a` };
}
