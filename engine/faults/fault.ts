import { ConfigError } from '../core/errors.ts';

/** When a fault strikes: at a moment of virtual time, or right after the n-th step of the run. */
export type FaultTime = { readonly atMs: number } | { readonly afterStep: number };

/** What may go wrong. Data: a run with the same faults is the same run. */
export interface TaskManagerCrash {
  readonly type: 'task-manager-crash';
  /** Index from 0. */
  readonly taskManager: number;
  readonly when: FaultTime;
}

export type Fault = TaskManagerCrash;

/** @throws ConfigError for a fault on something that the cluster does not have. */
export function checkFault(fault: Fault, taskManagerCount: number): void {
  if (fault.type !== 'task-manager-crash') {
    throw new ConfigError(
      'a fault must be of a known type',
      (fault as { type: unknown }).type,
      'use "task-manager-crash"',
    );
  }
  const { taskManager, when } = fault;
  if (!Number.isInteger(taskManager) || taskManager < 0 || taskManager >= taskManagerCount) {
    throw new ConfigError(
      `a fault must strike a task manager of the cluster (0 to ${taskManagerCount - 1})`,
      taskManager,
      'choose one of these or add task managers to the cluster',
    );
  }
  const isTimed = 'atMs' in when && Number.isFinite(when.atMs);
  const isCounted = 'afterStep' in when && Number.isInteger(when.afterStep) && when.afterStep >= 1;
  if (!isTimed && !isCounted) {
    throw new ConfigError(
      'a fault must say when: { atMs } or { afterStep ≥ 1 }',
      when,
      'give one of the two',
    );
  }
}
