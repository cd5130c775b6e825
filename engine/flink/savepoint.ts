import { KeyTable } from '../core/key-table.ts';
import type { Key } from '../core/key-table.ts';
import type { OperatorSnapshot } from '../operators/operator.ts';
import { redistribute } from '../operators/redistribute.ts';
import { checkRestorable } from '../state/restorable.ts';
import type { SplitInfo } from '../trace/trace.ts';
import type { CompletedCheckpoint } from './checkpoint-coordinator.ts';
import { subtaskId } from '../datastream/job-graph.ts';
import type { JobGraph } from '../datastream/job-graph.ts';
import type { StreamNode } from '../datastream/stream-graph.ts';
import type { TaskSnapshot } from './task-runtime.ts';

/** The state of one operator in a savepoint. */
export interface SavepointOperator {
  /** The operator's uid, or one made from its place and name when it has none. */
  readonly uid: string;
  readonly name: string;
  readonly parts: readonly OperatorSnapshot[];
}

/**
 * What a stopped job leaves behind, for another job to go on from. Models a Flink 2.x savepoint:
 * state is found by operator uid and state name, and can be dealt over another parallelism up to
 * the max parallelism it was made with.
 * Simplified: without a uid an operator is found by its place in the job and its name.
 * Invariant: it shares no object with a running job.
 */
export interface Savepoint {
  readonly maxParallelism: number;
  /** Keys by the ids that the parts use. */
  readonly keys: readonly Key[];
  readonly operators: readonly SavepointOperator[];
  /** Offsets to read next. */
  readonly offsets: readonly {
    readonly log: string;
    readonly partition: number;
    readonly offset: number;
  }[];
}

/** Makes a savepoint of a complete checkpoint. */
export function toSavepoint(
  checkpoint: CompletedCheckpoint,
  jobGraph: JobGraph,
  splits: readonly SplitInfo[],
  keys: readonly Key[],
): Savepoint {
  const bySubtask = new Map<number, OperatorSnapshot>();
  const offsets: Savepoint['offsets'][number][] = [];
  for (const snapshot of checkpoint.snapshots) {
    for (const [subtask, operator] of snapshot.operators) bySubtask.set(subtask, operator);
    for (const [split, offset] of snapshot.offsets) {
      const { log, partition } = splits[split] as SplitInfo;
      offsets.push({ log, partition, offset });
    }
  }
  const operators = jobGraph.vertices.flatMap((vertex) =>
    vertex.nodes.map((node) => ({
      uid: uidOf(node),
      name: node.name,
      parts: Array.from({ length: vertex.parallelism }, (_, index) =>
        bySubtask.get(subtaskId(vertex, node, index)),
      ).filter((part) => part !== undefined),
    })),
  );
  return { maxParallelism: jobGraph.maxParallelism, keys: [...keys], operators, offsets };
}

/**
 * Checks that a job can go on from a savepoint.
 * @throws ConfigError when state belongs to no operator of the job (unless that is allowed), or the
 * max parallelism is another one.
 */
export function checkSavepoint(
  { operators, maxParallelism }: Savepoint,
  jobGraph: JobGraph,
  allowNonRestoredState: boolean,
): void {
  const saved = operators
    .filter(({ parts }) => !parts.every(isEmpty))
    .map(({ uid, name }) => ({ id: uid, name, maxParallelism }));
  const job = jobGraph.vertices.flatMap((vertex) =>
    vertex.nodes.map((node) => ({
      id: uidOf(node),
      name: node.name,
      maxParallelism: jobGraph.maxParallelism,
    })),
  );
  checkRestorable(saved, job, allowNonRestoredState);
}

/** The snapshots that a job restores from a savepoint; `keys` are those of the new run. */
export function fromSavepoint(
  savepoint: Savepoint,
  jobGraph: JobGraph,
  splits: readonly SplitInfo[],
  keys: KeyTable,
): readonly TaskSnapshot[] {
  const fromKeys = new KeyTable();
  for (const key of savepoint.keys) fromKeys.intern(key);
  const { maxParallelism } = jobGraph;
  const operators = jobGraph.vertices.flatMap((vertex) =>
    vertex.nodes.flatMap((node) => {
      const saved = savepoint.operators.find(({ uid }) => uid === uidOf(node));
      const newParallelism = vertex.parallelism;
      const rescaling = { fromKeys, toKeys: keys, maxParallelism, newParallelism };
      return redistribute((saved?.parts ?? []).map(withoutOutside), rescaling).map(
        (part, index) => [subtaskId(vertex, node, index), part] as const,
      );
    }),
  );
  const offsets = savepoint.offsets.flatMap(({ log, partition, offset }) => {
    const split = splits.findIndex((other) => other.log === log && other.partition === partition);
    return split === -1 ? [] : [[split, offset] as const];
  });
  return [{ operators, offsets, inFlight: [], bytes: 0 }];
}

/**
 * A run has an outside of its own. What the savepoint was to commit, the run before has committed
 * when it was complete; a file that it had open there goes on as a copy.
 */
function withoutOutside({
  committables: _,
  openFiles,
  ...part
}: OperatorSnapshot): OperatorSnapshot {
  if (openFiles === undefined) return part;
  return { ...part, openFiles: openFiles.map((open) => ({ ...open, file: undefined })) };
}

function isEmpty(part: OperatorSnapshot): boolean {
  return (
    (part.keyed ?? []).every(({ entries }) => entries.length === 0) &&
    (part.operatorState ?? []).every(({ items }) => items.length === 0) &&
    (part.eventTimers?.entries.length ?? 0) === 0 &&
    (part.processingTimers?.entries.length ?? 0) === 0 &&
    (part.windows?.entries.length ?? 0) === 0 &&
    (part.committables?.length ?? 0) === 0 &&
    (part.openFiles?.length ?? 0) === 0
  );
}

function uidOf(node: StreamNode): string {
  return node.uid ?? `#${node.id} ${node.name}`;
}
