import { describe, expect, test } from 'vitest';
import {
  KeyedProcessFunction,
  TraceReader,
  WatermarkStrategy,
  appendSink,
  logSource,
  simulate,
  sumsOf,
  tableOf,
} from '#engine';
import type { Collector, OnTimerContext, ProcessContext, Run } from '#engine';
import type { Item } from '../stream-notation.ts';
import { PerRecordWatermarks, count, stream, traceOf } from '../stream-notation.ts';
import { rowsOf, runCounting } from './counting-job.ts';

/** Questions that have one right answer, answered by running them. */
describe('time', () => {
  test('1, 4, 11, 12 with 2 s of delay: [0,10) comes with 12, not with 11', () => {
    expect(count('1 4 11', { sizeS: 10, delayS: 2 })).toEqual([]);
    expect(count('1 4 11 12', { sizeS: 10, delayS: 2 })).toEqual(['[0,10) k=2']);
  });

  test('accumulating panes into a summing sink: 2 + 3 + 4 = 9 for four records', () => {
    const panes = count('1 4 12 9 13 8 17 7', { sizeS: 10, delayS: 2, latenessS: 5 });
    const sum = panes
      .filter((line) => line.startsWith('[0,10)'))
      .reduce((total, line) => total + Number(line.split('=')[1]), 0);
    expect(sum).toBe(9);
  });
});

/** Registers a timer for each record at `value − 5 s`, and says when it fires. */
class Reminder extends KeyedProcessFunction<string, Item, string> {
  override processElement(item: Item, context: ProcessContext<string>): void {
    context.timerService().registerEventTimeTimer(item.atMs - 5000);
  }

  override onTimer(
    timestampMs: number,
    context: OnTimerContext<string>,
    out: Collector<string>,
  ): void {
    out.collect(`${context.getCurrentKey()} ${timestampMs / 1000}`);
  }
}

function remind(text: string, delayMs = 0): Run {
  return simulate({
    name: 'remind',
    seed: 1,
    logs: { in: { partitions: [stream(text)], isBounded: false } },
    cluster: { taskManagers: 1, slotsPerTaskManager: 1 },
    faults: [],
    trace: 'full',
    job: (env) => {
      const strategy = WatermarkStrategy.forGenerator<Item>(() => new PerRecordWatermarks(delayMs));
      env
        .fromSource(logSource<Item>('in'), strategy, 'in')
        .keyBy((item) => item.key)
        .process(new Reminder())
        .sinkTo(appendSink({ name: 'out' }));
    },
  });
}

describe('timers', () => {
  const fired = (text: string): unknown[] =>
    (remind(text, 10_000).sinks['out'] ?? []).map(({ row }) => row);

  test('the same timer three times for one key fires once; for three keys, three times', () => {
    expect(fired('a@8 a@8 a@8 z@20')).toEqual(['a 3']);
    expect(fired('a@8 b@8 c@8 z@20')).toEqual(['a 3', 'b 3', 'c 3']);
  });

  test('a timer behind the watermark fires when the watermark moves next', () => {
    const run = remind('a@20 b@4 a@20 a@21');
    const reader = new TraceReader(traceOf(run));
    const row = reader.nextRow(-1, ['timer-fired']);
    // The first, at 15 s, is due with the watermark of its own record; b's, at −1 s, and the next
    // one of a wait for the watermark of 21 s, and fire before the timer that comes with it.
    const times: string[] = [];
    for (let at = row; at !== -1; at = reader.nextRow(at, ['timer-fired'])) {
      const event = reader.event(at);
      times.push(`${reader.keyText(event.key)}@${event.atMs / 1000}`);
    }
    expect(times).toEqual(['a@1', 'b@4', 'a@4', 'a@4']);
  });
});

describe('ten records, a checkpoint after the fifth, a crash after the eighth', () => {
  const run = runCounting({
    partitions: ['k@1 k@2 k@3 k@4 k@5 k@6 k@7 k@8 k@9 k@10'],
    configuration: { 'execution.checkpointing.interval': 4500 },
    faults: [{ type: 'job-manager-crash', when: { atMs: 8500 } }],
  });

  test('a plain sink gets 13 writes, of which three are duplicates', () => {
    const written = rowsOf(run, 'append').split(' ');
    expect(written).toHaveLength(13);
    const seen = written.filter((row, place) => written.indexOf(row) !== place);
    expect(seen).toEqual(['k=6', 'k=7', 'k=8']);
  });

  test('in transactions, read_committed sees 10 and read_uncommitted 13', () => {
    expect(rowsOf(run, 'transactional').split(' ')).toHaveLength(10);
    const reader = new TraceReader(traceOf(run));
    const sink = reader.trace.header.sinks.findIndex(({ kind }) => kind === 'transactional');
    const last = reader.frameAt(reader.rowCount - 1);
    expect(last.sinks[sink]?.writes).toHaveLength(13);
  });

  test('an upsert by key is right, a counter that adds is three too high', () => {
    expect(tableOf(run.sinks['upsert'] ?? [])[0]?.row).toEqual({ key: 'k', count: 10 });
    expect(sumsOf(run.sinks['increment'] ?? [])[0]?.row).toBe(13);
  });
});
