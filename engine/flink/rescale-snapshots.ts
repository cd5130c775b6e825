import { assert } from '../core/assert.ts';
import type { KeyTable } from '../core/key-table.ts';
import type { OperatorSnapshot } from '../operators/operator.ts';
import { redistribute } from '../operators/redistribute.ts';
import { subtaskId } from '../datastream/job-graph.ts';
import type { JobGraph, JobVertex } from '../datastream/job-graph.ts';
import type { SplitOffsets, TaskSnapshot } from './task-runtime.ts';

/**
 * Rewrites a savepoint's snapshots for a job of another parallelism: each operator's parts are put
 * together and dealt anew.
 * Simplified: nothing is in flight, since a savepoint is aligned.
 */
export function rescaleSnapshots(
  snapshots: readonly TaskSnapshot[],
  before: JobGraph,
  after: JobGraph,
  keys: KeyTable,
): readonly TaskSnapshot[] {
  const bySubtask = new Map<number, OperatorSnapshot>();
  const offsets: SplitOffsets[number][] = [];
  for (const snapshot of snapshots) {
    for (const [subtask, operator] of snapshot.operators) bySubtask.set(subtask, operator);
    offsets.push(...snapshot.offsets);
    assert(snapshot.inFlight.length === 0, 'nothing is in flight in a savepoint');
  }
  const operators: [number, OperatorSnapshot][] = [];
  for (const vertex of after.vertices) {
    for (const node of vertex.nodes) {
      const old = before.vertexOfNode.get(node.id) as JobVertex;
      const parts = Array.from({ length: old.parallelism }, (_, index) =>
        bySubtask.get(subtaskId(old, node, index)),
      ).filter((part) => part !== undefined);
      const rescaling = {
        fromKeys: keys,
        toKeys: keys,
        maxParallelism: after.maxParallelism,
        newParallelism: vertex.parallelism,
      };
      redistribute(parts, rescaling).forEach((part, index) => {
        operators.push([subtaskId(vertex, node, index), part]);
      });
    }
  }
  return [{ operators, offsets, inFlight: [], bytes: 0 }];
}
