import {
  ContinuousEventTimeTrigger,
  CountTrigger,
  EventTimeSessionWindows,
  GlobalWindows,
  KeyedBroadcastProcessFunction,
  KeyedCoProcessFunction,
  KeyedProcessFunction,
  MapStateDescriptor,
  ProcessWindowFunction,
  SlidingEventTimeWindows,
  TumblingEventTimeWindows,
  TumblingProcessingTimeWindows,
  ValueStateDescriptor,
  WatermarkStrategy,
  appendSink,
  days,
  logSource,
  seconds,
  simulateBatch,
} from '#engine';
import type {
  Collector,
  DataStream,
  KeyedBroadcastReadContext,
  KeyedBroadcastWriteContext,
  KeyedStream,
  LogRecord,
  OnTimerContext,
  ProcessContext,
  ProcessWindowContext,
  StreamExecutionEnvironment,
  TimerService,
  ValueState,
} from '#engine';
import type { BatchConformance, Kind } from './scenario.ts';

const nameOf = (word: string): string => word.split(':')[0]!;
const keyOf = (word: string): string => word.split('@')[0]!;

function clock(watermarkMs: number): string {
  if (watermarkMs === Number.MAX_SAFE_INTEGER) return 'end';
  return watermarkMs === Number.MIN_SAFE_INTEGER ? 'none' : String(watermarkMs);
}

function obey(word: string, timers: TimerService): void {
  for (const order of word.split(':').slice(1)) {
    const timeMs = seconds(Number(order.slice(1)));
    switch (order[0]) {
      case 'e':
        timers.registerEventTimeTimer(timeMs);
        break;
      case 'p':
        timers.registerProcessingTimeTimer(timeMs);
        break;
      case 'd':
        timers.deleteEventTimeTimer(timeMs);
        break;
      default:
        timers.deleteProcessingTimeTimer(timeMs);
    }
  }
}

class Script extends KeyedProcessFunction<string, string, string> {
  #count!: ValueState<number>;

  override open(): void {
    this.#count = this.getRuntimeContext().getState(new ValueStateDescriptor<number>('count'));
  }

  override processElement(
    word: string,
    context: ProcessContext<string>,
    out: Collector<string>,
  ): void {
    const count = (this.#count.value() ?? 0) + 1;
    this.#count.update(count);
    const timers = context.timerService();
    out.collect(`${nameOf(word)} #${count} ${clock(timers.currentWatermark())}`);
    obey(word, timers);
  }

  override onTimer(timeMs: number, context: OnTimerContext<string>, out: Collector<string>): void {
    const domain = context.timeDomain().split('-')[0];
    const timers = context.timerService();
    const where = `${context.getCurrentKey()} #${this.#count.value()}`;
    out.collect(`${domain} timer ${timeMs / 1000} ${where} ${clock(timers.currentWatermark())}`);
    timers.registerEventTimeTimer(timeMs + 1000);
    timers.registerProcessingTimeTimer(timeMs + 1000);
  }
}

class TwoSides extends KeyedCoProcessFunction<string, string, string, string> {
  override processElement1(
    word: string,
    context: ProcessContext<string>,
    out: Collector<string>,
  ): void {
    out.collect(`left ${nameOf(word)}`);
    obey(word, context.timerService());
  }

  override processElement2(
    word: string,
    context: ProcessContext<string>,
    out: Collector<string>,
  ): void {
    out.collect(`right ${nameOf(word)}`);
    obey(word, context.timerService());
  }

  override onTimer(timeMs: number, context: OnTimerContext<string>, out: Collector<string>): void {
    out.collect(`timer ${timeMs / 1000} ${context.getCurrentKey()}`);
  }
}

const RULES = new MapStateDescriptor<string, number>('rules');

class Rules extends KeyedBroadcastProcessFunction<string, string, string, string> {
  override processElement(
    word: string,
    context: KeyedBroadcastReadContext<string>,
    out: Collector<string>,
  ): void {
    const known = [...context.getBroadcastState(RULES).immutableEntries()].length;
    out.collect(`${nameOf(word)} knows ${known}`);
  }

  override processBroadcastElement(
    word: string,
    context: KeyedBroadcastWriteContext<string>,
  ): void {
    context.getBroadcastState(RULES).put(nameOf(word), 1);
  }
}

class Contents extends ProcessWindowFunction<string, string, string> {
  override process(
    key: string,
    context: ProcessWindowContext,
    records: readonly string[],
    out: Collector<string>,
  ): void {
    const { startMs, endMs } = context.window();
    const isBounded = endMs < Number.MAX_SAFE_INTEGER;
    const bounds = isBounded ? [`[${startMs / 1000},${endMs / 1000})`] : [];
    const words = [key, ...bounds, ...records.map(nameOf), clock(context.currentWatermark())];
    out.collect(words.join(' '));
  }
}

type Words = KeyedStream<string, string>;

function windowed(keyed: Words, kind: Kind): DataStream<string> {
  const contents = new Contents();
  switch (kind) {
    case 'tumbling':
      return keyed.window(TumblingEventTimeWindows.of(seconds(5))).process(contents);
    case 'sliding':
      return keyed.window(SlidingEventTimeWindows.of(seconds(6), seconds(2))).process(contents);
    case 'sessions':
      return keyed.window(EventTimeSessionWindows.withGap(seconds(3))).process(contents);
    case 'continuous':
      return keyed
        .window(TumblingEventTimeWindows.of(seconds(6)))
        .trigger(ContinuousEventTimeTrigger.of(seconds(2)))
        .process(contents);
    case 'processing-time':
      return keyed.window(TumblingProcessingTimeWindows.of(days(36_500))).process(contents);
    default:
      return keyed.window(GlobalWindows.create()).trigger(CountTrigger.of(2)).process(contents);
  }
}

function emittedBy(
  { kind }: BatchConformance,
  keyed: Words,
  other: () => DataStream<string>,
): DataStream<string> {
  switch (kind) {
    case 'process':
      return keyed.process(new Script());
    case 'connected':
      return keyed.connect(other().keyBy(keyOf)).process(new TwoSides());
    case 'broadcast':
      return keyed.connect(other().broadcast(RULES)).process(new Rules());
    default:
      return windowed(keyed, kind);
  }
}

/** The stream of a line, with a record's second as its timestamp. */
function recordsOf(text = ''): LogRecord<string>[] {
  const words = text.split(' ').filter((word) => word !== '');
  return words.map((value, place) => ({
    value,
    timestampMs: seconds(Number(nameOf(value).split('@')[1])),
    arrivalMs: place,
  }));
}

/** What the engine emits for a scenario, as it is recorded from Flink. */
export function replay(scenario: BatchConformance, trace: 'full' | 'none'): string {
  const [first, second] = scenario.streams;
  const run = simulateBatch({
    name: 'conformance',
    seed: 1,
    logs: { one: { partitions: [recordsOf(first)] }, two: { partitions: [recordsOf(second)] } },
    cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
    trace,
    job: (env: StreamExecutionEnvironment) => {
      const read = (log: string): DataStream<string> => {
        const strategy = WatermarkStrategy.forMonotonousTimestamps<string>();
        return env.fromSource(logSource<string>(log), strategy, log);
      };
      const emitted = emittedBy(scenario, read('one').keyBy(keyOf), () => read('two'));
      emitted.sinkTo(appendSink({ name: 'out' }));
    },
  });
  if (run.failure !== undefined) return `failed: ${run.failure.message}`;
  return run.sinks['out']!.map(({ row }) => row).join(', ');
}
