import { isConnected } from '../datastream/job-graph.ts';
import type { JobGraph, JobVertex } from '../datastream/job-graph.ts';

/** A task by its place: vertex and subtask index. */
export interface TaskPlace {
  readonly vertex: number;
  readonly index: number;
}

/**
 * Models Flink 2.x's RestartPipelinedRegionFailoverStrategy for streaming jobs: tasks that exchange
 * records form a region, and a failure restarts the whole region of the failed task, no more.
 * Returns the region of each task, by `placeId`. Regions are numbered from 0.
 */
export function findRegions(jobGraph: JobGraph): ReadonlyMap<string, number> {
  const parents = new Map<string, string>();
  for (const vertex of jobGraph.vertices) {
    for (let index = 0; index < vertex.parallelism; index += 1) {
      const id = placeId({ vertex: vertex.index, index });
      parents.set(id, id);
    }
  }
  const rootOf = (id: string): string => {
    let at = id;
    while (parents.get(at) !== at) at = parents.get(at) as string;
    return at;
  };
  for (const edge of jobGraph.networkEdges) {
    const from = jobGraph.vertexOfNode.get(edge.from.id) as JobVertex;
    const to = jobGraph.vertexOfNode.get(edge.to.id) as JobVertex;
    for (let fromIndex = 0; fromIndex < from.parallelism; fromIndex += 1) {
      for (let toIndex = 0; toIndex < to.parallelism; toIndex += 1) {
        if (!isConnected(edge, fromIndex, toIndex)) continue;
        const left = rootOf(placeId({ vertex: from.index, index: fromIndex }));
        const right = rootOf(placeId({ vertex: to.index, index: toIndex }));
        parents.set(right, left);
      }
    }
  }
  const numbers = new Map<string, number>();
  const regions = new Map<string, number>();
  for (const id of parents.keys()) {
    const root = rootOf(id);
    const region = numbers.get(root) ?? numbers.size;
    numbers.set(root, region);
    regions.set(id, region);
  }
  return regions;
}

/** A task's place as a map key. */
export function placeId({ vertex, index }: TaskPlace): string {
  return `${vertex}/${index}`;
}
