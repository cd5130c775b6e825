import { describe, expect, test } from 'vitest';
import {
  AsyncDataStream,
  ConfigError,
  ExponentialBackoffDelayRetryStrategyBuilder,
  FixedDelayRetryStrategyBuilder,
  RetryPredicates,
  RichAsyncFunction,
  TraceReader,
  ValueStateDescriptor,
  WatermarkStrategy,
  appendSink,
  explainOutput,
  logSource,
  simulate,
} from '#engine';
import type {
  AsyncRetryStrategy,
  ExternalService,
  LogRecord,
  OpenContext,
  ResultFuture,
  Run,
  Scenario,
  WatermarkOutput,
} from '#engine';
import { traceOf } from '../stream-notation.ts';

interface Word {
  readonly name: string;
  readonly mark: number | undefined;
}

/** `a b W1 c`: records and a watermark, all at 0 ms; `t5` lets 5 ms come before what follows. */
function log(script: string): LogRecord<Word>[] {
  const records: LogRecord<Word>[] = [];
  let arrivalMs = 0;
  for (const name of script.split(' ')) {
    if (/^t\d/.test(name)) arrivalMs = Number(name.slice(1));
    else {
      const mark = name.startsWith('W') ? Number(name.slice(1)) : undefined;
      records.push({ value: { name, mark }, timestampMs: records.length, arrivalMs });
    }
  }
  return records;
}

/** What a service answers to each attempt: `5? 0x 3!` nothing, an error, the name; `-` never. */
type Answers = Readonly<Record<string, string>>;

class Ask extends RichAsyncFunction<Word, string> {
  readonly answers: Answers;
  readonly fallback: boolean;
  readonly attempts: Record<string, number> = {};

  constructor(answers: Answers, fallback: boolean) {
    super();
    this.answers = answers;
    this.fallback = fallback;
  }

  override open(_context: OpenContext): void {
    if (this.answers['state'] === undefined) return;
    this.getRuntimeContext().getState(new ValueStateDescriptor<number>('n'));
  }

  override asyncInvoke(
    { name }: Word,
    future: ResultFuture<string>,
    service: ExternalService,
  ): void {
    const attempt = (this.attempts[name] ?? 0) + 1;
    this.attempts[name] = attempt;
    const plans = (this.answers[name] ?? '1!').split(' ');
    const plan = plans[Math.min(attempt, plans.length) - 1] as string;
    if (plan === '-') return;
    const answer = (): void => {
      if (plan.endsWith('x')) future.completeExceptionally(new Error('boom'));
      else future.complete(plan.endsWith('?') ? [] : [name]);
    };
    const latencyMs = Number(plan.slice(0, -1));
    if (plan.startsWith('now')) answer();
    else service.after(latencyMs, answer);
  }

  override timeout(word: Word, future: ResultFuture<string>): void {
    if (this.fallback) future.complete([`${word.name}-fallback`]);
    else super.timeout(word, future);
  }
}

interface AskOptions {
  readonly answers?: Answers;
  readonly isOrdered?: boolean;
  readonly capacity?: number;
  readonly timeoutMs?: number;
  readonly retry?: AsyncRetryStrategy<string>;
  readonly fallback?: boolean;
  readonly isBounded?: boolean;
  readonly checkpointMs?: number;
  /** A task of its own, behind a channel. */
  readonly isAlone?: boolean;
}

function scenarioOf(
  script: string,
  options: AskOptions,
  overrides: Partial<Scenario> = {},
): Scenario {
  const { answers = {}, isOrdered = false, capacity = 100, timeoutMs = 0, retry } = options;
  const marks = {
    onEvent: ({ mark }: Word, _ms: number, output: WatermarkOutput): void => {
      if (mark !== undefined) output.emitWatermark(mark);
    },
    onPeriodicEmit: (): void => undefined,
  };
  return {
    name: 'async',
    seed: 1,
    logs: { in: { partitions: [log(script)], isBounded: options.isBounded ?? false } },
    cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
    faults: [],
    trace: 'full',
    job: (env) => {
      // Pauses of exactly a second keep the timelines legible.
      env.configure({ 'restart-strategy.exponential-delay.jitter-factor': 0 });
      if (options.checkpointMs !== undefined) env.enableCheckpointing(options.checkpointMs);
      const words = env
        .fromSource(
          logSource<Word>('in'),
          WatermarkStrategy.forGenerator<Word>(() => marks),
          'in',
        )
        .filter(({ mark }) => mark === undefined);
      const ask = new Ask(answers, options.fallback ?? false);
      const asked =
        retry === undefined
          ? AsyncDataStream[isOrdered ? 'orderedWait' : 'unorderedWait'](
              words,
              ask,
              timeoutMs,
              capacity,
            )
          : AsyncDataStream[isOrdered ? 'orderedWaitWithRetry' : 'unorderedWaitWithRetry'](
              words,
              ask,
              timeoutMs,
              retry,
              capacity,
            );
      if (options.isAlone === true) asked.startNewChain();
      asked.sinkTo(appendSink({ name: 'out' })).disableChaining();
    },
    ...overrides,
  };
}

/** What reaches the sink and when: `b@10 a@100 WM1@100`. */
function arrivals(run: Run): string {
  const reader = new TraceReader(traceOf(run));
  const lines: string[] = [];
  for (let row = 0; row < reader.rowCount; row += 1) {
    const { kind, subtask, a, atMs } = reader.event(row);
    if (kind === 'sink-written') {
      lines.push(`${(reader.valueAt(row) as { row: string }).row}@${atMs}`);
    }
    const isSink = reader.trace.header.subtasks[subtask]?.kind === 'sink';
    if (kind === 'watermark-advanced' && isSink && a < 1e15) lines.push(`WM${a}@${atMs}`);
  }
  return lines.join(' ');
}

/** When the service is asked about what: `a@0 b@0`. */
function requests(run: Run): string {
  const reader = new TraceReader(traceOf(run));
  const lines: string[] = [];
  for (let row = 0; row < reader.rowCount; row += 1) {
    const { kind, atMs } = reader.event(row);
    if (kind !== 'async-requested') continue;
    lines.push(`${(reader.valueAt(row) as unknown as Word).name}@${atMs}`);
  }
  return lines.join(' ');
}

const ask = (script: string, options: AskOptions): string =>
  arrivals(simulate(scenarioOf(script, options)));
const asked = (script: string, options: AskOptions): string =>
  requests(simulate(scenarioOf(script, options)));

const FOUR: Answers = { a: '100!', b: '10!', c: '1!', d: '50!' };

// The orders of this group were printed by AsyncWaitOperator of flink-runtime 2.3.0 in
// OneInputStreamOperatorTestHarness.
describe('order', () => {
  for (const isAlone of [false, true]) {
    const place = isAlone ? 'in a task of its own' : 'chained to its source';
    test(`unordered results leave as they come, but not past a watermark (${place})`, () => {
      const options = { answers: FOUR, isAlone };
      expect(ask('a b W1 c d', options)).toBe('b@10 a@100 WM1@100 c@100 d@100');
      expect(asked('a b W1 c d', options)).toBe('a@0 b@0 c@0 d@0');
    });

    test(`ordered results wait for the ones before (${place})`, () => {
      const options = { answers: FOUR, isAlone, isOrdered: true };
      expect(ask('a b W1 c d', options)).toBe('a@100 b@100 WM1@100 c@100 d@100');
    });
  }

  test('watermarks pass at once when nothing is under way, and together when something was', () => {
    expect(ask('a t5 W1 b t9 W2 c', { answers: { a: '2!', b: '1!' } })).toBe(
      'a@2 WM1@5 b@6 WM2@9 c@10',
    );
    expect(ask('a W1 W2 b', { answers: { a: '9!', b: '1!' } })).toBe('a@9 WM1@9 WM2@9 b@9');
  });

  test('no result is a result, and one can come at once', () => {
    expect(ask('a b W1', { answers: { a: 'now?', b: 'now!' }, isOrdered: true })).toBe('b@0 WM1@0');
  });
});

describe('capacity', () => {
  // The first two were printed by the same.
  test('a full queue lets nothing in, a watermark counts', () => {
    const answers = { a: '100!', b: '5!' };
    expect(asked('a W1 b', { answers, capacity: 1 })).toBe('a@0 b@100');
    expect(ask('a W1 b', { answers, capacity: 1 })).toBe('a@100 WM1@100 b@105');
  });

  test('unordered: who is done makes room', () => {
    const options = { answers: FOUR, capacity: 2 };
    expect(asked('a b c d', options)).toBe('a@0 b@0 c@10 d@11');
    expect(ask('a b c d', options)).toBe('b@10 c@11 d@61 a@100');
  });

  test('ordered: a slow one at the head keeps its place and those of all behind it', () => {
    const options = { answers: FOUR, capacity: 2, isOrdered: true };
    expect(asked('a b c d', options)).toBe('a@0 b@0 c@100 d@100');
  });

  test('throughput is capacity by latency', () => {
    const script = Array.from({ length: 1000 }, () => 'a').join(' ');
    const endOf = (capacity: number): number =>
      simulate(scenarioOf(script, { answers: { a: '20!' }, capacity, isBounded: true })).endMs;
    // 50 and 5,000 records a second.
    expect([endOf(1), endOf(100)]).toEqual([20_000, 200]);
  });

  test('the input waits: channels fill up behind it', () => {
    const options = { answers: { a: '100!' }, capacity: 1, isAlone: true };
    const run = simulate(scenarioOf('a a a a a a', options, { costs: { bufferRecords: 2 } }));
    const reader = new TraceReader(traceOf(run));
    const blocked = new Set<string>();
    for (let row = 0; row < reader.rowCount; row += 1) {
      const { kind, subtask } = reader.event(row);
      const { operator } = reader.trace.header.subtasks[subtask] ?? { operator: '' };
      if (kind === 'output-blocked') blocked.add(operator);
    }
    expect([...blocked]).toEqual(['async wait operator', 'in']);
  });
});

describe('timeout', () => {
  test('a function may answer instead', () => {
    const options = { answers: { a: '-', b: '50!' }, timeoutMs: 100, fallback: true };
    expect(ask('a b', { ...options, isOrdered: true })).toBe('a-fallback@100 b@100');
    expect(ask('a b', options)).toBe('b@50 a-fallback@100');
  });

  test('by default the job fails', () => {
    const run = simulate(scenarioOf('a', { answers: { a: '101!' }, timeoutMs: 100 }));
    expect(run.failure?.message).toBe(
      'Could not complete the stream element: Async function call has timed out.',
    );
    expect(run.endMs).toBe(100);
  });

  test('an answer at the last moment counts, one after it does not', () => {
    const options = { timeoutMs: 100, fallback: true };
    expect(ask('a', { ...options, answers: { a: '100!' } })).toBe('a@100');
    expect(ask('a', { ...options, answers: { a: '101!' } })).toBe('a-fallback@100');
  });

  test('an answered call leaves no timeout behind', () => {
    const run = simulate(scenarioOf('a', { answers: { a: '5!' }, timeoutMs: 5000 }));
    // Only the round of periodic watermarks is still waited for.
    expect(run.endMs).toBe(200);
  });

  test('an error fails the job', () => {
    const run = simulate(scenarioOf('a', { answers: { a: '5x' } }));
    expect(run.failure).toMatchObject({ type: 'function' });
    expect(run.failure?.message).toBe('Could not complete the stream element: boom');
  });
});

const fixed = (attempts: number, delayMs: number): AsyncRetryStrategy<string> =>
  new FixedDelayRetryStrategyBuilder<string>(attempts, delayMs)
    .ifResult(RetryPredicates.EMPTY_RESULT_PREDICATE)
    .ifException(RetryPredicates.HAS_EXCEPTION_PREDICATE)
    .build();

// The attempts of this group were printed by AsyncWaitOperator of flink-runtime 2.3.0.
describe('retry', () => {
  test('after a delay, at most so many times', () => {
    const options = { answers: { a: '5? 0?' }, timeoutMs: 1000, retry: fixed(2, 10) };
    expect(asked('a', options)).toBe('a@0 a@15 a@25');
    expect(ask('a W1', options)).toBe('WM1@25');
    expect(asked('a', { ...options, answers: { a: '0? 0!' } })).toBe('a@0 a@10');
  });

  test('an error that is not asked for again fails the job', () => {
    const retry = new FixedDelayRetryStrategyBuilder<string>(2, 10)
      .ifResult(RetryPredicates.EMPTY_RESULT_PREDICATE)
      .build();
    const options = { answers: { a: '0x' }, timeoutMs: 1000 };
    expect(simulate(scenarioOf('a', { ...options, retry })).failure?.message).toMatch(/boom/);
    const again = simulate(scenarioOf('a', { ...options, retry: fixed(1, 10) }));
    expect(requests(again)).toBe('a@0 a@10');
    expect(again.failure?.message).toMatch(/boom/);
  });

  test('the timeout covers all attempts and ends the waiting for the next', () => {
    const answers = { a: '5? 100!' };
    const options = { answers, timeoutMs: 12, retry: fixed(2, 10), fallback: true };
    expect(ask('a', options)).toBe('a-fallback@12');
    expect(asked('a', options)).toBe('a@0');
    const late = { ...options, timeoutMs: 20 };
    expect([asked('a', late), ask('a', late)]).toEqual(['a@0 a@15', 'a-fallback@20']);
  });

  test('the timeout is an error that is not asked for again', () => {
    const options = { answers: { a: '-' }, timeoutMs: 12, retry: fixed(2, 10) };
    const run = simulate(scenarioOf('a', options));
    expect(requests(run)).toBe('a@0');
    expect(run.failure?.message).toMatch(/has timed out/);
  });

  const growing = (): AsyncRetryStrategy<string> =>
    new ExponentialBackoffDelayRetryStrategyBuilder<string>(4, 10, 35, 2)
      .ifResult(RetryPredicates.EMPTY_RESULT_PREDICATE)
      .build();

  test('delays grow up to a limit', () => {
    const options = { answers: { a: '0?' }, timeoutMs: 1000, retry: growing() };
    expect(asked('a', options)).toBe('a@0 a@10 a@30 a@65 a@100');
  });

  test('the records of a subtask share the last delay', () => {
    const answers = { a: '0? 0? -', b: '10? 10? -' };
    const options = { answers, timeoutMs: 1000, retry: growing(), fallback: true };
    expect(asked('a b', options)).toBe('a@0 b@0 a@10 b@20 a@30 b@65');
  });

  test('at the end of the input nobody waits: one last attempt is made at once', () => {
    const options = { answers: { a: '5?' }, timeoutMs: 9000, retry: fixed(5, 5000) };
    const run = simulate(scenarioOf('a t100 b', { ...options, isBounded: true }));
    expect(requests(run)).toBe('a@0 b@100 a@100');
    expect(run).toMatchObject({ outcome: 'finished', endMs: 105 });
  });
});

describe('checkpoints', () => {
  const script = 'a b W1 c d t120 e f W5 g';
  const answers = { ...FOUR, e: '30!', f: '3!', g: '60!' };

  test('what is under way is asked for again after a restore', () => {
    const fault = { type: 'task-manager-crash', taskManager: 0, when: { atMs: 60 } } as const;
    const options = { answers: FOUR, checkpointMs: 50 };
    const run = simulate(scenarioOf('a b t200 c', options, { faults: [fault] }));
    // b had left before the checkpoint: it is not asked for again. a was under way.
    expect(requests(run)).toBe('a@0 b@0 a@1060 c@1060');
    expect(arrivals(run)).toBe('b@10 c@1061 a@1160');
  });

  test('a watermark that waits is part of the checkpoint', () => {
    const fault = { type: 'task-manager-crash', taskManager: 0, when: { atMs: 60 } } as const;
    const options = { answers: FOUR, checkpointMs: 50 };
    const run = simulate(scenarioOf('a W1 b t200 c', options, { faults: [fault] }));
    expect(arrivals(run)).toBe('a@1160 WM1@1160 c@1160 b@1160');
  });

  for (const isOrdered of [false, true]) {
    test(`nothing is lost by a crash at any step (${isOrdered ? '' : 'un'}ordered)`, () => {
      const options = { answers, checkpointMs: 20, capacity: 3, isBounded: true, isOrdered };
      const straight = simulate(scenarioOf(script, options));
      const written = (run: Run): string[] =>
        [...new Set((run.sinks['out'] ?? []).map(({ row }) => String(row)))].sort();
      expect(written(straight)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
      expect(straight.entriesLeft).toBe(0);
      for (let afterStep = 1; afterStep <= straight.stepCount; afterStep += 1) {
        const fault = { type: 'task-manager-crash', taskManager: 0, when: { afterStep } } as const;
        const run = simulate(scenarioOf(script, options, { faults: [fault], trace: 'none' }));
        expect({ afterStep, outcome: run.outcome, written: written(run) }).toEqual({
          afterStep,
          outcome: 'finished',
          written: written(straight),
        });
        expect(run.entriesLeft).toBe(0);
      }
    });
  }
});

describe('facts', () => {
  test('the frame shows what is under way, and an output its record', () => {
    const run = simulate(scenarioOf('a b', { answers: { a: '9!', b: '1!' }, isOrdered: true }));
    const reader = new TraceReader(traceOf(run));
    const rows = Array.from({ length: reader.rowCount }, (_, row) => reader.event(row));
    const answered = rows.find(({ kind }) => kind === 'async-answered')?.row ?? -1;
    const { calls } = reader.frameAt(answered).subtasks[2]!;
    expect([...calls.values()].map((call) => [call.eventTimeMs, call.isAnswered])).toEqual([
      [0, false],
      [1, true],
    ]);
    const last = rows.findLast(({ kind }) => kind === 'sink-written')?.row ?? -1;
    expect(reader.frameAt(last).subtasks[2]?.calls.size).toBe(0);
    const { records } = explainOutput(reader, last);
    expect(records.map((row) => reader.event(row).a)).toEqual([1]);
  });
});

describe('bad use', () => {
  test('capacity, timeout with retry, state, latency and results are checked', () => {
    expect(() => ask('a', { capacity: 0 })).toThrow(/should be greater than 0.*got 0/);
    expect(() => ask('a', { retry: fixed(1, 1) })).toThrow(/timeout should be configured/);
    expect(() => new FixedDelayRetryStrategyBuilder<string>(0, 1)).toThrow(ConfigError);
    const stateful = simulate(scenarioOf('a', { answers: { state: '' } }));
    expect(stateful.failure?.message).toMatch(/not supported in rich async functions/);
    const negative = simulate(scenarioOf('a', { answers: { a: '-5!' } }));
    expect(negative.failure?.message).toMatch(/latency.*-5/);
  });
});
