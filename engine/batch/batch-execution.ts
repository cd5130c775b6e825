import { assert } from '../core/assert.ts';
import { EventQueue } from '../core/event-queue.ts';
import { KeyTable } from '../core/key-table.ts';
import { Random } from '../core/random.ts';
import type { ClusterSize } from '../datastream/job-graph.ts';
import { RestartBackoff } from '../datastream/restart-backoff.ts';
import type { StageFault } from '../faults/fault.ts';
import type { OperatorCall } from '../operators/operator.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE, Recorder } from '../trace/recorder.ts';
import type { BatchPlan, Stage } from './batch-plan.ts';
import { TaskTable } from './batch-task.ts';
import type { BatchTask } from './batch-task.ts';
import type { AttemptReason, AttemptSummary, BatchFailure, BatchScenario } from './scenario.ts';
import { SlotPool } from './slot-pool.ts';
import { findSlowAttempts } from './slow-task-detector.ts';
import { StageFacts } from './stage-facts.ts';
import { TaskAttempt } from './task-attempt.ts';
import type { AttemptRuntime } from './task-attempt.ts';
import type { InputPart } from './task-input.ts';

/** What stays the same while a job runs. */
export interface ExecutionSettings {
  readonly cluster: ClusterSize;
  readonly faults: readonly StageFault[];
  readonly recovery: NonNullable<BatchScenario['recovery']>;
  readonly seed: number;
  readonly deployMs: number;
  readonly startMs: number;
  readonly isTraced: boolean;
  readonly stepCountMax: number;
}

/**
 * Runs a job stage by stage. Models Flink 2.3's scheduling of batch jobs: a stage begins when all
 * that it reads was written (AdaptiveBatchScheduler); tasks take turns in the slots; what a failed
 * task needs and is gone is made anew, from the nearest output that is kept
 * (RestartPipelinedRegionFailoverStrategy); slow tasks are doubled when asked for, and the first to
 * finish counts (DefaultSpeculativeExecutionHandler).
 * Simplified: a machine that has died is replaced at once; transactions are committed when the
 * whole job has finished (Flink: when their sink's writers have): no later failure doubles them.
 * Invariant: a task's output is that of one attempt.
 */
export class BatchExecution implements AttemptRuntime {
  readonly recorder: Recorder;
  readonly keys = new KeyTable();
  readonly seed: number;
  readonly isUndisturbed: boolean;
  readonly attempts: AttemptSummary[] = [];
  nowMs: number;
  stepCount = 0;
  recordsRead = 0;
  outcome: 'finished' | 'failed' | undefined;
  failure: BatchFailure | undefined;
  readonly #plan: BatchPlan;
  readonly #settings: ExecutionSettings;
  readonly #tasks: TaskTable;
  readonly #queue = new EventQueue<() => void>();
  readonly #backoff: RestartBackoff;
  readonly #slots: SlotPool;
  readonly #facts: StageFacts;
  readonly #finishedMs = new Map<TaskAttempt, number>();
  readonly #faultsByStep = new Map<number, StageFault[]>();
  /** Attempts that wait until something lets them go on. */
  readonly #held = new Set<TaskAttempt>();
  #isDetecting = false;

  constructor(plan: BatchPlan, settings: ExecutionSettings) {
    this.#plan = plan;
    this.#settings = settings;
    this.recorder = new Recorder(settings.isTraced);
    this.seed = settings.seed;
    this.isUndisturbed = settings.faults.length === 0;
    this.nowMs = settings.startMs;
    this.#tasks = new TaskTable(plan);
    this.#backoff = new RestartBackoff(
      { ...plan.configuration, 'execution.checkpointing.interval': undefined },
      new Random(settings.seed + 15_485_863),
    );
    this.#slots = new SlotPool(settings.cluster);
    this.#facts = new StageFacts(this.recorder);
    for (const fault of settings.faults) this.#placeFault(fault);
  }

  get entriesLeft(): number {
    const winners = this.#tasks.all.flatMap(({ winner }) => winner ?? []);
    return winners.reduce((sum, { chain }) => sum + chain.entryCount(), 0);
  }

  run(): void {
    this.recorder.atMs = this.nowMs;
    const started = this.recorder.add(KIND['job-started'], NONE, NONE, NONE, 0, 0, 0, NONE);
    this.recorder.setValue(started, { restoredCheckpoint: null });
    for (const task of this.#tasks.all) task.readyRow = started;
    this.#startReady();
    while (this.outcome === undefined) {
      const atMs = this.#queue.peekTimeMs();
      const work = this.#queue.pop();
      assert(work !== undefined, 'a job that has not ended has work to do');
      this.nowMs = Math.max(this.nowMs, atMs);
      this.recorder.atMs = this.nowMs;
      work();
    }
  }

  countStep(): void {
    this.stepCount += 1;
    const due = this.#faultsByStep.get(this.stepCount);
    if (due !== undefined) for (const fault of due) this.#strike(fault);
    if (this.stepCount >= this.#settings.stepCountMax) {
      const message = `the run was stopped after ${this.stepCount} steps`;
      this.#fail({ type: 'limit', message, error: undefined, operator: undefined }, NONE);
    }
  }

  plan(attempt: TaskAttempt, atMs: number, call: () => void): OperatorCall {
    const planned = { isCancelled: false };
    this.#queue.push(Math.max(atMs, this.nowMs), () => {
      if (!planned.isCancelled) this.#work(attempt, call);
    });
    return planned;
  }

  cancel(call: OperatorCall): void {
    (call as { isCancelled: boolean }).isCancelled = true;
  }

  resume(attempt: TaskAttempt): void {
    if (!this.#held.delete(attempt)) return;
    this.#queue.push(this.nowMs, () => this.#proceed(attempt));
  }

  #startReady(): void {
    for (const tasks of this.#tasks.stages) {
      const { stage } = tasks[0] as BatchTask;
      if (!this.#tasks.isReady(stage)) continue;
      for (const task of tasks) {
        const isIdle = !task.isFinished && task.running.length === 0;
        if (!isIdle || task.readyMs > this.nowMs || this.outcome !== undefined) continue;
        const slot = this.#slots.find(task.index, this.nowMs);
        if (slot === undefined) return;
        this.#start(task, slot, task.attemptCount === 0 ? 'first' : 'retry', task.readyRow);
      }
    }
  }

  #start(task: BatchTask, slot: number, reason: AttemptReason, cause: number): void {
    const { stage, index } = task;
    const taskManager = this.#slots.taskManagerOf(slot);
    const place = { stage, index, number: task.attemptCount, reason, slot, taskManager };
    const row = this.#facts.started(task, taskManager, reason, cause);
    const attempt = new TaskAttempt(this.#plan, place, this);
    attempt.startRow = row;
    const { disturbance } = task;
    if (disturbance !== undefined) this.#disturb(attempt, disturbance);
    task.disturbance = undefined;
    task.attemptCount += 1;
    task.running.push(attempt);
    this.#slots.take(slot, attempt);
    this.#queue.push(this.nowMs + this.#settings.deployMs, () => this.#begin(task, attempt));
    this.#planDetection();
  }

  #begin(task: BatchTask, attempt: TaskAttempt): void {
    if (attempt.isOver) return;
    const missing = this.#tasks.missingProducersOf(task);
    if (missing.length > 0) {
      const names = missing.map(({ text }) => text).join(', ');
      this.#attemptFailed(attempt, `it can't fetch what ${names} had written`, attempt.startRow);
      return;
    }
    this.#work(attempt, () => {
      attempt.begin(this.#partsFor(task));
      this.countStep();
    });
    if (attempt.isOver) return;
    this.#proceed(attempt);
  }

  #partsFor(task: BatchTask): InputPart[] {
    return this.#tasks.producersOf(task).map((producer) => {
      const { edge, channel } = producer;
      const { winner } = this.#tasks.taskOf(producer);
      const records = winner?.chain.writers.get(edge)?.parts[task.index];
      assert(records !== undefined, 'what a task reads was written');
      const { type } = edge.partitioning;
      const isSorted = type === 'hash' && edge.to.body.type === 'operator';
      const kind = isSorted ? 'keyed' : type === 'broadcast' ? 'broadcast' : 'regular';
      return { records, input: edge.input, channel, type: kind };
    });
  }

  /** Lets an attempt go on: at once with all it has, or record by record when they take time. */
  #proceed(attempt: TaskAttempt): void {
    if (attempt.isOver || this.outcome !== undefined) return;
    if (attempt.isHeld) {
      this.#held.add(attempt);
      return;
    }
    if (!attempt.hasMore) {
      const onFinished = (): void => this.#attemptFinished(attempt);
      this.#work(attempt, () => attempt.finish(onFinished));
      return;
    }
    const serviceMs = attempt.place.stage.serviceMs * attempt.slowness;
    const isStalled = attempt.stalledUntilMs > this.nowMs;
    if (serviceMs === 0 && !isStalled) {
      this.#work(attempt, () => attempt.run(Infinity));
      this.#proceed(attempt);
      return;
    }
    const fromMs = Math.max(this.nowMs, attempt.stalledUntilMs);
    this.#queue.push(fromMs + serviceMs, () => {
      if (attempt.isOver) return;
      if (attempt.stalledUntilMs <= this.nowMs) this.#work(attempt, () => attempt.run(1));
      this.#proceed(attempt);
    });
  }

  /** Runs something in the name of an attempt; what its functions throw ends the job. */
  #work(attempt: TaskAttempt, act: () => void): void {
    if (attempt.isOver || this.outcome !== undefined) return;
    try {
      act();
    } catch (error) {
      if (!(error instanceof Error) || error.name === 'AssertionError') throw error;
      this.#functionFailed(attempt, error);
    }
  }

  #functionFailed(attempt: TaskAttempt, error: Error): void {
    const operator = attempt.place.stage.vertex.name;
    const kind = KIND['function-failed'];
    const row = this.recorder.add(kind, attempt.subtask, attempt.startRow, NONE, 0, 0, 0, NONE);
    const { message, stack = null } = error;
    this.recorder.setValue(row, { message, stack, operator });
    this.#end(attempt, 'failed', message, row);
    this.#fail({ type: 'function', message, error, operator }, row);
  }

  #attemptFinished(attempt: TaskAttempt): void {
    const task = this.#tasks.taskOf(attempt.place);
    const row = this.#end(attempt, 'finished', undefined, attempt.startRow);
    task.winner = attempt;
    task.isLost = false;
    this.#finishedMs.set(attempt, this.nowMs);
    for (const other of [...task.running]) {
      this.#end(other, 'killed', 'another attempt of the task was first', row);
    }
    if (attempt.chain.writers.size > 0) {
      const records = [...attempt.chain.writers.values()].reduce(
        (sum, { recordCount }) => sum + recordCount,
        0,
      );
      this.#facts.note('partition-written', attempt, row, { records });
    }
    const tasks = this.#tasks.stages[task.stage.index]!;
    if (tasks.every(({ isFinished }) => isFinished)) this.#stageFinished(task.stage, row);
    this.countStep();
    if (this.outcome !== undefined) return;
    if (this.#tasks.all.every(({ isFinished }) => isFinished)) this.#finish(row);
    else this.#startReady();
  }

  #stageFinished(stage: Stage, cause: number): void {
    const row = this.#facts.stageFinished(stage, cause);
    for (const { stage: next } of this.#tasks.stages.map((tasks) => tasks[0] as BatchTask)) {
      const reads = next.inputs.some(({ from }) => stage.vertex.nodes.includes(from));
      if (!reads) continue;
      for (const task of this.#tasks.stages[next.index]!) task.readyRow = row;
    }
  }

  #finish(cause: number): void {
    for (const { winner } of this.#tasks.all) winner?.chain.commit(cause);
    this.outcome = 'finished';
    this.recorder.add(KIND['job-finished'], NONE, cause, NONE, 0, 0, 0, NONE);
  }

  #fail(failure: BatchFailure, cause: number): void {
    if (this.outcome !== undefined) return;
    this.outcome = 'failed';
    this.failure = failure;
    for (const task of this.#tasks.all) {
      for (const attempt of [...task.running]) {
        this.#end(attempt, 'killed', 'the job has failed', cause);
      }
      task.winner?.chain.abort(cause, 'the job has failed');
    }
    const row = this.recorder.add(KIND['job-failed'], NONE, cause, NONE, 0, 0, 0, NONE);
    this.recorder.setValue(row, { reason: failure.message });
  }

  /** An attempt goes down; its task runs again unless another attempt of it goes on. */
  #attemptFailed(attempt: TaskAttempt, reason: string, cause: number): void {
    const row = this.#end(attempt, 'failed', reason, cause);
    const task = this.#tasks.taskOf(attempt.place);
    if (task.running.length > 0) return;
    const delayMs = this.#backoff.nextDelayMs(this.nowMs);
    if (delayMs === undefined) {
      const message = `${task.text} failed and no restart is left: ${reason}`;
      this.#fail({ type: 'job', message, error: undefined, operator: undefined }, row);
      return;
    }
    this.#restart(this.#tasks.restartedWith(task, this.#settings.recovery), delayMs, reason, row);
  }

  #restart(tasks: readonly BatchTask[], delayMs: number, reason: string, cause: number): void {
    const row = this.#facts.reset(tasks, delayMs, reason, cause);
    for (const task of tasks) {
      for (const attempt of [...task.running]) {
        this.#end(attempt, 'killed', 'what it had read is made anew', row);
      }
      task.winner?.chain.abort(row, 'its task runs again');
      task.winner = undefined;
      task.isLost = false;
      task.readyMs = this.nowMs + delayMs;
      task.readyRow = row;
    }
    this.#queue.push(this.nowMs + delayMs, () => this.#startReady());
  }

  /** An attempt is over, one way or another: its slot is free. */
  #end(
    attempt: TaskAttempt,
    status: AttemptSummary['status'],
    reason: string | undefined,
    cause: number,
  ): number {
    attempt.status = status;
    const { stage, index, number, reason: startReason, slot, taskManager } = attempt.place;
    const task = this.#tasks.taskOf(attempt.place);
    task.running = task.running.filter((other) => other !== attempt);
    this.#slots.free(slot);
    const row = this.#facts.note(`attempt-${status}`, attempt, cause, reason);
    if (status !== 'finished') attempt.chain.abort(row, `its attempt ${status}`);
    if (stage.splits.length > 0) this.recordsRead += attempt.recordCount;
    this.attempts.push({
      task: stage.vertex.name,
      index,
      attempt: number,
      reason: startReason,
      taskManager,
      startMs: attempt.startMs,
      endMs: this.nowMs,
      status,
      recordCount: attempt.recordCount,
    });
    return row;
  }

  #placeFault(fault: StageFault): void {
    const { when } = fault;
    if ('atMs' in when) {
      this.#queue.push(Math.max(when.atMs, this.nowMs), () => this.#strike(fault));
      return;
    }
    const due = this.#faultsByStep.get(when.afterStep) ?? [];
    this.#faultsByStep.set(when.afterStep, [...due, fault]);
  }

  #strike(fault: StageFault): void {
    if (this.outcome !== undefined) return;
    if (fault.type === 'task-manager-crash') {
      this.#crash(fault.taskManager);
      return;
    }
    const tasks = this.#tasks.stages.find(([task]) =>
      task!.stage.vertex.nodes.some(({ name }) => name === fault.operator),
    );
    const task = tasks![fault.index]!;
    switch (fault.type) {
      case 'subtask-failure':
        for (const attempt of task.running.slice(0, 1)) {
          this.#attemptFailed(attempt, 'a fault', attempt.startRow);
        }
        return;
      case 'partition-loss':
        this.#lose(task, 'its disk is broken', NONE);
        return;
      default: {
        const disturbance =
          fault.type === 'subtask-stall'
            ? { factor: 1, stallMs: fault.durationMs }
            : { factor: fault.factor, stallMs: 0 };
        const [attempt] = task.running;
        if (attempt === undefined) task.disturbance = disturbance;
        else this.#disturb(attempt, disturbance);
      }
    }
  }

  #disturb(attempt: TaskAttempt, { factor, stallMs }: NonNullable<BatchTask['disturbance']>): void {
    attempt.slowness *= factor;
    if (stallMs > 0) attempt.stalledUntilMs = this.nowMs + stallMs;
    const untilMs = Math.max(attempt.stalledUntilMs, this.nowMs);
    const kind = KIND['subtask-disturbed'];
    const slowness = factor === 1 ? 0 : factor;
    this.recorder.add(kind, attempt.subtask, NONE, NONE, untilMs, slowness, 0, NONE);
  }

  /** A machine dies with all that runs on it and all that was written there. */
  #crash(taskManager: number): void {
    const kind = KIND['task-manager-failed'];
    const row = this.recorder.add(kind, NONE, NONE, NONE, 0, 0, taskManager, NONE);
    this.recorder.setValue(row, 'the machine died');
    for (const task of this.#tasks.all) {
      if (task.winner?.place.taskManager !== taskManager) continue;
      this.#lose(task, 'the machine that held it died', row);
    }
    for (const attempt of this.#slots.attemptsOn(taskManager)) {
      if (attempt.isOver) continue;
      this.#attemptFailed(attempt, 'its machine died', row);
      if (this.outcome !== undefined) return;
    }
  }

  #lose(task: BatchTask, reason: string, cause: number): void {
    const { winner } = task;
    if (winner === undefined || task.isLost || winner.chain.writers.size === 0) return;
    task.isLost = true;
    winner.chain.writers.clear();
    this.#facts.note('partition-lost', winner, cause, reason);
  }

  #planDetection(): void {
    const { configuration } = this.#plan;
    if (this.#isDetecting || !configuration['execution.batch.speculative.enabled']) return;
    this.#isDetecting = true;
    this.#queue.push(this.nowMs + configuration['slow-task-detector.check-interval'], () => {
      this.#isDetecting = false;
      this.#doubleSlowTasks();
      if (this.#tasks.all.some(({ running }) => running.length > 0)) this.#planDetection();
    });
  }

  #doubleSlowTasks(): void {
    const { configuration } = this.#plan;
    const attemptsMax = configuration['execution.batch.speculative.max-concurrent-executions'];
    const blockMs = configuration['execution.batch.speculative.block-slow-node-duration'];
    const finishedMs = (attempt: TaskAttempt): number => this.#finishedMs.get(attempt) ?? Infinity;
    const { stages } = this.#tasks;
    const slow = findSlowAttempts(stages, configuration, this.nowMs, finishedMs);
    const unblockMs = this.nowMs + blockMs;
    for (const { place } of slow) this.#slots.block(place.taskManager, unblockMs);
    if (slow.length > 0) this.#queue.push(unblockMs, () => this.#startReady());
    for (const attempt of slow) {
      const task = this.#tasks.taskOf(attempt.place);
      if (!task.stage.mayBeDoubled) continue;
      while (task.running.length < attemptsMax) {
        const slot = this.#slots.find(task.index, this.nowMs);
        if (slot === undefined) break;
        this.#start(task, slot, 'speculation', attempt.startRow);
      }
    }
  }
}
