import { ConfigError } from '../core/errors.ts';
import type { ProcessWindowFunction } from '../operators/functions.ts';
import type { Operator, OperatorContext } from '../operators/operator.ts';
import type { WindowContents } from '../operators/window-contents.ts';
import { CountTrigger, PurgingTrigger } from '../operators/window-data-triggers.ts';
import { CountEvictor } from '../operators/window-evictors.ts';
import type { Evictor } from '../operators/window-evictors.ts';
import { SessionWindowOperator } from '../operators/session-window-operator.ts';
import { WindowOperator } from '../operators/window-operator.ts';
import type { AlignedWindows } from '../operators/window-operator.ts';
import { ProcessingTimeoutTrigger, defaultTriggerOf } from '../operators/window-time-triggers.ts';
import type { Trigger } from '../operators/window-trigger.ts';
import { TriggeredWindowOperator } from '../operators/window-triggered-operator.ts';
import { SlidingEventTimeWindows, TumblingEventTimeWindows } from '../windows/assigners.ts';
import { EventTimeSessionWindows } from '../windows/session-windows.ts';
import { MergingWindowAssigner } from '../windows/window-assigner.ts';
import type { WindowAssigner } from '../windows/window-assigner.ts';
import { copyFunction } from './function-copy.ts';

/** Makes what a subtask keeps its windows' records in. */
export type CreateContents = () => WindowContents;

/**
 * Models Flink 2.3.0 WindowOperatorBuilder: collects what a window is to do and checks that it fits
 * together. Windows that are aligned and have the default trigger run on WindowOperator, sessions
 * without a trace on SessionWindowOperator, all others on TriggeredWindowOperator; the results are
 * the same.
 */
export class WindowOperatorBuilder {
  readonly #assigner: WindowAssigner;
  #trigger: Trigger | undefined;
  #evictor: Evictor<unknown> | undefined;
  #allowedLatenessMs = 0;
  #lateTagId: string | undefined;

  /** @throws ConfigError when it is not a window assigner. */
  constructor(assigner: WindowAssigner) {
    if (typeof assigner?.assignWindows !== 'function') {
      throw new ConfigError(
        'a window needs a WindowAssigner',
        assigner,
        'use for example TumblingEventTimeWindows.of(minutes(15))',
      );
    }
    this.#assigner = assigner;
  }

  get operatorName(): string {
    return this.#assigner.name;
  }

  trigger(trigger: Trigger): void {
    if (typeof trigger?.onElement !== 'function') {
      throw new ConfigError(
        'trigger() needs a Trigger',
        trigger,
        'use for example CountTrigger.of(100)',
      );
    }
    if (this.#assigner instanceof MergingWindowAssigner && !trigger.canMerge()) {
      throw new ConfigError(
        'A merging window assigner cannot be used with a trigger that does not support merging',
        trigger.constructor.name,
        'override canMerge() and onMerge() in the trigger, or use windows that do not merge',
      );
    }
    this.#trigger = trigger;
  }

  evictor(evictor: Evictor<unknown>): void {
    if (typeof evictor?.evictBefore !== 'function') {
      throw new ConfigError(
        'evictor() needs an Evictor',
        evictor,
        'use for example CountEvictor.of(100)',
      );
    }
    this.#evictor = evictor;
  }

  allowedLateness(latenessMs: number): void {
    if (!Number.isFinite(latenessMs) || latenessMs < 0) {
      throw new ConfigError(
        'the allowed lateness cannot be negative',
        latenessMs,
        'use 0 or a duration such as minutes(5)',
      );
    }
    this.#allowedLatenessMs = latenessMs;
  }

  sideOutputLateData(tagId: string): void {
    this.#lateTagId = tagId;
  }

  /** What creates the operator of each subtask. Later changes of the settings do not count. */
  build(
    createContents: CreateContents,
    createFunction: () => ProcessWindowFunction<unknown, unknown, unknown> | undefined,
  ): (context: OperatorContext) => Operator {
    const assigner = this.#assigner;
    const trigger = this.#trigger;
    const evictor = this.#evictor;
    const allowedLatenessMs = this.#allowedLatenessMs;
    const lateTagId = this.#lateTagId;
    const windows = alignedWindowsOf(assigner);
    const common = { allowedLatenessMs, lateTagId };
    return (context) => {
      const contents = createContents();
      const windowFunction = createFunction();
      const isPlain = trigger === undefined && evictor === undefined;
      if (isPlain && windows !== undefined) {
        return new WindowOperator(context, { ...common, windows, contents, windowFunction });
      }
      const hasNoFacts = !context.recorder.isOn && allowedLatenessMs === 0;
      if (isPlain && hasNoFacts && assigner instanceof EventTimeSessionWindows) {
        const { gapMs } = assigner;
        return new SessionWindowOperator(context, { gapMs, lateTagId, contents, windowFunction });
      }
      return new TriggeredWindowOperator(context, {
        ...common,
        assigner,
        trigger:
          trigger === undefined ? defaultTriggerOf(assigner.defaultTrigger) : copyTrigger(trigger),
        evictor,
        contents,
        windowFunction,
      });
    };
  }
}

function alignedWindowsOf(assigner: WindowAssigner): AlignedWindows | undefined {
  if (assigner instanceof TumblingEventTimeWindows) {
    const { sizeMs, offsetMs } = assigner;
    return { sizeMs, slideMs: sizeMs, offsetMs };
  }
  return assigner instanceof SlidingEventTimeWindows ? assigner : undefined;
}

/** A copy for one subtask, with copies of the triggers inside it. */
function copyTrigger(trigger: Trigger): Trigger {
  if (trigger instanceof PurgingTrigger || trigger instanceof ProcessingTimeoutTrigger) {
    return trigger.withNested(copyTrigger(trigger.nestedTrigger as Trigger)) as Trigger;
  }
  return copyFunction(trigger);
}

/** What a count window is made of in Flink: a global window with a count trigger. */
export function countWindowOf<W extends CountableWindows>(
  windows: W,
  size: number,
  slide: number | undefined,
): W {
  return slide === undefined
    ? windows.trigger(PurgingTrigger.of(CountTrigger.of(size)))
    : windows.evictor(CountEvictor.of(size)).trigger(CountTrigger.of(slide));
}

interface CountableWindows {
  trigger(trigger: Trigger): this;
  evictor(evictor: Evictor<unknown>): this;
}
