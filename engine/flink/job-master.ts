import { Random } from '../core/random.ts';
import type { Fault } from '../faults/fault.ts';
import type { OperatorSnapshot } from '../operators/operator.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import { CheckpointCoordinator } from './checkpoint-coordinator.ts';
import type { CompletedCheckpoint, CoordinatorRuntime } from './checkpoint-coordinator.ts';
import { buildTasks } from './execution.ts';
import type { ExecutionPlan, PlacedTask } from './execution.ts';
import { findRegions, placeId } from './failover-regions.ts';
import { subtaskId } from '../datastream/job-graph.ts';
import { rescaleSnapshots } from './rescale-snapshots.ts';
import { RestartBackoff } from '../datastream/restart-backoff.ts';
import type { Operation } from './scenario.ts';
import type { Simulation } from './simulation.ts';
import { SourceAlignment } from './source-alignment.ts';
import type { SourceTask } from './source-task.ts';
import type { InFlight, Task, TaskSnapshot } from './task-runtime.ts';

/**
 * Models Flink 2.x's JobMaster: deploys tasks, restarts what a failure has taken down, restores it
 * from the latest complete checkpoint, and triggers checkpoints and savepoints.
 * Simplified: a lost task manager is replaced at once; a job that recovers after the loss of its
 * JobManager finds its latest complete checkpoint (high availability is on).
 * Invariant: a task that was restored sees exactly the state of one checkpoint.
 */
export class JobMaster implements CoordinatorRuntime {
  readonly coordinator: CheckpointCoordinator;
  sources: readonly SourceTask[] = [];
  tasks: readonly Task[] = [];
  #plan: ExecutionPlan;
  readonly #simulation: Simulation;
  readonly #backoff: RestartBackoff;
  #regions: ReadonlyMap<string, number>;
  #placed: readonly PlacedTask[] = [];
  #attempt = 0;
  /**
   * Regions that are down, each with the failure that will restart it: the last one it was in. As
   * in Flink (ExecutionVertexVersioner), a later failure takes over the restart.
   */
  readonly #downRegions = new Map<number, number>();
  /** The savepoint after which the job stops, or goes on with another parallelism. */
  #stopping: { readonly checkpointId: number; readonly parallelism?: number } | undefined;
  /** The attempt whose next periodic checkpoint is planned. */
  #plannedForAttempt = -1;

  constructor(plan: ExecutionPlan, simulation: Simulation) {
    this.#plan = plan;
    this.#simulation = simulation;
    this.#backoff = new RestartBackoff(plan.configuration, new Random(plan.seed));
    this.#regions = findRegions(plan.jobGraph);
    this.coordinator = new CheckpointCoordinator(simulation.recorder, plan.configuration, this);
  }

  get nowMs(): number {
    return this.#simulation.nowMs;
  }

  get isWhole(): boolean {
    return this.#downRegions.size === 0;
  }

  /** Deploys the job for the first time. */
  start(): void {
    const { recorder } = this.#simulation;
    const row = recorder.add(KIND['job-started'], NONE, NONE, NONE, 0, 0, 0, NONE);
    const { restoredSnapshots } = this.#plan;
    const regions = new Set(this.#regions.values());
    const fresh = this.#deploy(regions);
    if (restoredSnapshots === undefined) {
      for (const { task } of fresh) task.chain.open();
    } else {
      this.coordinator.seed(restoredSnapshots(this.#simulation.keys));
      this.#restore(fresh, regions, row, this.coordinator.latestCompleted);
    }
    for (const source of this.sources) source.begin();
    this.#align(this.sources);
    this.#planPeriodicCheckpoint();
  }

  /** Lets a fault happen now. */
  strike(fault: Fault): void {
    if (this.#simulation.isOver) return;
    switch (fault.type) {
      case 'task-manager-crash':
        this.#crashTaskManager(fault.taskManager);
        return;
      case 'job-manager-crash':
        this.#fail(new Set(this.#regions.values()), 'the JobManager was lost', NONE, NONE);
        return;
      case 'subtask-failure': {
        const placed = this.#find(fault.operator, fault.index);
        if (placed === undefined) return;
        const reason = `subtask ${fault.operator}-${fault.index} failed`;
        const subtask = subtaskId(placed.vertex, placed.vertex.nodes[0]!, placed.index);
        this.#fail(this.#affected([placed]), reason, NONE, subtask);
        return;
      }
      case 'subtask-stall':
        this.#disturb(fault.operator, fault.index, (task) =>
          task.work.stall(this.nowMs + fault.durationMs),
        );
        return;
      case 'subtask-slowdown':
        this.#disturb(fault.operator, fault.index, (task) => task.work.slowDown(fault.factor));
    }
  }

  /** Does what someone does to the running job. */
  operate(operation: Operation): void {
    const isPlain = operation.type === 'savepoint';
    if (this.#simulation.isOver || (!isPlain && this.#stopping !== undefined)) return;
    const checkpointId = this.coordinator.trigger(isPlain ? 'savepoint' : 'last-savepoint');
    if (checkpointId === undefined || isPlain) return;
    this.#stopping =
      operation.type === 'rescale'
        ? { checkpointId, parallelism: operation.parallelism }
        : { checkpointId };
  }

  taskFinished(task: Task, snapshot: TaskSnapshot): void {
    this.coordinator.taskFinished(task, snapshot);
    if (!this.#isAllFinished()) return;
    // Only now is the last of the job's output known to be complete.
    const { configuration } = this.#plan;
    if (configuration['execution.checkpointing.interval'] !== undefined) {
      this.coordinator.takeFinal();
    }
    const { recorder } = this.#simulation;
    recorder.add(KIND['job-finished'], NONE, NONE, NONE, 0, 0, 0, NONE);
    this.#simulation.end('finished');
  }

  planExpiry(checkpointId: number, atMs: number): void {
    const options = { task: undefined, isForeground: false };
    this.#simulation.planWork(atMs, () => this.coordinator.expire(checkpointId), options);
  }

  planOverdueTrigger(atMs: number): void {
    const options = { task: undefined, isForeground: false };
    this.#simulation.planWork(atMs, () => this.coordinator.triggerOverdue(), options);
  }

  notifyCompleted(checkpointId: number, cause: number): void {
    if (this.#isAllFinished()) {
      for (const task of this.tasks) task.notifyCheckpointComplete(checkpointId, cause);
      return;
    }
    // Each task hears of it on its own: a failure may come between two of them.
    for (const task of this.tasks) {
      this.#simulation.planForCheckpoint(task, this.nowMs, () => {
        task.notifyCheckpointComplete(checkpointId, cause);
        this.#simulation.countStep();
      });
    }
    const stopping = this.#stopping;
    if (checkpointId !== stopping?.checkpointId) return;
    const options = { task: undefined, isForeground: true };
    this.#simulation.planWork(this.nowMs, () => this.#stop(stopping, cause), options);
  }

  notifyAborted(checkpointId: number): void {
    if (this.#stopping?.checkpointId === checkpointId) this.#stopping = undefined;
    for (const task of this.tasks) task.notifyCheckpointAborted(checkpointId);
  }

  failForCheckpoints(cause: number, reason: string): void {
    this.#fail(new Set(this.#regions.values()), reason, cause, NONE);
  }

  #crashTaskManager(taskManager: number): void {
    const { recorder } = this.#simulation;
    const lost = this.#placed.filter((placed) => this.#taskManagerOf(placed) === taskManager);
    const kind = KIND['task-manager-failed'];
    const row = recorder.add(kind, NONE, NONE, NONE, 0, 0, taskManager, NONE);
    recorder.setValue(row, 'crash');
    if (lost.length === 0) return;
    this.#fail(this.#affected(lost), `task manager ${taskManager} was lost`, row, NONE);
  }

  #disturb(operator: string, index: number, act: (task: Task) => void): void {
    const placed = this.#find(operator, index);
    if (placed === undefined) return;
    const subtask = subtaskId(placed.vertex, placed.vertex.nodes[0]!, placed.index);
    const kind = KIND['subtask-disturbed'];
    this.#simulation.recorder.add(kind, subtask, NONE, NONE, this.nowMs, 0, 0, NONE);
    act(placed.task);
  }

  #find(operator: string, index: number): PlacedTask | undefined {
    return this.#placed.find(
      (placed) =>
        placed.index === index && placed.vertex.nodes.some((node) => node.name === operator),
    );
  }

  #taskManagerOf({ vertex, index }: PlacedTask): number | undefined {
    const { jobGraph } = this.#plan;
    // Ids go on from those of the layouts before.
    const firstSubtask = jobGraph.vertices[0]?.firstSubtask ?? 0;
    const subtask = subtaskId(vertex, vertex.nodes[0]!, index) - firstSubtask;
    return jobGraph.subtasks[subtask]?.taskManager;
  }

  /** The regions that a failure of these tasks takes down. */
  #affected(failed: readonly PlacedTask[]): Set<number> {
    const strategy = this.#plan.configuration['jobmanager.execution.failover-strategy'];
    if (strategy === 'full') return new Set(this.#regions.values());
    return new Set(failed.map((placed) => this.#regionOf(placed)));
  }

  #regionOf({ vertex, index }: PlacedTask): number {
    return this.#regions.get(placeId({ vertex: vertex.index, index })) as number;
  }

  /** Takes regions down and plans their restart, if the restart strategy allows one. */
  #fail(struck: ReadonlySet<number>, reason: string, cause: number, subtask: number): void {
    const { recorder } = this.#simulation;
    // A job that fails when its last savepoint is complete restarts as a whole (Flink 2.x:
    // StopWithSavepointTerminationHandlerImpl): its sources have stopped already.
    const lastId = this.#stopping?.checkpointId;
    const hasStopped = lastId !== undefined && !this.coordinator.isPending(lastId);
    const regions = hasStopped ? new Set(this.#regions.values()) : struck;
    this.coordinator.abortAll(cause, reason, (task) => this.#isIn(task, regions));
    this.#stopping = undefined;
    this.#attempt += 1;
    const dead = this.#placed.filter((placed) => regions.has(this.#regionOf(placed)));
    for (const { task } of dead) task.isDead = true;
    this.#setPlaced(this.#placed.filter((placed) => !placed.task.isDead));
    this.#simulation.noteFailure();
    for (const region of regions) this.#downRegions.set(region, this.#attempt);
    const delayMs = this.#backoff.nextDelayMs(this.nowMs);
    if (delayMs === undefined) {
      const message = `${reason}, and the restart strategy allows no (further) restart`;
      this.#simulation.giveUp({ type: 'job', message, error: undefined, operator: undefined });
      return;
    }
    const row = recorder.add(KIND['job-restarting'], subtask, cause, NONE, 0, 0, 0, NONE);
    recorder.setValue(row, {
      checkpoint: this.coordinator.latestCompleted?.checkpointId ?? null,
      attempt: this.#attempt,
      subtasks: this.#subtasksOf(regions),
    });
    const options = { task: undefined, isForeground: true };
    const attempt = this.#attempt;
    this.#simulation.planWork(
      this.nowMs + delayMs,
      () => this.#restart(regions, row, attempt),
      options,
    );
  }

  /** The savepoint is complete: ends the job, or goes on from it at another parallelism. */
  #stop(stopping: { checkpointId: number; parallelism?: number }, cause: number): void {
    if (this.#stopping !== stopping) return;
    this.#stopping = undefined;
    if (stopping.parallelism === undefined) {
      this.#simulation.end('stopped');
      return;
    }
    const { recorder } = this.#simulation;
    const before = this.#plan.jobGraph;
    const { checkpointId } = stopping;
    this.coordinator.abortAll(cause, 'The job is rescaled.', () => true);
    this.#attempt += 1;
    const kind = KIND['job-restarting'];
    const row = recorder.add(kind, NONE, cause, NONE, 0, 0, 0, NONE);
    const subtasks = this.#subtasksOf(new Set(this.#regions.values()));
    recorder.setValue(row, { checkpoint: checkpointId, attempt: this.#attempt, subtasks });
    for (const task of this.tasks) task.isDead = true;
    this.#setPlaced([]);
    this.#simulation.noteFailure();
    this.#plan = { ...this.#plan, ...this.#plan.rescale(stopping.parallelism) };
    this.#regions = findRegions(this.#plan.jobGraph);
    this.coordinator.translate((snapshots) =>
      rescaleSnapshots(snapshots, before, this.#plan.jobGraph, this.#simulation.keys),
    );
    const regions = new Set(this.#regions.values());
    const fresh = this.#deploy(regions);
    this.#restore(fresh, regions, row, this.coordinator.latestCompleted);
    for (const { task } of fresh) if (task.isSource) task.begin();
    this.#align(this.sources);
    this.#planPeriodicCheckpoint();
  }

  /** A region that is down has not finished, although none of its tasks runs. */
  #isAllFinished(): boolean {
    return this.isWhole && this.tasks.every((task) => task.isFinished);
  }

  #isIn(task: Task, regions: ReadonlySet<number>): boolean {
    const placed = this.#placed.find((other) => other.task === task);
    return placed === undefined || regions.has(this.#regionOf(placed));
  }

  /** Brings regions back whose restart no later failure has taken over. */
  #restart(regions: ReadonlySet<number>, cause: number, attempt: number): void {
    const down = new Set(
      [...regions].filter((region) => this.#downRegions.get(region) === attempt),
    );
    if (down.size === 0) return;
    const fresh = this.#deploy(down);
    this.#restore(fresh, down, cause, this.coordinator.latestCompleted);
    for (const { task } of fresh) {
      if (task.isSource) task.begin();
    }
    this.#align(this.sources);
    this.#planPeriodicCheckpoint();
  }

  #deploy(regions: ReadonlySet<number>): readonly PlacedTask[] {
    const fresh = buildTasks(this.#plan, this.#simulation, this.#attempt, (vertex, index) =>
      regions.has(this.#regions.get(placeId({ vertex, index })) as number),
    );
    for (const region of regions) this.#downRegions.delete(region);
    this.#setPlaced([...this.#placed, ...fresh].sort(byPlace));
    return fresh;
  }

  #setPlaced(placed: readonly PlacedTask[]): void {
    this.#placed = placed;
    this.tasks = placed.map(({ task }) => task);
    this.sources = this.tasks.filter((task): task is SourceTask => task.isSource);
    this.#simulation.noteDeployed(this.tasks);
  }

  #restore(
    fresh: readonly PlacedTask[],
    regions: ReadonlySet<number>,
    cause: number,
    checkpoint: CompletedCheckpoint | undefined,
  ): void {
    const { recorder } = this.#simulation;
    const operators = new Map<number, OperatorSnapshot>();
    const offsets = new Map<number, number>();
    const inFlight = new Map<number, InFlight>();
    for (const snapshot of checkpoint?.snapshots ?? []) {
      for (const [subtask, operator] of snapshot.operators) operators.set(subtask, operator);
      for (const [split, offset] of snapshot.offsets) offsets.set(split, offset);
      const head = snapshot.operators[0]?.[0];
      if (head !== undefined) inFlight.set(head, snapshot.inFlight);
    }
    const id = checkpoint?.checkpointId ?? -1;
    for (const subtask of this.#subtasksOf(regions)) {
      recorder.add(KIND['subtask-restored'], subtask, cause, NONE, id, 0, 0, NONE);
    }
    for (const { task } of fresh) task.chain.restore(operators);
    for (const { task } of fresh) task.chain.open();
    // The trace has snapshots of other subtasks only.
    const isTranslated = checkpoint?.isTranslated === true;
    if (isTranslated) for (const { task } of fresh) task.chain.noteRestored(cause);
    for (const { task } of fresh) {
      task.lastSnapshotId = Math.max(0, id);
      if (task.isSource) {
        task.rewind(offsets, cause);
        continue;
      }
      const head = task.chain.links[0]?.context.subtask;
      task.restoreInFlight((head === undefined ? undefined : inFlight.get(head)) ?? []);
    }
  }

  /** Ids of all operator subtasks in some regions. */
  #subtasksOf(regions: ReadonlySet<number>): number[] {
    const { jobGraph } = this.#plan;
    return jobGraph.vertices.flatMap((vertex) =>
      Array.from({ length: vertex.parallelism }, (_, index) => {
        const region = this.#regions.get(placeId({ vertex: vertex.index, index })) as number;
        if (!regions.has(region)) return [];
        return vertex.nodes.map((node) => subtaskId(vertex, node, index));
      }).flat(),
    );
  }

  /** Starts the rounds of watermark alignment for the sources that asked for it. */
  #align(sources: readonly SourceTask[]): void {
    const groups = new Map<string, SourceAlignment>();
    for (const source of sources) {
      const { alignment } = source;
      if (alignment === undefined || source.isFinished) continue;
      const group = groups.get(alignment.group) ?? new SourceAlignment(alignment);
      group.add(source);
      groups.set(alignment.group, group);
    }
    for (const group of groups.values()) this.#planAlignment(group, this.#attempt);
  }

  #planAlignment(group: SourceAlignment, attempt: number): void {
    const options = { task: undefined, isForeground: group.isHolding };
    const act = (): void => {
      if (attempt !== this.#attempt) return;
      if (group.announce()) this.#planAlignment(group, attempt);
      this.#simulation.countStep();
    };
    this.#simulation.planWork(this.nowMs + group.settings.updateIntervalMs, act, options);
  }

  #planPeriodicCheckpoint(): void {
    const intervalMs = this.#plan.configuration['execution.checkpointing.interval'];
    const attempt = this.#attempt;
    if (intervalMs === undefined || this.#plannedForAttempt === attempt) return;
    this.#plannedForAttempt = attempt;
    const options = { task: undefined, isForeground: false };
    const act = (): void => {
      // After a failure the interval counts from the restart, which has planned its own.
      if (attempt !== this.#attempt) return;
      this.#plannedForAttempt = -1;
      // A job that waits for input which never comes would wait for its checkpoints for ever.
      if (!this.#simulation.isQuiet) this.coordinator.triggerPeriodic();
      this.#planPeriodicCheckpoint();
      this.#simulation.countStep();
    };
    this.#simulation.planWork(this.nowMs + intervalMs, act, options);
  }
}

function byPlace(left: PlacedTask, right: PlacedTask): number {
  return left.vertex.index - right.vertex.index || left.index - right.index;
}
