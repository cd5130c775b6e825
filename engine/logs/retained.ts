import type { LogInput, LogRecord } from './log.ts';
import { arrivedCount, edgesAt } from './partition-life.ts';
import type { PartitionLife } from './partition-life.ts';

/**
 * What a bounded reader finds in a log at a moment: all that can be read then and is still there,
 * at its offsets. For batch jobs, and for whoever asks what an outage has cost.
 */
export function retainedAt<V>(log: LogInput<V>, nowMs: number): LogInput<V> {
  const found = log.partitions.map((records, partition) => {
    const life = log.lives?.[partition];
    const count = arrivedCount({ records, life }, nowMs);
    const places = Array.from({ length: count }, (_, place) => place).filter(
      (place) => life === undefined || (life.goneMs[place] as number) > nowMs,
    );
    return { records, life, places };
  });
  const partitions = found.map(({ records, places }) =>
    places.map((place) => records[place] as LogRecord<V>),
  );
  const lives = found.flatMap(({ records, life, places }): PartitionLife[] =>
    life === undefined
      ? []
      : [
          {
            ...life,
            offsets: places.map((place) => life.offsets[place] as number),
            goneMs: places.map(() => Infinity),
            ...(life.sizes === undefined
              ? {}
              : { sizes: places.map((place) => life.sizes?.[place] as number) }),
            edges: life.edges.length === 0 ? [] : [edgesAt({ records, life }, nowMs)],
          },
        ],
  );
  return { partitions, isBounded: true, ...(log.lives === undefined ? {} : { lives }) };
}
