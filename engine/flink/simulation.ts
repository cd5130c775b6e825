import { assert, AssertionError } from '../core/assert.ts';
import { ConfigError } from '../core/errors.ts';
import { EventQueue } from '../core/event-queue.ts';
import { KeyTable } from '../core/key-table.ts';
import { RingQueue } from '../core/ring-queue.ts';
import type { Fault, FaultTime } from '../faults/fault.ts';
import { LogFactFeed } from '../logs/log-fact-feed.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE, Recorder } from '../trace/recorder.ts';
import type { CompletedCheckpoint } from './checkpoint-coordinator.ts';
import { DirectLane, formLine } from './direct-lane.ts';
import type { ExecutionPlan } from './execution.ts';
import { JobMaster } from './job-master.ts';
import type { Operation, RunFailure } from './scenario.ts';
import type { SourceTask } from './source-task.ts';
import type { PlannedCall, Task, TaskRuntime, TaskSnapshot } from './task-runtime.ts';

/** Work planned for a moment. */
interface PlannedWork {
  /** The task it belongs to: when that is dead, nothing is done. */
  readonly task: Task | undefined;
  /** Whether it alone keeps a quiet job going. */
  isForeground: boolean;
  /** Whether only a checkpoint asked for it. */
  readonly isForCheckpoint: boolean;
  isCancelled: boolean;
  readonly act: () => void;
}

/** What kind of work is planned. */
type PlanOptions = Pick<PlannedWork, 'task' | 'isForeground'> & {
  readonly isForCheckpoint?: boolean;
};

/** Something that strikes at a step. */
interface Counted {
  readonly step: number;
  readonly act: () => void;
}

const STEP_COUNT_MAX = 50_000_000;

/** What a run is given besides its job. */
export interface SimulationInputs {
  readonly isTraced: boolean;
  readonly faults: readonly Fault[];
  readonly operations: readonly Operation[];
  readonly stepCountMax: number | undefined;
}

/**
 * The discrete-event simulation of one Flink job: a virtual clock, a queue of planned work, and
 * tasks that take turns. At one moment, records come first, then planned work in the order it was
 * planned. Nothing here knows what an operator does; the life of the job is with the JobMaster.
 * Invariant: the clock never goes back; a step never overlaps another.
 */
export class Simulation implements TaskRuntime {
  readonly recorder: Recorder;
  readonly keys = new KeyTable();
  readonly lane = new DirectLane();
  runningTask: Task | undefined;
  nowMs: number;
  stepCount = 0;
  outcome: 'finished' | 'stopped' | 'failed' = 'stopped';
  failure: RunFailure | undefined;
  readonly #queue = new EventQueue<PlannedWork>();
  readonly #ready = new RingQueue<Task>();
  readonly #master: JobMaster;
  readonly #counted: Counted[] = [];
  #nextCountedStep = Infinity;
  readonly #stepCountMax: number;
  readonly #logFacts: LogFactFeed;
  /** Whether nobody sees, or waits for, the way between two tasks. */
  readonly #mayHandOver: boolean;
  #isOver = false;
  #foregroundCount = 0;
  /** How much of that is there for checkpoints alone. */
  #checkpointCount = 0;
  /** Grows with every failure: a turn that sees it grow must end. */
  #failureCount = 0;

  constructor(plan: ExecutionPlan, inputs: SimulationInputs) {
    this.nowMs = plan.startMs;
    this.recorder = new Recorder(inputs.isTraced);
    this.recorder.atMs = plan.startMs;
    this.#mayHandOver = !inputs.isTraced && (plan.costs.networkDelayMs ?? 0) === 0;
    this.#logFacts = new LogFactFeed(plan.logs, plan.splits, this.recorder, this.keys);
    this.#stepCountMax = inputs.stepCountMax ?? STEP_COUNT_MAX;
    this.#master = new JobMaster(plan, this);
    for (const fault of inputs.faults) {
      this.#arrange(fault.when, () => this.#master.strike(fault));
    }
    for (const operation of inputs.operations) {
      this.#arrange(operation.when, () => this.#master.operate(operation));
    }
    this.#counted.sort((left, right) => left.step - right.step);
    this.#armNextCounted();
  }

  get tasks(): readonly Task[] {
    return this.#master.tasks;
  }

  /** Whether nothing is going on but checkpoints, and nothing will. */
  get isQuiet(): boolean {
    const isWaiting = this.#ready.size === 0 && this.#foregroundCount === this.#checkpointCount;
    return isWaiting && !this.#master.sources.some((source) => source.hasMore);
  }

  get latestCheckpoint(): CompletedCheckpoint | undefined {
    return this.#master.coordinator.latestCompleted;
  }

  get nextPlannedMs(): number {
    return this.#queue.peekTimeMs();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Runs the job to its end. */
  run(): void {
    this.#guard(() => this.#master.start());
    if (!this.#isOver) this.#logFacts.advanceTo(this.nowMs);
    while (!this.#isOver) this.#guard(() => this.#runOn());
  }

  runReady(): void {
    while (this.#ready.size > 0 && !this.#isOver) {
      const task = this.#ready.shift();
      this.runningTask = task;
      task.runTurn();
    }
  }

  enqueue(task: Task): void {
    this.#ready.push(task);
  }

  countStep(): boolean {
    this.stepCount += 1;
    return this.stepCount < this.#nextCountedStep ? this.#isOver : this.#strikeDue();
  }

  #strikeDue(): boolean {
    if (this.stepCount >= this.#stepCountMax) this.#failForLimit();
    const before = this.#failureCount;
    while (!this.#isOver && this.stepCount >= this.#nextCountedStep) this.#strikeCounted();
    // Whoever has the turn and was not struck goes on: nobody else would wake it.
    const isStruck = this.#failureCount !== before && this.runningTask?.isDead === true;
    return this.#isOver || isStruck;
  }

  plan(task: Task, atMs: number, act: () => void): PlannedCall {
    return this.planWork(atMs, act, { task, isForeground: true });
  }

  planForCheckpoint(task: Task, atMs: number, act: () => void): void {
    this.planWork(atMs, act, { task, isForeground: true, isForCheckpoint: true });
  }

  /** Plans work for a moment; background work does not keep a quiet job going. */
  planWork(atMs: number, act: () => void, options: PlanOptions): PlannedCall {
    assert(atMs >= this.nowMs, 'planned work is not in the past');
    const { task, isForeground, isForCheckpoint = false } = options;
    const work: PlannedWork = { task, isForeground, isForCheckpoint, isCancelled: false, act };
    if (isForeground) this.#foregroundCount += 1;
    if (isForCheckpoint) this.#checkpointCount += 1;
    this.#queue.push(atMs, work);
    return work;
  }

  cancel(call: PlannedCall): void {
    const work = call as PlannedWork;
    if (work.isForeground) this.#foregroundCount -= 1;
    if (work.isForeground && work.isForCheckpoint) this.#checkpointCount -= 1;
    work.isForeground = false;
    work.isCancelled = true;
  }

  triggeredAtMs(checkpointId: number): number | undefined {
    return this.#master.coordinator.triggeredAtMs(checkpointId);
  }

  acknowledge(task: Task, checkpointId: number, snapshot: TaskSnapshot, row: number): void {
    this.#master.coordinator.acknowledge(task, checkpointId, snapshot, row);
  }

  taskFinished(task: Task, snapshot: TaskSnapshot): void {
    this.#master.taskFinished(task, snapshot);
  }

  /** These tasks run from now on. */
  noteDeployed(tasks: readonly Task[]): void {
    this.lane.isLine = this.#mayHandOver && formLine(tasks);
  }

  /** Tasks have died: turns of dead tasks are over. */
  noteFailure(): void {
    this.#failureCount += 1;
    this.#ready.retain((task) => !task.isDead);
  }

  /** A line of an operator's own console, with the callback that wrote it. */
  noteConsole(level: 'log' | 'warn', text: string): void {
    const context = this.runningTask?.chain.links.at(0)?.context;
    if (context === undefined) return;
    const { recorder } = this;
    const { subtask, callbackRow, currentKey } = context;
    const kind = KIND['console'];
    const a = level === 'log' ? 0 : 1;
    const row = recorder.add(kind, subtask, callbackRow, currentKey, a, 0, 0, NONE);
    recorder.setValue(row, text);
  }

  giveUp(failure: RunFailure): void {
    this.failure = failure;
    const row = this.recorder.add(KIND['job-failed'], NONE, NONE, NONE, 0, 0, 0, NONE);
    this.recorder.setValue(row, { reason: failure.message });
    this.end('failed');
  }

  end(outcome: 'finished' | 'stopped' | 'failed'): void {
    this.outcome = outcome;
    this.#isOver = true;
  }

  #arrange(when: FaultTime, act: () => void): void {
    if ('afterStep' in when) {
      this.#counted.push({ step: when.afterStep, act });
      return;
    }
    const atMs = Math.max(when.atMs, this.nowMs);
    this.planWork(atMs, act, { task: undefined, isForeground: true });
  }

  /** Runs whoever is ready, then moves the clock to what comes next. */
  #runOn(): void {
    while (!this.#isOver) {
      this.runReady();
      if (this.#isOver) return;
      if (this.#readOn()) continue;
      const arrivalMs = this.#nextArrivalMs();
      const plannedMs = this.#queue.peekTimeMs();
      if (arrivalMs === Infinity && this.#foregroundCount === 0) {
        this.end('stopped');
        return;
      }
      this.moveClock(Math.min(arrivalMs, plannedMs));
      if (arrivalMs <= this.nowMs) this.#wakeSources();
      else this.#doPlanned();
    }
  }

  moveClock(toMs: number): void {
    if (toMs <= this.nowMs) return;
    if (this.#logFacts.nextMs <= toMs) this.#logFacts.advanceTo(toMs);
    this.nowMs = toMs;
    this.recorder.atMs = toMs;
  }

  /** Lets one source read on while no other has anything to read; false when none can. */
  #readOn(): boolean {
    let first: SourceTask | undefined;
    let firstMs = Infinity;
    let otherMs = Infinity;
    for (const source of this.#master.sources) {
      // What has waited is there now, for all of them alike.
      const arrivalMs = Math.max(source.nextArrivalMs(), this.nowMs);
      if (arrivalMs < firstMs) {
        otherMs = firstMs;
        firstMs = arrivalMs;
        first = source;
      } else if (arrivalMs < otherMs) otherMs = arrivalMs;
    }
    if (first === undefined || firstMs === otherMs) return false;
    // A fault that waits for a step strikes between two elements: they have to queue.
    this.lane.isUsable =
      this.lane.isLine &&
      this.#counted.length === 0 &&
      this.tasks.every((task) => task.isSource || task.isOpen);
    this.runningTask = first;
    return first.readOn(otherMs);
  }

  #nextArrivalMs(): number {
    let earliestMs = Infinity;
    for (const source of this.#master.sources) {
      const arrivalMs = source.nextArrivalMs();
      if (arrivalMs < earliestMs) earliestMs = arrivalMs;
    }
    return earliestMs;
  }

  #wakeSources(): void {
    for (const source of this.#master.sources as readonly SourceTask[]) {
      if (source.nextArrivalMs() <= this.nowMs) source.wake();
    }
  }

  #doPlanned(): void {
    const work = this.#queue.pop() as PlannedWork;
    const isObsolete = work.isCancelled || work.task?.isDead === true;
    this.cancel(work);
    if (isObsolete) return;
    this.runningTask = work.task;
    work.act();
  }

  #armNextCounted(): void {
    this.#nextCountedStep = Math.min(this.#counted[0]?.step ?? Infinity, this.#stepCountMax);
  }

  #strikeCounted(): void {
    const counted = this.#counted.shift();
    this.#armNextCounted();
    counted?.act();
  }

  #failForLimit(): void {
    this.giveUp({
      type: 'limit',
      message: `the run did not end within ${this.#stepCountMax} steps`,
      error: undefined,
      operator: undefined,
    });
  }

  /**
   * An error in the operator's own code fails the job for good. Flink would restart it, meet the
   * same record and fail again; seeing that once is enough here.
   */
  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.lane.isOpen = false;
      if (error instanceof AssertionError) throw error;
      const operator = this.runningTask?.chain.links.at(0)?.context.operator;
      const message = error instanceof Error ? error.message : String(error);
      const row = this.recorder.add(KIND['function-failed'], NONE, NONE, NONE, 0, 0, 0, NONE);
      this.recorder.setValue(row, { message, operator: operator ?? null });
      const type = error instanceof ConfigError ? 'job' : 'function';
      this.giveUp({ type, message, error, operator });
    }
  }
}
