import { assert, AssertionError } from '../core/assert.ts';
import { ConfigError } from '../core/errors.ts';
import { EventQueue } from '../core/event-queue.ts';
import { KeyTable } from '../core/key-table.ts';
import type { Fault } from '../faults/fault.ts';
import type { OperatorSnapshot } from '../operators/operator.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE, Recorder } from '../trace/recorder.ts';
import { CheckpointCoordinator } from './checkpoint-coordinator.ts';
import { buildTasks } from './execution.ts';
import type { ExecutionPlan } from './execution.ts';
import { RestartBackoff } from './restart-backoff.ts';
import type { RunFailure } from './scenario.ts';
import type { SourceTask } from './source-task.ts';
import type { Task, TaskRuntime, TaskSnapshot } from './task-runtime.ts';

/** Work planned for a moment. What belongs to an attempt is dropped when the attempt has ended. */
type PlannedWork =
  | { readonly type: 'round'; readonly task: SourceTask; readonly attempt: number }
  | { readonly type: 'wake'; readonly task: Task; readonly place: number; readonly attempt: number }
  | { readonly type: 'checkpoint'; readonly attempt: number }
  | { readonly type: 'fault'; readonly fault: Fault }
  | { readonly type: 'restart'; readonly cause: number };

const STEP_COUNT_MAX = 50_000_000;

/**
 * The discrete-event simulation of one Flink job: a virtual clock, a queue of planned work, and
 * tasks that take turns. At one moment, records come first, then planned work in the order it was
 * planned. Nothing here knows what an operator does.
 * Simplified: the whole job restarts when a task manager dies (one pipelined region).
 * Invariant: the clock never goes back; a step never overlaps another.
 */
export class Simulation implements TaskRuntime {
  readonly recorder: Recorder;
  readonly keys = new KeyTable();
  nowMs: number;
  stepCount = 0;
  outcome: 'finished' | 'stopped' | 'failed' = 'stopped';
  failure: RunFailure | undefined;
  tasks: readonly Task[] = [];
  readonly #plan: ExecutionPlan;
  readonly #queue = new EventQueue<PlannedWork>();
  readonly #ready: Task[] = [];
  #readyHead = 0;
  #sources: readonly SourceTask[] = [];
  readonly #coordinator: CheckpointCoordinator;
  readonly #backoff: RestartBackoff;
  readonly #countedFaults: Fault[];
  #nextFaultStep = Infinity;
  readonly #stepCountMax: number;
  #runningTask: Task | undefined;
  #attempt = 0;
  #isDown = false;
  #isOver = false;
  /** Planned work that keeps a quiet job going: everything but checkpoints. */
  #foregroundCount = 0;

  constructor(
    plan: ExecutionPlan,
    isTraced: boolean,
    faults: readonly Fault[],
    stepCountMax = STEP_COUNT_MAX,
  ) {
    this.#plan = plan;
    this.nowMs = plan.startMs;
    this.recorder = new Recorder(isTraced);
    this.recorder.atMs = plan.startMs;
    this.#coordinator = new CheckpointCoordinator(this.recorder);
    this.#backoff = new RestartBackoff(plan.configuration);
    this.#stepCountMax = stepCountMax;
    this.#countedFaults = faults
      .filter((fault) => 'afterStep' in fault.when)
      .sort((left, right) => stepOf(left) - stepOf(right));
    this.#armNextFault();
    for (const fault of faults) {
      if ('atMs' in fault.when) {
        this.#planWork(Math.max(fault.when.atMs, this.nowMs), { type: 'fault', fault });
      }
    }
  }

  /** Runs the job to its end. */
  run(): void {
    this.#guard(() => this.#start(NONE));
    while (!this.#isOver) this.#guard(() => this.#runOn());
  }

  enqueue(task: Task): void {
    this.#ready.push(task);
  }

  countStep(): boolean {
    this.stepCount += 1;
    if (this.stepCount < this.#nextFaultStep) return this.#isOver;
    if (this.stepCount >= this.#stepCountMax) this.#failForLimit();
    if (!this.#isOver && this.stepCount >= this.#nextFaultStep) this.#strikeCounted();
    return true;
  }

  planWake(task: Task, place: number, atMs: number): void {
    const work = { type: 'wake', task, place, attempt: this.#attempt } as const;
    this.#planWork(Math.max(atMs, this.nowMs), work);
  }

  planPeriodicWatermark(task: SourceTask, atMs: number): void {
    this.#planWork(atMs, { type: 'round', task, attempt: this.#attempt });
  }

  acknowledge(task: Task, checkpointId: number, snapshot: TaskSnapshot, row: number): void {
    this.#coordinator.acknowledge(task, checkpointId, snapshot, row);
  }

  taskFinished(_task: Task, snapshot: TaskSnapshot): void {
    this.#coordinator.taskFinished(snapshot);
    if (!this.tasks.every((task) => task.isFinished)) return;
    this.recorder.add(KIND['job-finished'], NONE, NONE, NONE, 0, 0, 0, NONE);
    this.#end('finished');
  }

  /** A line of an operator's own console, with the callback that wrote it. */
  noteConsole(level: 'log' | 'warn', text: string): void {
    const context = this.#runningTask?.chain.links.at(0)?.context;
    if (context === undefined) return;
    const { recorder } = this;
    const { subtask, callbackRow, currentKey } = context;
    const kind = KIND['console'];
    const a = level === 'log' ? 0 : 1;
    const row = recorder.add(kind, subtask, callbackRow, currentKey, a, 0, 0, NONE);
    recorder.setValue(row, text);
  }

  /** Runs whoever is ready, then moves the clock to what comes next. */
  #runOn(): void {
    while (!this.#isOver) {
      if (this.#readyHead < this.#ready.length) {
        this.#runNextReady();
        continue;
      }
      this.#ready.length = 0;
      this.#readyHead = 0;
      const arrivalMs = this.#isDown ? Infinity : this.#nextArrivalMs();
      const plannedMs = this.#queue.peekTimeMs();
      if (arrivalMs === Infinity && this.#foregroundCount === 0) {
        this.#end('stopped');
        return;
      }
      this.#moveClock(Math.min(arrivalMs, plannedMs));
      if (arrivalMs <= this.nowMs) this.#wakeSources();
      else this.#doPlanned();
    }
  }

  #runNextReady(): void {
    const task = this.#ready[this.#readyHead] as Task;
    this.#readyHead += 1;
    this.#runningTask = task;
    task.runTurn();
    if (this.#readyHead > 1024) {
      this.#ready.splice(0, this.#readyHead);
      this.#readyHead = 0;
    }
  }

  #moveClock(toMs: number): void {
    if (toMs <= this.nowMs) return;
    this.nowMs = toMs;
    this.recorder.atMs = toMs;
  }

  #nextArrivalMs(): number {
    let earliestMs = Infinity;
    for (const source of this.#sources) {
      const arrivalMs = source.nextArrivalMs();
      if (arrivalMs < earliestMs) earliestMs = arrivalMs;
    }
    return earliestMs;
  }

  #wakeSources(): void {
    for (const source of this.#sources) {
      if (source.nextArrivalMs() <= this.nowMs) source.wake();
    }
  }

  #planWork(atMs: number, work: PlannedWork): void {
    assert(atMs >= this.nowMs, `planned time ${atMs} is not in the past of ${this.nowMs}`);
    if (work.type !== 'checkpoint') this.#foregroundCount += 1;
    this.#queue.push(atMs, work);
  }

  #doPlanned(): void {
    const work = this.#queue.pop() as PlannedWork;
    if (work.type !== 'checkpoint') this.#foregroundCount -= 1;
    switch (work.type) {
      case 'round':
        if (work.attempt !== this.#attempt) return;
        this.#runningTask = work.task;
        work.task.emitPeriodicWatermark();
        this.countStep();
        return;
      case 'wake':
        if (work.attempt !== this.#attempt || work.task.isFinished) return;
        this.#runningTask = work.task;
        work.task.wakeOperator(work.place);
        this.countStep();
        return;
      case 'checkpoint':
        if (work.attempt !== this.#attempt) return;
        this.#coordinator.trigger(this.tasks);
        this.#planCheckpoint();
        this.countStep();
        return;
      case 'fault':
        this.#strike(work.fault);
        return;
      case 'restart':
        this.#start(work.cause);
    }
  }

  /** Starts an attempt: from the latest complete checkpoint, or from the beginning. */
  #start(cause: number): void {
    this.#isDown = false;
    const { recorder } = this;
    const checkpoint = this.#coordinator.latestCompleted;
    if (this.#attempt === 0) {
      cause = recorder.add(KIND['job-started'], NONE, NONE, NONE, 0, 0, 0, NONE);
    }
    this.tasks = buildTasks(this.#plan, this, this.#attempt);
    this.#sources = this.tasks.filter((task): task is SourceTask => task.isSource);
    if (this.#attempt > 0) this.#restore(cause, checkpoint?.checkpointId, checkpoint?.snapshots);
    for (const task of this.tasks) {
      this.#runningTask = task;
      task.chain.open();
    }
    for (const source of this.#sources) source.begin();
    this.#planCheckpoint();
  }

  #restore(
    cause: number,
    checkpointId: number | undefined,
    snapshots: readonly TaskSnapshot[] = [],
  ): void {
    const bySubtask = new Map<number, OperatorSnapshot>();
    const offsets = new Map<number, number>();
    for (const snapshot of snapshots) {
      for (const [subtask, operator] of snapshot.operators) bySubtask.set(subtask, operator);
      for (const [split, offset] of snapshot.offsets) offsets.set(split, offset);
    }
    const kind = KIND['subtask-restored'];
    const id = checkpointId ?? -1;
    this.#plan.jobGraph.subtasks.forEach((_, subtask) => {
      this.recorder.add(kind, subtask, cause, NONE, id, 0, 0, NONE);
    });
    for (const task of this.tasks) task.chain.restore(bySubtask);
    for (const source of this.#sources) source.rewind(offsets, cause);
  }

  #planCheckpoint(): void {
    const intervalMs = this.#plan.configuration['execution.checkpointing.interval'];
    if (intervalMs === undefined) return;
    this.#planWork(this.nowMs + intervalMs, { type: 'checkpoint', attempt: this.#attempt });
  }

  #armNextFault(): void {
    const next = this.#countedFaults[0];
    this.#nextFaultStep = Math.min(
      next === undefined ? Infinity : stepOf(next),
      this.#stepCountMax,
    );
  }

  #strikeCounted(): void {
    const fault = this.#countedFaults.shift();
    this.#armNextFault();
    if (fault !== undefined) this.#strike(fault);
  }

  #strike(fault: Fault): void {
    if (this.#isOver || this.#isDown) return;
    const { recorder } = this;
    const kind = KIND['task-manager-failed'];
    const row = recorder.add(kind, NONE, NONE, NONE, 0, 0, fault.taskManager, NONE);
    recorder.setValue(row, 'crash');
    this.#goDown(row, `task manager ${fault.taskManager} was lost`);
  }

  /** Ends the attempt and plans the next, if the restart strategy allows one. */
  #goDown(cause: number, reason: string): void {
    this.#coordinator.abort(cause, reason);
    this.#attempt += 1;
    this.#isDown = true;
    this.tasks = [];
    this.#sources = [];
    this.#ready.length = 0;
    this.#readyHead = 0;
    const delayMs = this.#backoff.nextDelayMs();
    if (delayMs === undefined) {
      this.#giveUp({
        type: 'job',
        message: `${reason}, and the restart strategy allows no (further) restart`,
        error: undefined,
        operator: undefined,
      });
      return;
    }
    const row = this.recorder.add(KIND['job-restarting'], NONE, cause, NONE, 0, 0, 0, NONE);
    this.recorder.setValue(row, {
      checkpoint: this.#coordinator.latestCompleted?.checkpointId ?? null,
      attempt: this.#attempt,
    });
    this.#planWork(this.nowMs + delayMs, { type: 'restart', cause: row });
  }

  #giveUp(failure: RunFailure): void {
    this.failure = failure;
    const row = this.recorder.add(KIND['job-failed'], NONE, NONE, NONE, 0, 0, 0, NONE);
    this.recorder.setValue(row, { reason: failure.message });
    this.#end('failed');
  }

  #failForLimit(): void {
    this.#giveUp({
      type: 'limit',
      message: `the run did not end within ${this.#stepCountMax} steps`,
      error: undefined,
      operator: undefined,
    });
  }

  #end(outcome: 'finished' | 'stopped' | 'failed'): void {
    this.outcome = outcome;
    this.#isOver = true;
  }

  /**
   * An error in the operator's own code fails the job for good. Flink would restart it, meet the
   * same record and fail again; seeing that once is enough here.
   */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (error instanceof AssertionError) throw error;
      const operator = this.#runningOperator();
      const message = error instanceof Error ? error.message : String(error);
      const row = this.recorder.add(KIND['function-failed'], NONE, NONE, NONE, 0, 0, 0, NONE);
      this.recorder.setValue(row, { message, operator: operator ?? null });
      const type = error instanceof ConfigError ? 'job' : 'function';
      this.#giveUp({ type, message, error, operator });
    }
  }

  #runningOperator(): string | undefined {
    return this.#runningTask?.chain.links.at(0)?.context.operator;
  }
}

function stepOf(fault: Fault): number {
  return 'afterStep' in fault.when ? fault.when.afterStep : Infinity;
}
