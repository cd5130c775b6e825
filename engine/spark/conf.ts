import { ConfigError } from '../core/errors.ts';

/** Settings under their names in Spark 4.2.0, with its defaults (SQLConf). */
export interface SparkConf {
  /** Default 200. Fixed by the first run: the checkpoint keeps it. */
  readonly 'spark.sql.shuffle.partitions': number;
  /** Default min. Fixed by the first run. */
  readonly 'spark.sql.streaming.multipleWatermarkPolicy': 'min' | 'max';
  /** Default true: a batch without data runs when a watermark has moved and state waits for it. */
  readonly 'spark.sql.streaming.noDataMicroBatches.enabled': boolean;
  /** Default hdfs (kept on the heap); rocksdb (kept on local disk, with changelogs). */
  readonly 'spark.sql.streaming.stateStore.providerClass': 'hdfs' | 'rocksdb';
  /** Default 4: so many failures of one task, and the query fails. */
  readonly 'spark.task.maxFailures': number;
}

export const DEFAULT_SPARK_CONF: SparkConf = {
  'spark.sql.shuffle.partitions': 200,
  'spark.sql.streaming.multipleWatermarkPolicy': 'min',
  'spark.sql.streaming.noDataMicroBatches.enabled': true,
  'spark.sql.streaming.stateStore.providerClass': 'hdfs',
  'spark.task.maxFailures': 4,
};

const CHOICES: { readonly [name: string]: readonly unknown[] } = {
  'spark.sql.streaming.multipleWatermarkPolicy': ['min', 'max'],
  'spark.sql.streaming.noDataMicroBatches.enabled': [true, false],
  'spark.sql.streaming.stateStore.providerClass': ['hdfs', 'rocksdb'],
};

/** @throws ConfigError for a setting that is not modelled or out of range. */
export function checkConf(conf: Partial<SparkConf>): SparkConf {
  for (const [name, value] of Object.entries(conf)) {
    if (!(name in DEFAULT_SPARK_CONF)) {
      throw new ConfigError(
        'a setting must be one that is modelled',
        name,
        `use one of ${Object.keys(DEFAULT_SPARK_CONF).join(', ')}`,
      );
    }
    const choices = CHOICES[name];
    const isRight =
      choices === undefined
        ? Number.isInteger(value) && Number(value) >= 1
        : choices.includes(value);
    if (isRight) continue;
    const rule = choices === undefined ? 'a whole number ≥ 1' : choices.join(' or ');
    throw new ConfigError(`${name} must be ${rule}`, value, 'change it in the scenario');
  }
  return { ...DEFAULT_SPARK_CONF, ...conf };
}
