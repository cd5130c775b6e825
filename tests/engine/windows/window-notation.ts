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
  WATERMARK_MAX,
} from '#engine';
import type { Collector, Evictor, ProcessWindowContext, Trigger, WindowAssigner } from '#engine';
import { listingContents } from '../../../engine/operators/window-contents.ts';
import { defaultTriggerOf } from '../../../engine/operators/window-time-triggers.ts';
import { SessionWindowOperator } from '../../../engine/operators/session-window-operator.ts';
import { TriggeredWindowOperator } from '../../../engine/operators/window-triggered-operator.ts';
import { OperatorHarness } from './operator-harness.ts';

/**
 * Windows in one line: `session 5 ; count 3 ; - ; 0 ; 1 9 5 w40` reads windows, trigger, evictor,
 * allowed lateness and a script, all in seconds. In a script `9` is a record at second 9 of key k,
 * `a@9` one of key a, `9/2` one with a session gap of 2; `w9` is a watermark, `p9` the clock.
 * Results come after `=>`: what came at each word (in the order of the text), at last how many
 * entries of state and how many timers were left.
 */
export interface Item {
  readonly atMs: number;
  readonly gapMs: number;
}

const delta = (older: Item, newer: Item): number => (newer.atMs - older.atMs) / 1000;
const distance = (left: Item, right: Item): number => Math.abs(delta(left, right));

/** Runs the case before `=>`, and gives what belongs behind it. */
export function runCase(line: string, change?: (harness: OperatorHarness) => void): string {
  const [windows = '', trigger = '', evictor = '', lateness = '', script = ''] = line
    .split('=>', 1)
    .join('')
    .split(';')
    .map((part) => part.trim());
  const assigner = assignerOf(windows);
  const harness = new OperatorHarness(
    (context) =>
      new TriggeredWindowOperator(context, {
        assigner,
        trigger:
          trigger === '-'
            ? defaultTriggerOf(assigner.defaultTrigger)
            : triggerOf(trigger.split(' ')),
        evictor: evictor === '-' ? undefined : (evictorOf(evictor) as Evictor<unknown>),
        allowedLatenessMs: Number(lateness) * 1000,
        lateTagId: 'late',
        contents: listingContents(),
        windowFunction: new Show() as never,
      }),
  );
  return feed(harness, script, change);
}

/** The same on the operator for plain sessions: the settings but the gap are not used. */
export function runSessionCase(line: string, change?: (harness: OperatorHarness) => void): string {
  const [windows = '', , , , script = ''] = line.split('=>', 1).join('').split(';');
  const gapMs = millis(windows.trim().split(' ')[1] ?? '');
  const harness = new OperatorHarness(
    (context) =>
      new SessionWindowOperator(context, {
        gapMs,
        lateTagId: 'late',
        contents: listingContents(),
        windowFunction: new Show() as never,
      }),
  );
  return feed(harness, script.trim(), change);
}

/** Feeds a script to an operator; `change` is called after every word. */
export function feed(
  harness: OperatorHarness,
  script: string,
  change?: (harness: OperatorHarness) => void,
): string {
  const parts: string[] = [];
  for (const word of script.split(/\s+/)) {
    feedWord(harness, word);
    const news = harness.takeNews().map(({ tag, value }) => {
      return tag === undefined ? String(value) : `${tag} ${seconds((value as Item).atMs)}`;
    });
    if (news.length > 0) parts.push(`${word}: ${news.sort().join(', ')} | `);
    change?.(harness);
  }
  return `${parts.join('')}left ${harness.operator.entryCount()}`;
}

function feedWord(harness: OperatorHarness, word: string): void {
  if (word.startsWith('w')) {
    harness.watermark(millis(word.slice(1)));
  } else if (word.startsWith('p')) {
    harness.processingTime(millis(word.slice(1)));
  } else {
    const [first = '', second] = word.split('@');
    const [at = '', gap = '0'] = (second ?? first).split('/');
    const item: Item = { atMs: millis(at), gapMs: millis(gap) };
    harness.record(second === undefined ? 'k' : first, item, item.atMs);
  }
}

class Show extends ProcessWindowFunction<Item, string, string> {
  override process(
    key: string,
    context: ProcessWindowContext,
    elements: readonly Item[],
    out: Collector<string>,
  ): void {
    const { startMs, endMs } = context.window();
    const isGlobal = endMs > WATERMARK_MAX;
    const bounds = isGlobal ? 'global' : `[${seconds(startMs)},${seconds(endMs)})`;
    out.collect(`${bounds} ${key}=${elements.map(({ atMs }) => seconds(atMs)).join(' ')}`);
  }
}

export function assignerOf(text: string): WindowAssigner<Item> {
  const [name = '', first = '0', ...rest] = text.split(/[ /]/);
  const sizeMs = millis(first);
  const [secondMs = 0, thirdMs = 0] = rest.map(millis);
  const gap = ({ gapMs }: Item): number => gapMs;
  switch (name) {
    case 'tumbling':
      return TumblingEventTimeWindows.of(sizeMs, secondMs);
    case 'sliding':
      return SlidingEventTimeWindows.of(sizeMs, secondMs, thirdMs);
    case 'session':
      return first === 'dynamic'
        ? EventTimeSessionWindows.withDynamicGap(gap)
        : EventTimeSessionWindows.withGap(sizeMs);
    case 'clock-tumbling':
      return TumblingProcessingTimeWindows.of(sizeMs, secondMs);
    case 'clock-sliding':
      return SlidingProcessingTimeWindows.of(sizeMs, secondMs);
    case 'clock-session':
      return first === 'dynamic'
        ? ProcessingTimeSessionWindows.withDynamicGap(gap)
        : ProcessingTimeSessionWindows.withGap(sizeMs);
    case 'global':
      return GlobalWindows.create();
    case 'global-end':
      return GlobalWindows.createWithEndOfStreamTrigger();
    default:
      throw new Error(`unknown windows: ${text}`);
  }
}

export function triggerOf(words: readonly string[]): Trigger {
  const [name = '', first = '', ...rest] = words;
  switch (name) {
    case 'event':
      return EventTimeTrigger.create();
    case 'clock':
      return ProcessingTimeTrigger.create();
    case 'count':
      return CountTrigger.of(Number(first));
    case 'continuous':
      return ContinuousEventTimeTrigger.of(millis(first));
    case 'clock-continuous':
      return ContinuousProcessingTimeTrigger.of(millis(first));
    case 'delta':
      return DeltaTrigger.of(Number(first), delta) as Trigger;
    case 'purging':
      return PurgingTrigger.of(triggerOf(words.slice(1)));
    case 'timeout':
      return ProcessingTimeoutTrigger.of(triggerOf(rest), millis(first));
    case 'timeout-reset':
      return ProcessingTimeoutTrigger.of(triggerOf(rest), millis(first), true, true);
    case 'timeout-keep':
      return ProcessingTimeoutTrigger.of(triggerOf(rest), millis(first), false, false);
    default:
      throw new Error(`unknown trigger: ${words.join(' ')}`);
  }
}

function evictorOf(text: string): Evictor<Item> {
  const [name = '', number = ''] = text.split(' ');
  const amount = Number(number);
  switch (name) {
    case 'count':
      return CountEvictor.of(amount);
    case 'count-after':
      return CountEvictor.of(amount, true);
    case 'time':
      return TimeEvictor.of(amount * 1000);
    case 'time-after':
      return TimeEvictor.of(amount * 1000, true);
    case 'delta':
      return DeltaEvictor.of(amount, distance);
    case 'delta-after':
      return DeltaEvictor.of(amount, distance, true);
    default:
      throw new Error(`unknown evictor: ${text}`);
  }
}

function seconds(timeMs: number): string {
  return String(timeMs / 1000);
}

function millis(text: string): number {
  return text === 'max' ? WATERMARK_MAX : Math.round(Number(text) * 1000);
}
