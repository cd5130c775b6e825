import { ConfigError } from '../core/errors.ts';
import type { LogInput } from '../logs/log.ts';
import type { SplitInfo } from '../trace/trace.ts';
import { subtaskId } from './job-graph.ts';
import type { JobGraph } from './job-graph.ts';

/**
 * Deals the partitions of each log over the source's subtasks.
 * Simplified: partition p goes to subtask p mod parallelism.
 * @throws ConfigError for a source whose log is not there.
 */
export function assignSplits(
  jobGraph: JobGraph,
  logs: { readonly [name: string]: LogInput },
): SplitInfo[] {
  return jobGraph.vertices.flatMap((vertex) =>
    vertex.nodes.flatMap((node) => {
      if (node.body.type !== 'source') return [];
      const { log } = node.body;
      const input = logs[log];
      if (input === undefined) {
        throw new ConfigError(
          `source "${node.name}" must read a log of the scenario`,
          log,
          `use one of: ${Object.keys(logs).join(', ') || '(the scenario has none)'}`,
        );
      }
      return input.partitions.map((_, partition) => ({
        log,
        partition,
        subtask: subtaskId(vertex, node, partition % vertex.parallelism),
      }));
    }),
  );
}

/** The clock starts when the first record arrives. */
export function firstArrivalMs(logs: { readonly [name: string]: LogInput }): number {
  let startMs = Infinity;
  for (const log of Object.values(logs)) {
    for (const records of log.partitions) {
      const first = records[0]?.arrivalMs;
      if (first !== undefined && first < startMs) startMs = first;
    }
  }
  return startMs === Infinity ? 0 : startMs;
}
