import { KeyTable } from '../../../engine/core/key-table.ts';
import { WATERMARK_MAX } from '../../../engine/core/time.ts';
import type { Operator, OperatorContext } from '../../../engine/operators/operator.ts';
import { redistribute } from '../../../engine/operators/redistribute.ts';
import { keyGroupOf, subtaskOfKeyGroup } from '../../../engine/state/key-groups.ts';
import type { StateBackendType } from '../../../engine/state/state-context.ts';
import { operatorStateOperator } from './operator-state.ts';
import { programOperator } from './program-functions.ts';
import { intervalJoinOperator } from './interval-join.ts';
import type { FlinkScenario, Step, StepOutcome, Work } from './scenario.ts';
import { Subtask } from './subtask.ts';
import type { SubtaskSettings } from './subtask.ts';
import { windowOperator } from './windows.ts';

const KEY_GROUPS = 128;
/**
 * As the harness on Flink moves the clock: in strides, each time to the millisecond behind one.
 * Flink's test clock fires a timer in its own millisecond, the engine like a real clock in the next
 * one; no timer is set where that would make a difference.
 */
const STRIDE_MS = 500;

/** How the engine runs a scenario: which choices must make no difference. */
export interface ReplayMode {
  readonly backendType: StateBackendType;
  /** Without a trace, operators may be others, and drops are not counted. */
  readonly isTraced: boolean;
}

/** Runs a scenario on the engine's operator: what each step led to. */
export function replay({ work, steps }: FlinkScenario, mode: ReplayMode): readonly StepOutcome[] {
  const settings: SubtaskSettings = {
    ...mode,
    keys: new KeyTable(),
    inputCount: ['connected', 'broadcast', 'interval-join'].includes(work.type) ? 2 : 1,
    latenessMs: work.type === 'windows' ? work.latenessMs : 0,
    create: operatorOf(work, mode),
  };
  const subtasks = new Subtasks(settings, work.type);
  return steps.map((step) => {
    subtasks.take(step);
    return subtasks.outcome();
  });
}

function operatorOf(work: Work, mode: ReplayMode): (context: OperatorContext) => Operator {
  if (work.type === 'windows') return windowOperator(work);
  if (work.type === 'operator-state') return operatorStateOperator(work);
  if (work.type === 'interval-join') return intervalJoinOperator(work, mode);
  return programOperator(work);
}

class Subtasks {
  readonly #settings: SubtaskSettings;
  readonly #type: Work['type'];
  #all: readonly Subtask[];
  #nowMs = 0;
  #checkpointId = 0;

  constructor(settings: SubtaskSettings, type: Work['type']) {
    this.#settings = settings;
    this.#type = type;
    this.#all = [new Subtask(settings, { index: 0, parallelism: 1, nowMs: 0 })];
  }

  take(step: Step): void {
    switch (step.type) {
      case 'record':
        this.#record(step);
        break;
      case 'watermark':
        for (const subtask of this.#all) {
          subtask.watermark(step.input ?? 0, step.atMs === 'max' ? WATERMARK_MAX : step.atMs);
        }
        break;
      case 'status':
        for (const subtask of this.#all) subtask.status(step.input, step.isIdle);
        break;
      case 'clock':
        while (this.#nowMs < step.atMs) {
          this.#nowMs += STRIDE_MS;
          for (const subtask of this.#all) subtask.clock(this.#nowMs + 1);
        }
        break;
      case 'restore':
        this.#restore(step.parallelism);
        break;
    }
  }

  outcome(): StepOutcome {
    let [eventTimers, clockTimers, entries, dropped] = [0, 0, 0, 0];
    const out: string[] = [];
    for (const subtask of this.#all) {
      const sizes = subtask.sizes();
      eventTimers += sizes.timers[0];
      clockTimers += sizes.timers[1];
      entries += sizes.entries;
      dropped += subtask.takeDropped();
      out.push(...subtask.takeOutput());
    }
    return { out, timers: [eventTimers, clockTimers], entries, dropped };
  }

  #record({ input = 0, key, n, atMs, gapMs = 0 }: Step & { readonly type: 'record' }): void {
    const item = { key, n, gapMs };
    if (this.#type === 'operator-state') {
      this.#all[n % this.#all.length]?.record(input, item, atMs, false);
      return;
    }
    if (this.#type === 'broadcast' && input === 1) {
      for (const subtask of this.#all) subtask.record(input, item, atMs, false);
      return;
    }
    const owner = subtaskOfKeyGroup(keyGroupOf(key, KEY_GROUPS), KEY_GROUPS, this.#all.length);
    this.#all[owner]?.record(input, item, atMs, true);
  }

  #restore(parallelism: number): void {
    this.#checkpointId += 1;
    const { keys } = this.#settings;
    const snapshots = redistribute(
      this.#all.map((subtask) => subtask.snapshot(this.#checkpointId)),
      { fromKeys: keys, toKeys: keys, maxParallelism: KEY_GROUPS, newParallelism: parallelism },
    );
    const nowMs = this.#nowMs === 0 ? 0 : this.#nowMs + 1;
    this.#all = snapshots.map(
      (snapshot, index) => new Subtask(this.#settings, { index, parallelism, nowMs }, snapshot),
    );
  }
}
