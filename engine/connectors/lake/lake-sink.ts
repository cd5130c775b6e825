import { ConfigError } from '../../core/errors.ts';
import { checkName } from '../external-store.ts';
import type { Sink } from '../sinks.ts';
import { LakeStore } from './lake-store.ts';
import type { TableIsolation } from './lake-table.ts';
import { LakeWriter } from './lake-writer.ts';
import type { CompactionSettings } from './lake-writer.ts';

/** What a sink of a lake table needs to know. */
export interface LakeSinkOptions {
  readonly name: string;
  /** Columns whose values name the directories; a file has one value of each. */
  readonly partitionBy?: readonly string[];
  readonly isolation?: TableIsolation;
  /** Without, small files stay small. */
  readonly compaction?: CompactionSettings;
}

/**
 * A table of data files with a log of commits, one for each checkpoint: exactly once.
 * @throws ConfigError for a compaction that could never begin or end.
 */
export function lakeSink<T extends object>(options: LakeSinkOptions): Sink<T> {
  const { compaction, ...table } = options;
  const name = checkName(options.name);
  if (compaction !== undefined) checkCompaction(compaction);
  return {
    kind: 'lake',
    name,
    key: undefined,
    connect: () => {
      const store = new LakeStore(table);
      return {
        store,
        createWriter: (context, index) => new LakeWriter(context, store, index, compaction),
      };
    },
  };
}

function checkCompaction({ filesMin, smallerThanRows, durationMs }: CompactionSettings): void {
  if (!(filesMin >= 2)) {
    throw new ConfigError('a compaction puts at least 2 files together', filesMin, 'give more');
  }
  if (!(smallerThanRows > 0)) {
    throw new ConfigError(
      'a compaction must know which files are small',
      smallerThanRows,
      'give smallerThanRows: files with fewer rows are put together',
    );
  }
  if (!(durationMs >= 0)) {
    throw new ConfigError('a compaction takes 0 ms or more', durationMs, 'give durationMs: 0');
  }
}
