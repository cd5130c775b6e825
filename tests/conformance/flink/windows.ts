import {
  ContinuousEventTimeTrigger,
  ContinuousProcessingTimeTrigger,
  CountEvictor,
  CountTrigger,
  DeltaEvictor,
  DeltaTrigger,
  EventTimeSessionWindows,
  EventTimeTrigger,
  GlobalWindows,
  OutputTag,
  ProcessWindowFunction,
  ProcessingTimeSessionWindows,
  ProcessingTimeTrigger,
  ProcessingTimeoutTrigger,
  PurgingTrigger,
  SlidingEventTimeWindows,
  SlidingProcessingTimeWindows,
  TimeEvictor,
  TumblingEventTimeWindows,
  TumblingProcessingTimeWindows,
  ValueStateDescriptor,
  WATERMARK_MAX,
} from '#engine';
import type {
  AggregateFunction,
  Collector,
  Evictor,
  ProcessWindowContext,
  Trigger,
  ValueState,
  WindowAssigner,
} from '#engine';
import { WindowOperatorBuilder } from '../../../engine/datastream/window-operator-builder.ts';
import type { Operator, OperatorContext } from '../../../engine/operators/operator.ts';
import {
  aggregatingContents,
  listingContents,
  reducingContents,
} from '../../../engine/operators/window-contents.ts';
import type { WindowContents } from '../../../engine/operators/window-contents.ts';
import { MergingWindowAssigner } from '../../../engine/windows/window-assigner.ts';
import { timeText } from './item.ts';
import type { Item } from './item.ts';
import type { EvictorSpec, TriggerSpec, WindowWork, WindowsSpec } from './scenario.ts';

/** The engine's window operator, as data says. */
export function windowOperator(work: WindowWork): (context: OperatorContext) => Operator {
  const assigner = assignerOf(work.windows);
  const builder = new WindowOperatorBuilder(assigner);
  if (work.trigger !== null) builder.trigger(triggerOf(work.trigger));
  if (work.evictor !== null) builder.evictor(evictorOf(work.evictor) as Evictor<unknown>);
  builder.allowedLateness(work.latenessMs);
  if (work.hasLateOutput) builder.sideOutputLateData('late');
  const isMerging = assigner instanceof MergingWindowAssigner;
  return builder.build(
    () => contentsOf(work),
    () => (work.contents === 'counted' ? new Counted(isMerging) : new Show()) as never,
  );
}

function contentsOf({ contents }: WindowWork): WindowContents {
  if (contents === 'reduce') return reducingContents(sum as never);
  if (contents === 'aggregate') return aggregatingContents(countAndSum as never);
  return listingContents();
}

const sum = (left: Item, right: Item): Item => ({ ...left, n: left.n + right.n });

const countAndSum: AggregateFunction<Item, readonly [number, number], string> = {
  createAccumulator: () => [0, 0],
  add: ({ n }, [count, total]) => [count + 1, total + n],
  getResult: ([count, total]) => `${count}/${total}`,
  merge: (left, right) => [left[0] + right[0], left[1] + right[1]],
};

function boundsOf(context: ProcessWindowContext): string {
  const { startMs, endMs } = context.window();
  return endMs > WATERMARK_MAX ? 'global' : `[${startMs},${endMs})`;
}

function textOf(elements: readonly (Item | string)[]): string {
  return elements.map((item) => (typeof item === 'string' ? item : item.n)).join(' ');
}

class Show extends ProcessWindowFunction<Item | string, string, string> {
  override process(
    key: string,
    context: ProcessWindowContext,
    elements: readonly (Item | string)[],
    out: Collector<string>,
  ): void {
    out.collect(`${boundsOf(context)} ${key}: ${textOf(elements)}`);
  }
}

const FIRINGS = new ValueStateDescriptor<number>('firings');
const OWN_FIRINGS = new ValueStateDescriptor<number>('own-firings');
const SIDE = new OutputTag<string>('side');

/** Counts firings: of the key, and of the window where windows do not merge. */
class Counted extends ProcessWindowFunction<Item, string, string> {
  readonly #isMerging: boolean;

  constructor(isMerging: boolean) {
    super();
    this.#isMerging = isMerging;
  }

  override process(
    key: string,
    context: ProcessWindowContext,
    elements: readonly Item[],
    out: Collector<string>,
  ): void {
    const all = next(context.globalState().getState(FIRINGS));
    const own = this.#isMerging ? 0 : next(context.windowState().getState(OWN_FIRINGS));
    const counts = `${all}/${own} at ${timeText(context.currentWatermark())}`;
    out.collect(`${boundsOf(context)} ${key}: ${textOf(elements)} ${counts}`);
    context.output(SIDE, `${key} ${counts}`);
  }

  override clear(context: ProcessWindowContext): void {
    if (!this.#isMerging) context.windowState().getState(OWN_FIRINGS).clear();
  }
}

function next(state: ValueState<number>): number {
  const count = (state.value() ?? 0) + 1;
  state.update(count);
  return count;
}

function assignerOf(spec: WindowsSpec): WindowAssigner<Item> {
  const { sizeMs = 0, slideMs = 0, offsetMs = 0 } = spec;
  const gap = ({ gapMs }: Item): number => gapMs;
  switch (spec.type) {
    case 'tumbling':
      return TumblingEventTimeWindows.of(sizeMs, offsetMs);
    case 'sliding':
      return SlidingEventTimeWindows.of(sizeMs, slideMs, offsetMs);
    case 'session':
      return sizeMs === 0
        ? EventTimeSessionWindows.withDynamicGap(gap)
        : EventTimeSessionWindows.withGap(sizeMs);
    case 'clock-tumbling':
      return TumblingProcessingTimeWindows.of(sizeMs, offsetMs);
    case 'clock-sliding':
      return SlidingProcessingTimeWindows.of(sizeMs, slideMs, offsetMs);
    case 'clock-session':
      return sizeMs === 0
        ? ProcessingTimeSessionWindows.withDynamicGap(gap)
        : ProcessingTimeSessionWindows.withGap(sizeMs);
    case 'global':
      return GlobalWindows.create();
    case 'global-end':
      return GlobalWindows.createWithEndOfStreamTrigger();
  }
}

function triggerOf(spec: TriggerSpec): Trigger {
  switch (spec.type) {
    case 'event':
      return EventTimeTrigger.create();
    case 'clock':
      return ProcessingTimeTrigger.create();
    case 'count':
      return CountTrigger.of(spec.count);
    case 'continuous':
      return ContinuousEventTimeTrigger.of(spec.everyMs);
    case 'clock-continuous':
      return ContinuousProcessingTimeTrigger.of(spec.everyMs);
    case 'delta':
      return DeltaTrigger.of<Item>(spec.threshold, (older, newer) => newer.n - older.n) as Trigger;
    case 'purging':
      return PurgingTrigger.of(triggerOf(spec.nested));
    case 'timeout':
      return ProcessingTimeoutTrigger.of(
        triggerOf(spec.nested),
        spec.everyMs,
        spec.isReset,
        spec.isCleared,
      );
  }
}

function evictorOf({ type, amount, isAfter }: EvictorSpec): Evictor<Item> {
  switch (type) {
    case 'count':
      return CountEvictor.of(amount, isAfter);
    case 'time':
      return TimeEvictor.of(amount, isAfter);
    case 'delta':
      return DeltaEvictor.of<Item>(amount, (left, right) => Math.abs(right.n - left.n), isAfter);
  }
}
