import { ConfigError } from '../core/errors.ts';
import type { ExtraWrites } from './batch-sink.ts';
import type { BatchTrace } from './batch-trace.ts';
import type { SparkConf } from './conf.ts';
import type { BatchFault } from './scenario.ts';

/**
 * Failures of tasks in the last stage of a batch. Models Spark's scheduler: a task that fails is
 * tried again, up to spark.task.maxFailures; state is committed per task and version, so a second
 * attempt changes nothing there. What a sink's tasks have written stays written.
 */
export class TaskFaults {
  readonly #faults: readonly BatchFault[];
  readonly #conf: SparkConf;
  readonly #executorCount: number;

  constructor(faults: readonly BatchFault[], conf: SparkConf, executorCount: number) {
    this.#faults = faults;
    this.#conf = conf;
    this.#executorCount = executorCount;
  }

  /**
   * How often more than once each partition is written.
   * @throws ConfigError when a task fails too often.
   */
  strike(batchId: number, trace: BatchTrace): ExtraWrites {
    const extra = new Map<number, number>();
    const again = (partition: number, times: number): void => {
      extra.set(partition, (extra.get(partition) ?? 0) + times);
    };
    const partitionCount = this.#conf['spark.sql.shuffle.partitions'];
    for (const fault of this.#faults) {
      if (fault.batchId !== batchId) continue;
      switch (fault.type) {
        case 'task-failure':
          this.#checkFailures(fault.times, fault.partition);
          again(fault.partition, fault.times);
          trace.taskAgain(batchId, fault.partition, 'failed', fault.times);
          break;
        case 'executor-failure':
          for (let partition = 0; partition < partitionCount; partition += 1) {
            if (partition % this.#executorCount !== fault.executor) continue;
            again(partition, 1);
            trace.taskAgain(batchId, partition, 'executor lost', 1);
          }
          break;
        case 'speculative-task':
          again(fault.partition, 1);
          trace.taskAgain(batchId, fault.partition, 'speculation', 1);
          break;
        case 'driver-failure':
          break;
      }
    }
    return extra;
  }

  #checkFailures(times: number, partition: number): void {
    const failuresMax = this.#conf['spark.task.maxFailures'];
    if (times < failuresMax) return;
    throw new ConfigError(
      `Job aborted due to stage failure: Task ${partition} failed ${failuresMax} times`,
      `${times} failures`,
      'mend what fails, or raise spark.task.maxFailures',
    );
  }
}
