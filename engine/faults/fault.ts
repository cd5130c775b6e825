import { ConfigError } from '../core/errors.ts';

/** When a fault strikes: at a moment of virtual time, or right after the n-th step of the run. */
export type FaultTime = { readonly atMs: number } | { readonly afterStep: number };

/** A machine dies: everything that its subtasks held in memory is gone. */
export interface TaskManagerCrash {
  readonly type: 'task-manager-crash';
  /** Index from 0. */
  readonly taskManager: number;
  readonly when: FaultTime;
}

/** One subtask fails, as after an exception that has nothing to do with its records. */
export interface SubtaskFailure {
  readonly type: 'subtask-failure';
  /** Name of any operator of the task. */
  readonly operator: string;
  readonly index: number;
  readonly when: FaultTime;
}

/** The coordinator dies: the job starts again from the latest checkpoint that was complete. */
export interface JobManagerCrash {
  readonly type: 'job-manager-crash';
  readonly when: FaultTime;
}

/** One subtask handles nothing for a while. */
export interface SubtaskStall {
  readonly type: 'subtask-stall';
  readonly operator: string;
  readonly index: number;
  readonly when: FaultTime;
  readonly durationMs: number;
}

/** One subtask takes longer for each record from then on: its service time times the factor. */
export interface SubtaskSlowdown {
  readonly type: 'subtask-slowdown';
  readonly operator: string;
  readonly index: number;
  readonly when: FaultTime;
  readonly factor: number;
}

/** What a task of a batch job has written is gone, although its machine lives. */
export interface PartitionLoss {
  readonly type: 'partition-loss';
  /** Name of any operator of the task. */
  readonly operator: string;
  readonly index: number;
  readonly when: FaultTime;
}

/** What may go wrong in a batch job. Nobody coordinates it who could die. */
export type StageFault =
  TaskManagerCrash | SubtaskFailure | SubtaskStall | SubtaskSlowdown | PartitionLoss;

/** What may go wrong. Data: a run with the same faults is the same run. */
export type Fault =
  TaskManagerCrash | SubtaskFailure | JobManagerCrash | SubtaskStall | SubtaskSlowdown;

/** What faults may be aimed at. */
export interface FaultTargets {
  readonly taskManagerCount: number;
  /** Parallelism by operator name. */
  readonly operators: ReadonlyMap<string, number>;
}

/** @throws ConfigError for a fault on something that the job or cluster does not have. */
export function checkFault(fault: Fault, targets: FaultTargets): void {
  checkTime(fault.when);
  switch (fault.type) {
    case 'task-manager-crash':
      checkTaskManager(fault.taskManager, targets.taskManagerCount);
      return;
    case 'job-manager-crash':
      return;
    case 'subtask-failure':
      checkSubtask(fault.operator, fault.index, targets.operators);
      return;
    case 'subtask-stall':
      checkSubtask(fault.operator, fault.index, targets.operators);
      checkNumber('durationMs', fault.durationMs);
      return;
    case 'subtask-slowdown':
      checkSubtask(fault.operator, fault.index, targets.operators);
      checkNumber('factor', fault.factor);
      return;
    default:
      throw new ConfigError(
        'a fault must be of a known type',
        (fault as { type: unknown }).type,
        'use for example "task-manager-crash"',
      );
  }
}

/** @throws ConfigError for a fault on something that the batch job or its cluster does not have. */
export function checkStageFault(fault: StageFault, targets: FaultTargets): void {
  if ((fault.type as string) === 'job-manager-crash') {
    throw new ConfigError(
      'a fault of a batch job must strike a machine, a task or what a task has written',
      fault.type,
      'use for example "task-manager-crash"',
    );
  }
  if (fault.type !== 'partition-loss') {
    checkFault(fault, targets);
    return;
  }
  checkTime(fault.when);
  checkSubtask(fault.operator, fault.index, targets.operators);
}

function checkTaskManager(taskManager: number, count: number): void {
  if (Number.isInteger(taskManager) && taskManager >= 0 && taskManager < count) return;
  throw new ConfigError(
    `a fault must strike a task manager of the cluster (0 to ${count - 1})`,
    taskManager,
    'choose one of these or add task managers to the cluster',
  );
}

function checkSubtask(
  operator: string,
  index: number,
  operators: ReadonlyMap<string, number>,
): void {
  const parallelism = operators.get(operator);
  if (parallelism === undefined) {
    throw new ConfigError(
      'a fault must strike an operator of the job',
      operator,
      `use one of: ${[...operators.keys()].join(', ')}`,
    );
  }
  if (Number.isInteger(index) && index >= 0 && index < parallelism) return;
  throw new ConfigError(
    `a fault must strike a subtask of "${operator}" (0 to ${parallelism - 1})`,
    index,
    'choose one of these or raise the parallelism',
  );
}

function checkNumber(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new ConfigError(`a fault's ${name} must be positive`, value, 'give a positive number');
}

function checkTime(when: FaultTime): void {
  const isTimed = 'atMs' in when && Number.isFinite(when.atMs);
  const isCounted = 'afterStep' in when && Number.isInteger(when.afterStep) && when.afterStep >= 1;
  if (isTimed || isCounted) return;
  throw new ConfigError(
    'a fault must say when: { atMs } or { afterStep ≥ 1 }',
    when,
    'give one of the two',
  );
}
