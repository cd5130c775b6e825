import type { Configuration, CostModel, Fault, Operation } from '#engine';
import type { Stage } from './stages.ts';

/** A record of the attack. Its id names it for good: `2.5` is offset 5 of partition 2. */
export interface Item {
  readonly id: string;
  readonly key: string;
  readonly atMs: number;
}

export interface PlannedRecord extends Item {
  readonly arrivalMs: number;
}

/** What the job does with its records. Every kind keeps the ids, so that each can be traced. */
export type Work =
  /** Nothing: one row per record. */
  | { readonly type: 'stateless' }
  /** A running count per key, over both inputs when it is connected. */
  | {
      readonly type: 'count';
      readonly state: 'value' | 'reducing' | 'aggregating' | 'connected';
      /** The count begins anew after so long without a record; undefined: never. */
      readonly ttlMs: number | undefined;
    }
  /** Tumbling windows by hand: map state, event-time timers, late records to the side. */
  | { readonly type: 'bucket'; readonly sizeMs: number }
  /** Batches per key, let out by processing-time timers. */
  | { readonly type: 'flush'; readonly state: 'value' | 'list'; readonly everyMs: number }
  /** Pairs with the second input, by key and distance in event time. */
  | { readonly type: 'join'; readonly lowerMs: number; readonly upperMs: number }
  | WindowWork;

/** For sessions, `sizeMs` is the gap. */
export interface WindowShape {
  readonly kind: 'tumbling' | 'sliding' | 'session' | 'dynamic-session' | 'wall-clock' | 'count';
  readonly sizeMs: number;
  /** The size itself but for sliding windows. */
  readonly slideMs: number;
  readonly offsetMs: number;
}

export interface WindowWork {
  readonly type: 'window';
  readonly shape: WindowShape;
  readonly latenessMs: number;
  /** Late records go to the side, else they are dropped. */
  readonly hasLateOutput: boolean;
  readonly contents: 'aggregate' | 'reduce' | 'process' | 'coGroup';
  /** The default trigger said out loud: then the general operator does what the fast one does. */
  readonly hasTrigger: boolean;
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
  /** A second input: joined or connected if the work asks for it, else added to the first. */
  readonly other: readonly PlannedRecord[] | undefined;
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

/** All partitions of both inputs. */
export function inputsOf({ partitions, other }: Plan): readonly (readonly PlannedRecord[])[] {
  return other === undefined ? partitions : [...partitions, other];
}

/** Whether the work takes the second input as such. */
export function hasTwoInputs({ work }: Pick<Plan, 'work'>): boolean {
  switch (work.type) {
    case 'join':
      return true;
    case 'count':
      return work.state === 'connected';
    case 'window':
      return work.contents === 'coGroup';
    default:
      return false;
  }
}

/** Whether rows are made when the wall clock says so, or by counting: some records stay behind. */
export function keepsRest({ work }: Plan): boolean {
  if (work.type === 'flush') return true;
  return work.type === 'window' && ['wall-clock', 'count'].includes(work.shape.kind);
}

/** Whether a record may come behind the watermark: then what is right depends on its course. */
export function mayBeLate(plan: Plan): boolean {
  const { watermarks } = plan;
  // When a source has ended and the others are idle, nothing holds the watermark back.
  if (watermarks.idleMs !== undefined) return true;
  // As in Flink, watermarks that wait behind calls are in the checkpoint, and a change of
  // parallelism may deal them to a subtask that is not that far.
  const isRescaled = plan.operations.some(({ type }) => type === 'rescale');
  if (isRescaled && plan.stages.some((stage) => stage.endsWith('Wait'))) return true;
  if (watermarks.type === 'none') return false;
  return inputsOf(plan).some((partition) => disorderMs(partition) > watermarks.delayMs);
}
