import {
  AsyncDataStream,
  EventTimeSessionWindows,
  EventTimeTrigger,
  SlidingEventTimeWindows,
  TumblingEventTimeWindows,
  TumblingProcessingTimeWindows,
} from '#engine';
import type {
  DataStream,
  KeyedStream,
  SingleOutputStreamOperator,
  TaggedUnion,
  WindowAssigner,
  WindowedStream,
} from '#engine';
import { Bucket, Flush, FlushList } from './batching-functions.ts';
import { CountAggregated, CountBoth, CountReduced, CountUp } from './counting-functions.ts';
import { JoinPair, LATE, askService, toRow } from './job-functions.ts';
import { gapOf } from './naive-windows.ts';
import type { Item, Plan, ResultRow, WindowShape, WindowWork } from './plan.ts';
import { keepsItem, mapItem, splitItem } from './stages.ts';
import type { AsyncStage, FunctionStage, PartitioningStage } from './stages.ts';
import {
  NameAggregate,
  NameAll,
  NameReduced,
  collecting,
  joinItems,
  toWindowRow,
} from './window-functions.ts';

type Rows = SingleOutputStreamOperator<ResultRow>;

/** Calls under way at a time: few, so that a full queue is met. */
const CAPACITY = 3;

export function addStage(
  stream: DataStream<Item>,
  stage: FunctionStage | AsyncStage,
): SingleOutputStreamOperator<Item> {
  switch (stage) {
    case 'map':
      return stream.map(mapItem);
    case 'filter':
      return stream.filter(keepsItem);
    case 'flatMap':
      return stream.flatMap<Item>((item, out) => {
        for (const each of splitItem(item)) out.collect(each);
      });
    case 'orderedWait':
      return AsyncDataStream.orderedWait(stream, askService, 0, CAPACITY);
    case 'unorderedWait':
      return AsyncDataStream.unorderedWait(stream, askService, 0, CAPACITY);
  }
}

export function partition(stream: DataStream<Item>, stage: PartitioningStage): DataStream<Item> {
  switch (stage) {
    case 'rebalance':
      return stream.rebalance();
    case 'rescale':
      return stream.rescale();
    case 'shuffle':
      return stream.shuffle();
    case 'global':
      return stream.global();
  }
}

/** What the job does with its records; `other` is the second input, if the work has one. */
export function buildWork(stream: DataStream<Item>, other: DataStream<Item>, plan: Plan): Rows {
  const { work } = plan;
  if (work.type === 'stateless') return stream.map(toRow);
  const keyed = stream.keyBy(keyOf);
  switch (work.type) {
    case 'count':
      return buildCount(keyed, other.keyBy(keyOf), work);
    case 'bucket':
      return keyed.process(new Bucket(work.sizeMs));
    case 'flush': {
      const { everyMs, state } = work;
      return keyed.process(state === 'list' ? new FlushList(everyMs) : new Flush(everyMs));
    }
    case 'join':
      return keyed
        .intervalJoin(other.keyBy(keyOf))
        .between(work.lowerMs, work.upperMs)
        .process(new JoinPair());
    case 'window':
      return buildWindow(stream, other, work);
  }
}

function keyOf({ key }: Item): string {
  return key;
}

function buildCount(
  keyed: KeyedStream<Item, string>,
  other: KeyedStream<Item, string>,
  { state, ttlMs }: Extract<Plan['work'], { type: 'count' }>,
): Rows {
  switch (state) {
    case 'value':
      return keyed.process(new CountUp(ttlMs));
    case 'reducing':
      return keyed.process(new CountReduced(ttlMs));
    case 'aggregating':
      return keyed.process(new CountAggregated(ttlMs));
    case 'connected':
      return keyed.connect(other).process(new CountBoth(ttlMs));
  }
}

function buildWindow(stream: DataStream<Item>, other: DataStream<Item>, work: WindowWork): Rows {
  const { shape, latenessMs, contents } = work;
  if (contents === 'coGroup') {
    return stream
      .coGroup(other)
      .where(keyOf)
      .equalTo(keyOf)
      .window(assignerOf(shape, itemOfUnion))
      .allowedLateness(latenessMs)
      .apply<ResultRow>((left, right, out) => out.collect(toWindowRow([...left, ...right], shape)));
  }
  const keyed = stream.keyBy(keyOf);
  const assigner = assignerOf<Item>(shape, (item) => item);
  const windows: WindowedStream<Item, string> =
    shape.kind === 'count' ? keyed.countWindow(shape.sizeMs) : keyed.window(assigner);
  if (latenessMs > 0) windows.allowedLateness(latenessMs);
  if (work.hasLateOutput) windows.sideOutputLateData(LATE);
  if (work.hasTrigger) windows.trigger(EventTimeTrigger.create());
  switch (contents) {
    case 'aggregate':
      return windows.aggregate(collecting, new NameAggregate());
    case 'reduce':
      return windows.reduce(joinItems, new NameReduced());
    case 'process':
      return windows.process(new NameAll());
  }
}

function itemOfUnion(union: TaggedUnion<Item, Item>): Item {
  return 'one' in union ? union.one : union.two;
}

function assignerOf<T>(shape: WindowShape, itemOf: (value: T) => Item): WindowAssigner<T> {
  const { kind, sizeMs, slideMs, offsetMs } = shape;
  switch (kind) {
    case 'tumbling':
    case 'count':
      return TumblingEventTimeWindows.of(sizeMs, offsetMs);
    case 'sliding':
      return SlidingEventTimeWindows.of(sizeMs, slideMs, offsetMs);
    case 'session':
      return EventTimeSessionWindows.withGap(sizeMs);
    case 'dynamic-session':
      return EventTimeSessionWindows.withDynamicGap<T>((value) => gapOf(itemOf(value), shape));
    case 'wall-clock':
      return TumblingProcessingTimeWindows.of(sizeMs);
  }
}
