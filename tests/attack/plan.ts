import type { Configuration, CostModel, Fault, Operation } from '#engine';

/** A record of the attack. Its id names it for good: `2.5` is offset 5 of partition 2. */
export interface Item {
  readonly id: string;
  readonly key: string;
  readonly atMs: number;
}

export interface PlannedRecord extends Item {
  readonly arrivalMs: number;
}

/** What stands between the source and the keyed work, one after another. */
export type Stage = 'map' | 'filter' | 'flatMap' | 'rebalance';

/** What the job does with its records. Every kind keeps the ids, so that each can be traced. */
export type Work =
  /** Nothing: one row per record. */
  | { readonly type: 'stateless' }
  /** A running count per key. */
  | { readonly type: 'count' }
  /** Tumbling windows by hand: map state, event-time timers, late records to the side. */
  | { readonly type: 'bucket'; readonly sizeMs: number }
  /** Batches per key, let out by processing-time timers. */
  | { readonly type: 'flush'; readonly everyMs: number }
  | WindowWork;

export interface WindowWork {
  readonly type: 'window';
  readonly sizeMs: number;
  readonly offsetMs: number;
  readonly latenessMs: number;
  /** Late records go to the side, else they are dropped. */
  readonly hasLateOutput: boolean;
  readonly contents: 'aggregate' | 'reduce' | 'process';
}

export interface Watermarks {
  readonly type: 'periodic' | 'per-record' | 'none';
  readonly delayMs: number;
  /** undefined: splits are never idle. */
  readonly idleMs: number | undefined;
}

/** undefined: as wide as is usual in the job, which an operation may change. */
export interface Parallelism {
  readonly usual: number;
  readonly source: number | undefined;
  readonly stages: number | undefined;
  readonly work: number | undefined;
  readonly sinks: number | undefined;
}

/** How wide the parts of a job are when it starts. */
export function widths({ usual, ...parts }: Parallelism): { [part in JobPart]: number } {
  const { source = usual, stages = usual, work = usual, sinks = usual } = parts;
  return { source, stages, work, sinks };
}

export type JobPart = 'source' | 'stages' | 'work' | 'sinks';

/** How wide the job may become. */
export function widest({ parallelism, operations }: Plan): number {
  const rescaled = operations.map((operation) =>
    operation.type === 'rescale' ? operation.parallelism : 1,
  );
  return Math.max(parallelism.usual, ...Object.values(widths(parallelism)), ...rescaled);
}

/** Everything that one attack does, as plain data: it can be printed, shrunk and run again. */
export interface Plan {
  readonly seed: number;
  readonly partitions: readonly (readonly PlannedRecord[])[];
  readonly isBounded: boolean;
  readonly stages: readonly Stage[];
  readonly work: Work;
  readonly watermarks: Watermarks;
  readonly parallelism: Parallelism;
  /** A second, stateless pipeline in the same job, over its own log of as many records. */
  readonly twin: readonly PlannedRecord[] | undefined;
  readonly maxParallelism: number | undefined;
  readonly taskManagers: number;
  readonly configuration: Partial<Configuration>;
  readonly costs: CostModel;
  readonly faults: readonly Fault[];
  readonly operations: readonly Operation[];
}

/** A record that the job leaves: which ids it is made of, and what it claims about them. */
export interface ResultRow {
  readonly key: string;
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly count: number;
  readonly ids: readonly string[];
}

/** A row as text, the same for every order in which its ids came. */
export function rowText({ key, startMs, endMs, count, ids }: ResultRow): string {
  const window = startMs === null ? '' : ` [${startMs},${endMs ?? ''})`;
  return `${key}${window} ${count} {${[...ids].sort().join(' ')}}`;
}

/** The records that reach the keyed work, for one record of the source. */
export function throughStages(item: Item, stages: readonly Stage[]): readonly Item[] {
  let items: readonly Item[] = [item];
  for (const stage of stages) items = items.flatMap((each) => STAGE_FUNCTIONS[stage](each));
  return items;
}

const STAGE_FUNCTIONS: { readonly [stage in Stage]: (item: Item) => readonly Item[] } = {
  map: (item) => [mapItem(item)],
  filter: (item) => (keepsItem(item) ? [item] : []),
  flatMap: (item) => splitItem(item),
  rebalance: (item) => [item],
};

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

/** How far a record of a partition lies behind one before it, at most. */
export function disorderMs(partition: readonly PlannedRecord[]): number {
  let highestMs = -Infinity;
  let disorder = 0;
  for (const { atMs } of partition) {
    disorder = Math.max(disorder, highestMs - atMs);
    highestMs = Math.max(highestMs, atMs);
  }
  return disorder;
}

/** Whether a record may come behind the watermark: then what is right depends on its course. */
export function mayBeLate({ partitions, watermarks }: Plan): boolean {
  // When a source has ended and the others are idle, nothing holds the watermark back.
  if (watermarks.idleMs !== undefined) return true;
  if (watermarks.type === 'none') return false;
  return partitions.some((partition) => disorderMs(partition) > watermarks.delayMs);
}
