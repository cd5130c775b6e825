import type { LogInput, LogRecord } from '../logs/log.ts';
import type { PartitionLife } from '../logs/partition-life.ts';

/** A log of which some records are left out, with what is known of each that stays. */
export function selectRecords<V>(
  log: LogInput<V>,
  keeps: (record: LogRecord<V>, place: number, partition: number) => boolean,
): LogInput<V> {
  const kept = log.partitions.map((records, partition) =>
    [...records.keys()].filter((place) => keeps(records[place]!, place, partition)),
  );
  const partitions = log.partitions.map((records, partition) =>
    kept[partition]!.map((place) => records[place]!),
  );
  if (log.lives === undefined) return { ...log, partitions };
  const lives = log.lives.map((life, partition) => lifeOf(life, kept[partition]!));
  return { ...log, partitions, lives };
}

function lifeOf(life: PartitionLife, places: readonly number[]): PartitionLife {
  const { offsets, goneMs, sizes } = life;
  const of = (list: readonly number[]): number[] => places.map((place) => list[place]!);
  const rest = { ...life, offsets: of(offsets), goneMs: of(goneMs) };
  return sizes === undefined ? rest : { ...rest, sizes: of(sizes) };
}
