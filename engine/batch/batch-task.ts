import { subtaskId } from '../datastream/job-graph.ts';
import type { StreamNode } from '../datastream/stream-graph.ts';
import { NONE } from '../trace/recorder.ts';
import { producersOf } from './batch-plan.ts';
import type { BatchPlan, Producer, Stage } from './batch-plan.ts';
import type { LineageRecovery } from './scenario.ts';
import type { TaskAttempt } from './task-attempt.ts';

/** One task of a stage over all of its attempts. */
export class BatchTask {
  readonly stage: Stage;
  readonly index: number;
  /** Attempts that run now: two while a slow one is doubled. */
  running: TaskAttempt[] = [];
  /** The attempt whose output counts; undefined until one has finished. */
  winner: TaskAttempt | undefined;
  /** What the winner has written is gone. */
  isLost = false;
  attemptCount = 0;
  /** May not be started before. */
  readyMs = -Infinity;
  /** The fact that let it start, or start again. */
  readyRow = NONE;
  /** What disturbs its next attempt: times slower, ms of standing still. */
  disturbance: { readonly factor: number; readonly stallMs: number } | undefined;

  constructor(stage: Stage, index: number) {
    this.stage = stage;
    this.index = index;
  }

  get isFinished(): boolean {
    return this.winner !== undefined;
  }

  /** Id of the head's subtask. */
  get subtask(): number {
    const { vertex } = this.stage;
    return subtaskId(vertex, vertex.nodes[0] as StreamNode, this.index);
  }

  /** Its chain and index: `window → sink (1/2)`. */
  get text(): string {
    const { name, parallelism } = this.stage.vertex;
    return `${name} (${this.index + 1}/${parallelism})`;
  }
}

/** The tasks of a job, and who reads from whom. */
export class TaskTable {
  readonly stages: readonly (readonly BatchTask[])[];
  readonly #plan: BatchPlan;

  constructor(plan: BatchPlan) {
    this.#plan = plan;
    this.stages = plan.stages.map((stage) =>
      Array.from({ length: stage.vertex.parallelism }, (_, index) => new BatchTask(stage, index)),
    );
  }

  get all(): BatchTask[] {
    return this.stages.flat();
  }

  taskOf({ stage, index }: Pick<Producer, 'stage' | 'index'>): BatchTask {
    return this.stages[stage.index]![index]!;
  }

  producersOf({ stage, index }: BatchTask): readonly Producer[] {
    return producersOf(this.#plan, stage, index);
  }

  /** Whether all tasks that a stage reads from have finished, at least once. */
  isReady(stage: Stage): boolean {
    const { vertexOfNode } = this.#plan.jobGraph;
    return stage.inputs.every(({ from }) =>
      this.stages[vertexOfNode.get(from.id)!.index]!.every((task) => task.isFinished),
    );
  }

  /** Tasks that a task needs and whose output is not there: gone, or just being made anew. */
  missingProducersOf(task: BatchTask): BatchTask[] {
    const producers = this.producersOf(task).map((producer) => this.taskOf(producer));
    return [...new Set(producers)].filter(({ isLost, isFinished }) => isLost || !isFinished);
  }

  /**
   * The tasks that run again when one has failed: those whose lost output it needs, those that
   * these need in turn, back to what is still there; and their consumers, as `recovery` says.
   */
  restartedWith(failed: BatchTask, recovery: LineageRecovery): BatchTask[] {
    const found = new Set<BatchTask>([failed]);
    const changed = new Set<BatchTask>();
    // A set hands out what is added while one goes over it.
    for (const task of found) {
      for (const producer of this.missingProducersOf(task)) {
        if (producer.isLost) found.add(producer);
      }
      const isChanged = task.stage.isIndeterminate || changed.has(task);
      if (recovery === 'keep-consumers' && !isChanged) continue;
      for (const consumer of this.#consumersOf(task)) {
        if (!consumer.isFinished && consumer.running.length === 0) continue;
        changed.add(consumer);
        found.add(consumer);
      }
    }
    return [...found];
  }

  #consumersOf(task: BatchTask): BatchTask[] {
    return this.all.filter((other) =>
      this.producersOf(other).some((producer) => this.taskOf(producer) === task),
    );
  }
}
