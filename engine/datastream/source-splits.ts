import type { SourceReading } from '../connectors/source-reading.ts';
import { ConfigError } from '../core/errors.ts';
import type { LogInput } from '../logs/log.ts';
import { javaHashCode } from '../state/key-groups.ts';
import type { SplitInfo } from '../trace/trace.ts';
import { subtaskId } from './job-graph.ts';
import type { JobGraph } from './job-graph.ts';

/**
 * Deals the partitions of each log over the source's subtasks: as the log's own source would, or
 * partition p to subtask p mod parallelism.
 * @throws ConfigError for a source whose log is not there.
 */
export function assignSplits(
  jobGraph: JobGraph,
  logs: { readonly [name: string]: LogInput },
): SplitInfo[] {
  return jobGraph.vertices.flatMap((vertex) =>
    vertex.nodes.flatMap((node) => {
      if (node.body.type !== 'source') return [];
      const { log, reading } = node.body;
      const input = logs[log];
      if (input === undefined) {
        throw new ConfigError(
          `source "${node.name}" must read a log of the scenario`,
          log,
          `use one of: ${Object.keys(logs).join(', ') || '(the scenario has none)'}`,
        );
      }
      const { parallelism } = vertex;
      return input.partitions.map((_, partition) => {
        const keyShare = input.lives?.[partition]?.keyShare;
        const index = readerOf({ log, partition, keyShare }, reading.dealing, parallelism);
        return { log, partition, subtask: subtaskId(vertex, node, index) };
      });
    }),
  );
}

/**
 * KafkaSourceEnumerator.getSplitOwner: in turn, from a start that the topic's name decides.
 * UniformShardAssigner: by where the middle of the shard's hash keys lies.
 */
function readerOf(
  split: {
    readonly log: string;
    readonly partition: number;
    readonly keyShare?: number | undefined;
  },
  dealing: SourceReading['dealing'],
  parallelism: number,
): number {
  const { log, partition, keyShare } = split;
  if (dealing === 'uniform' && keyShare !== undefined) return Math.floor(keyShare * parallelism);
  const first = dealing === 'by-name' ? Math.imul(javaHashCode(log), 31) & 0x7fffffff : 0;
  return ((first % parallelism) + partition) % parallelism;
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
