import {
  KeyedBroadcastProcessFunction,
  KeyedCoProcessFunction,
  KeyedProcessFunction,
  MapStateDescriptor,
  OutputTag,
} from '#engine';
import type {
  Collector,
  KeyedBroadcastReadContext,
  KeyedBroadcastTimerContext,
  KeyedBroadcastWriteContext,
  OnTimerContext,
  ProcessContext,
} from '#engine';
import * as broadcasting from '../../../engine/operators/broadcast-process-operator.ts';
import { KeyedCoProcessOperator } from '../../../engine/operators/keyed-co-process-operator.ts';
import { KeyedProcessOperator } from '../../../engine/operators/keyed-process-operator.ts';
import type { Operator, OperatorContext } from '../../../engine/operators/operator.ts';
import { timeText } from './item.ts';
import type { Item } from './item.ts';
import { Program, joined } from './program.ts';
import type { ProgramCall } from './program.ts';
import type { ProgramWork } from './scenario.ts';

const SIDE = new OutputTag<string>('side');
const RULES = new MapStateDescriptor<number, number>('rules');
/** The number that the actions of a timer work with. */
const TIMER_N = 7;

/** The engine's operator around a function that runs a program. */
export function programOperator(work: ProgramWork): (context: OperatorContext) => Operator {
  switch (work.type) {
    case 'process':
      return (context) => new KeyedProcessOperator(context, new Process(work) as never);
    case 'connected':
      return (context) => new KeyedCoProcessOperator(context, new Connected(work) as never);
    case 'broadcast':
      return (context) =>
        new broadcasting.KeyedBroadcastProcessOperator(context, new Broadcast(work) as never, [
          RULES as never,
        ]);
  }
}

type Context = Pick<ProcessContext<string>, 'timestamp' | 'timerService' | 'output'>;

function callOf(key: string, n: number, context: Context, out: Collector<string>): ProgramCall {
  return {
    n,
    timestampMs: context.timestamp(),
    timers: context.timerService(),
    out: (text) => out.collect(`${key} ${text}`),
    side: (text) => context.output(SIDE, `${key} ${text}`),
  };
}

function runRecord(
  program: Program,
  table: readonly (readonly string[])[],
  { key, n }: Item,
  context: Context,
  out: Collector<string>,
): void {
  program.run(table[n % table.length] ?? [], callOf(key, n, context, out));
}

function runTimer(
  program: Program,
  work: ProgramWork,
  timeMs: number,
  context: OnTimerContext<string> | KeyedBroadcastTimerContext<string>,
  out: Collector<string>,
): void {
  const key = context.getCurrentKey();
  const isEvent = context.timeDomain() === 'event-time';
  out.collect(`${key} timer ${isEvent ? 'EVENT_TIME' : 'PROCESSING_TIME'} ${timeMs}`);
  const actions = isEvent ? work.onEventTimer : work.onClockTimer;
  program.run(actions, callOf(key, TIMER_N, context, out));
}

class Process extends KeyedProcessFunction<string, Item, string> {
  readonly #work: ProgramWork;
  readonly #program: Program;

  constructor(work: ProgramWork) {
    super();
    this.#work = work;
    this.#program = new Program(work);
  }

  override open(): void {
    this.#program.open(this.getRuntimeContext());
  }

  override processElement(
    item: Item,
    context: ProcessContext<string>,
    out: Collector<string>,
  ): void {
    runRecord(this.#program, this.#work.first, item, context, out);
  }

  override onTimer(timeMs: number, context: OnTimerContext<string>, out: Collector<string>): void {
    runTimer(this.#program, this.#work, timeMs, context, out);
  }
}

class Connected extends KeyedCoProcessFunction<string, Item, Item, string> {
  readonly #work: ProgramWork;
  readonly #program: Program;

  constructor(work: ProgramWork) {
    super();
    this.#work = work;
    this.#program = new Program(work);
  }

  override open(): void {
    this.#program.open(this.getRuntimeContext());
  }

  override processElement1(
    item: Item,
    context: ProcessContext<string>,
    out: Collector<string>,
  ): void {
    runRecord(this.#program, this.#work.first, item, context, out);
  }

  override processElement2(
    item: Item,
    context: ProcessContext<string>,
    out: Collector<string>,
  ): void {
    runRecord(this.#program, this.#work.second, item, context, out);
  }

  override onTimer(timeMs: number, context: OnTimerContext<string>, out: Collector<string>): void {
    runTimer(this.#program, this.#work, timeMs, context, out);
  }
}

class Broadcast extends KeyedBroadcastProcessFunction<string, Item, Item, string> {
  readonly #work: ProgramWork;
  readonly #program: Program;

  constructor(work: ProgramWork) {
    super();
    this.#work = work;
    this.#program = new Program(work);
  }

  override open(): void {
    this.#program.open(this.getRuntimeContext());
  }

  override processElement(
    item: Item,
    context: KeyedBroadcastReadContext<string>,
    out: Collector<string>,
  ): void {
    runRecord(this.#program, this.#work.first, item, context, out);
    out.collect(`${item.key} rule ${context.getBroadcastState(RULES).get(item.n % 3)}`);
  }

  override processBroadcastElement(
    item: Item,
    context: KeyedBroadcastWriteContext<string>,
    out: Collector<string>,
  ): void {
    const { second } = this.#work;
    for (const action of second[item.n % second.length] ?? []) {
      this.#broadcast(action, item, context, out);
    }
  }

  override onTimer(
    timeMs: number,
    context: KeyedBroadcastTimerContext<string>,
    out: Collector<string>,
  ): void {
    runTimer(this.#program, this.#work, timeMs, context, out);
    out.collect(`${context.getCurrentKey()} rule ${context.getBroadcastState(RULES).get(1)}`);
  }

  #broadcast(
    action: string,
    { n }: Item,
    context: KeyedBroadcastWriteContext<string>,
    out: Collector<string>,
  ): void {
    const rules = context.getBroadcastState(RULES);
    const { valueDescriptor } = this.#program;
    if (action === 'rules.put') rules.put(n % 3, n);
    else if (action === 'rules.remove') rules.remove(n % 3);
    else if (action === 'rules.clear') rules.clear();
    else if (action === 'rules.all') out.collect(`rules=${joined(rules.immutableEntries())}`);
    else if (action === 'keyed.clear') {
      context.applyToKeyedState(valueDescriptor, (_key, state) => state.clear());
    } else if (action === 'keyed.show') {
      const shown: string[] = [];
      context.applyToKeyedState(valueDescriptor, (key, state) =>
        shown.push(`${key}=${state.value()}`),
      );
      out.collect(`keyed={${shown.sort().join(', ')}}`);
    } else {
      const watermark = timeText(context.currentWatermark());
      context.output(SIDE, `now ${context.currentProcessingTime()} watermark ${watermark}`);
    }
  }
}
