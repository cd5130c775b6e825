import { minutes } from '../../core/durations.ts';
import { ConfigError } from '../../core/errors.ts';
import { checkName } from '../external-store.ts';
import type { Sink } from '../sinks.ts';
import { FileStore } from './file-store.ts';
import { PartFileWriter } from './part-file-writer.ts';
import type { BucketAssigner } from './part-file-writer.ts';
import { Rolling } from './rolling-policy.ts';
import type { RollingPolicy } from './rolling-policy.ts';

/** What a sink of files needs to know. */
export interface FileSinkOptions<T> {
  readonly name: string;
  /** Default: the hour of processing time, as `2026-11-25--21`; as Flink's FileSink. */
  readonly bucket?: BucketAssigner<T>;
  /** Default: by size and time, as Flink's FileSink for row formats. */
  readonly rolling?: RollingPolicy;
  /** How often times are looked at, in ms. Default 1 min. */
  readonly bucketCheckIntervalMs?: number;
}

/**
 * A directory of part files that get their names when their checkpoint is complete: exactly once.
 * @throws ConfigError for limits and intervals that are not positive.
 */
export function fileSink<T>(options: FileSinkOptions<T>): Sink<T> {
  const { bucketCheckIntervalMs = minutes(1), rolling = { type: 'default' } } = options;
  const bucket = (options.bucket ?? hourOfProcessingTime) as BucketAssigner<unknown>;
  const name = checkName(options.name);
  const policy = new Rolling(rolling);
  if (!(bucketCheckIntervalMs > 0)) {
    throw new ConfigError(
      'Bucket checking interval for processing time should be positive',
      bucketCheckIntervalMs,
      'use for example minutes(1)',
    );
  }
  return {
    kind: 'files',
    name,
    key: undefined,
    connect: () => {
      const store = new FileStore(name);
      const settings = { rolling: policy, bucket, bucketCheckIntervalMs };
      return {
        store,
        createWriter: (context, sinkIndex) =>
          new PartFileWriter(context, store, { ...settings, sinkIndex }),
      };
    },
  };
}

/** Models Flink 2.3 DateTimeBucketAssigner, in UTC. */
function hourOfProcessingTime(_row: unknown, { nowMs }: { readonly nowMs: number }): string {
  const text = new Date(nowMs).toISOString();
  return `${text.slice(0, 10)}--${text.slice(11, 13)}`;
}
