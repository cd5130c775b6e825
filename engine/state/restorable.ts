import { ConfigError } from '../core/errors.ts';

/** One operator of a savepoint, or of the job that starts from it. */
export interface OperatorIdentity {
  /** Its uid, or what stands for it when it has none, such as its position. */
  readonly id: string;
  readonly name: string;
  readonly maxParallelism: number;
}

/**
 * Checks that a job can start from a savepoint: every operator that has state in it is in the job
 * (or may be left out), with the same max parallelism. Models Flink 2.3
 * `Checkpoints.loadAndValidateCheckpoint`. Returns the ids whose state is restored.
 * @throws ConfigError when it can't.
 */
export function checkRestorable(
  saved: readonly OperatorIdentity[],
  job: readonly OperatorIdentity[],
  allowNonRestoredState: boolean,
): string[] {
  const restored: string[] = [];
  for (const operator of saved) {
    const target = job.find(({ id }) => id === operator.id);
    if (target === undefined) {
      if (allowNonRestoredState) continue;
      throw new ConfigError(
        'cannot map savepoint state to the new program: its operator is not available there',
        `operator "${operator.name}" (${operator.id})`,
        'give it back its uid, or set allowNonRestoredState to drop its state',
      );
    }
    if (target.maxParallelism !== operator.maxParallelism) {
      throw new ConfigError(
        `max parallelism mismatch between the savepoint (${operator.maxParallelism}) and ` +
          `the new program for operator "${operator.name}"`,
        target.maxParallelism,
        'keep the max parallelism: it is the number of key groups for the life of the state',
      );
    }
    restored.push(operator.id);
  }
  return restored;
}
