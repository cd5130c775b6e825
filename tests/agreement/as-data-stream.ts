import {
  EventTimeSessionWindows,
  KeyedProcessFunction,
  ProcessJoinFunction,
  ProcessWindowFunction,
  SlidingEventTimeWindows,
  TumblingEventTimeWindows,
  ValueStateDescriptor,
  WatermarkStrategy,
  days,
  logSource,
  seconds,
  transactionalSink,
} from '#engine';
import type {
  AggregateFunction,
  Collector,
  DataStream,
  ProcessContext,
  ProcessJoinContext,
  ProcessWindowContext,
  StreamExecutionEnvironment,
  ValueState,
} from '#engine';
import type { Item, JobSpec } from './job-spec.ts';

/** A result of any work, as text. */
type Result = string;

interface Totals {
  readonly count: number;
  readonly sum: number;
  readonly least: number;
  readonly largest: number;
}

const NOTHING: Totals = { count: 0, sum: 0, least: Infinity, largest: -Infinity };

const totalling: AggregateFunction<Item, Totals, Totals> = {
  createAccumulator: () => NOTHING,
  add: ({ value }, totals) =>
    together(totals, { count: 1, sum: value, least: value, largest: value }),
  getResult: (totals) => totals,
  merge: together,
};

function together(left: Totals, right: Totals): Totals {
  return {
    count: left.count + right.count,
    sum: left.sum + right.sum,
    least: Math.min(left.least, right.least),
    largest: Math.max(left.largest, right.largest),
  };
}

class NameWindow extends ProcessWindowFunction<Totals, Result, string> {
  override process(
    key: string,
    context: ProcessWindowContext,
    [totals = NOTHING]: readonly Totals[],
    out: Collector<Result>,
  ): void {
    const { startMs, endMs } = context.window();
    const { count, sum, least, largest } = totals;
    out.collect(`${key} [${startMs},${endMs}) ${count} ${sum} ${least} ${largest}`);
  }
}

class RunningTotals extends KeyedProcessFunction<string, Item, Result> {
  #totals!: ValueState<Totals>;

  override open(): void {
    this.#totals = this.getRuntimeContext().getState(new ValueStateDescriptor<Totals>('totals'));
  }

  override processElement(item: Item, _: ProcessContext<string>, out: Collector<Result>): void {
    const totals = totalling.add(item, this.#totals.value() ?? NOTHING);
    this.#totals.update(totals);
    out.collect(`${item.key} ${totals.count} ${totals.sum} ${item.time}`);
  }
}

class FirstOnly extends KeyedProcessFunction<readonly (string | number)[], Item, Result> {
  #isKnown!: ValueState<boolean>;

  override open(): void {
    this.#isKnown = this.getRuntimeContext().getState(new ValueStateDescriptor<boolean>('known'));
  }

  override processElement(
    { key, value }: Item,
    _: ProcessContext<readonly (string | number)[]>,
    out: Collector<Result>,
  ): void {
    if (this.#isKnown.value() === true) return;
    this.#isKnown.update(true);
    out.collect(`${key} ${value}`);
  }
}

class PairUp extends ProcessJoinFunction<Item, Item, Result> {
  override processElement(
    left: Item,
    right: Item,
    _: ProcessJoinContext,
    out: Collector<Result>,
  ): void {
    out.collect(`${left.key} ${left.time} ${left.value} ${right.time} ${right.value}`);
  }
}

/** The job in the words of the DataStream API. Results go to the sink `out`. */
export function asDataStream(job: JobSpec): (env: StreamExecutionEnvironment) => void {
  return (env) => {
    env.setParallelism(job.parallelism);
    const read = (log: string): DataStream<Item> => {
      const strategy = WatermarkStrategy.forBoundedOutOfOrderness<Item>(seconds(2 * job.disorderS));
      const assigned = strategy.withTimestampAssigner(({ time }) => time);
      const items = env.fromSource(logSource<Item>(log), assigned, log);
      return job.keepsEvenOnly ? items.filter(({ value }) => value % 2 === 0) : items;
    };
    const items = job.isUnited ? read('left').union(read('right')) : read('left');
    // The last record comes a day later, and nothing is committed before it.
    const sink = transactionalSink<Result>({ name: 'out', transactionTimeoutMs: days(7) });
    results(job, items, () => read('right')).sinkTo(sink);
  };
}

function results(
  { work }: JobSpec,
  items: DataStream<Item>,
  others: () => DataStream<Item>,
): DataStream<Result> {
  const keyed = items.keyBy(({ key }) => key);
  switch (work.type) {
    case 'windows': {
      const { sizeS, slideS } = work;
      const windows =
        sizeS === slideS
          ? TumblingEventTimeWindows.of(seconds(sizeS))
          : SlidingEventTimeWindows.of(seconds(sizeS), seconds(slideS));
      return keyed.window(windows).aggregate(totalling, new NameWindow()).name('window');
    }
    case 'sessions': {
      const windows = EventTimeSessionWindows.withGap(seconds(work.gapS));
      return keyed.window(windows).aggregate(totalling, new NameWindow()).name('window');
    }
    case 'totals':
      return keyed.process(new RunningTotals()).name('totals');
    case 'distinct':
      return items.keyBy(({ key, value }) => [key, value]).process(new FirstOnly());
    case 'join':
      return keyed
        .intervalJoin(others().keyBy(({ key }) => key))
        .between(seconds(-work.beforeS), seconds(work.afterS))
        .process(new PairUp());
  }
}
