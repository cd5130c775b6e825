import { WATERMARK_MAX, WATERMARK_MIN } from '../core/time.ts';
import { narrateBatch } from './narrate-batches.ts';
import { narrateLog } from './narrate-logs.ts';
import { narrateProcessing } from './narrate-processing.ts';
import { narrateSink } from './narrate-sinks.ts';
import { narrateStage } from './narrate-stages.ts';
import type { TraceReader } from './reader.ts';
import type { TraceEvent } from './trace.ts';

/** The last moment that a JavaScript date can show. */
const DATE_MS_MAX = 8.64e15;

/** A time of either axis as people write it: `18:05:00`, with the day when it is not the first. */
export function timeText(timeMs: number): string {
  if (timeMs <= WATERMARK_MIN) return '−∞';
  if (timeMs >= WATERMARK_MAX) return '+∞';
  if (!(Math.abs(timeMs) < DATE_MS_MAX)) return `${timeMs} ms`;
  const date = new Date(timeMs).toISOString();
  const clock = date.slice(11, 19);
  const fraction = date.slice(20, 23);
  // Times near zero are those of small examples: seconds read better than a clock there.
  if (Math.abs(timeMs) < 86_400_000) return secondsText(timeMs);
  return fraction === '000' ? clock : `${clock}.${fraction}`;
}

function secondsText(timeMs: number): string {
  return `${timeMs / 1000} s`;
}

/** One plain sentence about a fact: who, what, and the numbers that matter. */
export function narrateEvent(reader: TraceReader, event: TraceEvent): string {
  const who = reader.subtaskText(event.subtask);
  const key = reader.keyText(event.key);
  const window = windowText(event.a, event.b);
  const value = shortJson(reader.valueAt(event.row));
  const split = splitText(reader, event.c);
  const time = timeText(event.a);
  switch (event.kind) {
    case 'job-started':
      return 'The job starts.';
    case 'record-read':
      return `${who} reads offset ${event.b} of ${split}: event time ${time}.`;
    case 'split-watermark':
      return `${split} expects nothing more up to ${time}: that is its watermark.`;
    case 'split-idle':
      return `${split} is declared idle and no longer holds the watermark.`;
    case 'split-active':
      return `${split} is active again.`;
    case 'watermark-emitted':
      return `${who} sends watermark ${timeText(event.a)} to everyone downstream.`;
    case 'record-received':
      return `${who} receives a record for ${key}: event time ${timeText(event.a)}.`;
    case 'watermark-received':
      return `${who} receives watermark ${timeText(event.a)} on input ${event.c}.`;
    case 'watermark-advanced':
      if (event.key >= 0) return keyClockText(who, key, event.a);
      return `${who} moves its event-time clock to ${time}, the smallest of its inputs.`;
    case 'record-dropped-late':
      return (
        `${who} drops a record for ${key}: ` +
        `event time ${time}, but the watermark is ${timeText(event.b)}.`
      );
    case 'side-output':
      return `${who} sends ${value} to the side output ${tagText(reader, event.c)}.`;
    case 'window-updated':
      return `${who} adds to the window ${window} of ${key}: ${value}.`;
    case 'window-fired':
      return `${who} fires the window ${window} of ${key}${paneText(event)}: ${value}.`;
    case 'window-merged':
      return `${who} makes ${mergedText(reader.valueAt(event.row))} of ${key} part of ${window}.`;
    case 'window-cleared':
      return `${who} clears the window ${window} of ${key}.`;
    case 'state-read':
      return `${who} reads ${stateText(reader, event)}.`;
    case 'state-updated':
      return `${who} sets ${stateText(reader, event)} to ${value}.`;
    case 'state-cleared':
      return `${who} clears ${stateText(reader, event)}.`;
    case 'state-expired':
      return `${who} finds that ${stateText(reader, event)} has expired at ${time}.`;
    default:
      return narrateRuntime(reader, event, who, key, value);
  }
}

const PANE_WORDS = ['early', 'on time', 'late'] as const;
const TIMER_WORDS = ['event-time', 'processing-time'] as const;

function windowText(startMs: number, endMs: number): string {
  return `[${timeText(startMs)}, ${timeText(endMs)})`;
}

/** Nothing for the global window, whose end never comes. */
function paneText({ b, c }: TraceEvent): string {
  return b > WATERMARK_MAX ? '' : ` ${PANE_WORDS[c] ?? ''}`;
}

function mergedText(value: unknown): string {
  const { from } = (value ?? {}) as { from?: { startMs: number; endMs: number } };
  return from === undefined ? 'a window' : windowText(from.startMs, from.endMs);
}

/** The window that a timer belongs to, if it does. */
function timerWindowText(value: unknown): string {
  const bounds = value as { startMs?: number; endMs?: number } | null;
  if (bounds?.startMs === undefined || bounds.endMs === undefined) return '';
  return ` in ${windowText(bounds.startMs, bounds.endMs)}`;
}

function narrateRuntime(
  reader: TraceReader,
  event: TraceEvent,
  who: string,
  key: string,
  value: string,
): string {
  const written = sinkRow(reader, event.row);
  const domain = TIMER_WORDS[event.c] ?? 'event-time';
  const ofWindow = timerWindowText(reader.valueAt(event.row));
  const timer = `${domain} timer ${timeText(event.a)} of ${key}${ofWindow}`;
  switch (event.kind) {
    case 'timer-set':
      return `${who} registers the ${timer}.`;
    case 'timer-deleted':
      return `${who} deletes the ${timer}.`;
    case 'timer-fired':
      return `${who} fires the ${timer}.`;
    case 'record-emitted':
      return `${who} emits ${value}.`;
    case 'sink-written':
      return `${sinkText(reader, event.c)} now holds write ${event.b + 1}: ${written}.`;
    case 'checkpoint-triggered':
      return `The coordinator triggers checkpoint ${event.a}.`;
    case 'barrier-emitted':
      return `${who} sends barrier ${event.a} behind everything it has emitted.`;
    case 'barrier-received':
      return `${who} receives barrier ${event.a} on input ${event.c}.`;
    case 'channel-blocked':
      return `${who} stops reading input ${event.c} until all inputs delivered barrier ${event.a}.`;
    case 'alignment-finished':
      return `${who} has barrier ${event.a} on all inputs.`;
    case 'snapshot-taken':
      return `${who} takes its snapshot for checkpoint ${event.a}: ${event.b} entries.`;
    case 'checkpoint-completed':
      return event.c === 1
        ? `Savepoint ${event.a} is complete. The job goes on as if it had not been taken.`
        : `Checkpoint ${event.a} is complete: a restore would start here.`;
    case 'checkpoint-aborted':
      return `Checkpoint ${event.a} is given up: ${value}.`;
    case 'task-manager-failed':
      return `Task manager ${event.c} dies. What its subtasks held in memory is gone.`;
    case 'job-restarting':
      return restartText(reader.valueAt(event.row));
    case 'subtask-restored':
      return event.a < 0
        ? `${who} starts empty: there is no checkpoint.`
        : `${who} gets its state of checkpoint ${event.a} back.`;
    case 'split-rewound':
      return `${splitText(reader, event.c)} will be read from offset ${event.b} again.`;
    case 'console':
      return `${who} writes to its console: ${value}`;
    case 'function-failed':
      return `The function in ${who} threw: ${value}`;
    case 'split-finished':
      return `${splitText(reader, event.c)} has no more records.`;
    case 'subtask-finished':
      return `${who} has seen the end of all its inputs.`;
    default:
      return narrateFlow(reader, event, who, value);
  }
}

function narrateFlow(reader: TraceReader, event: TraceEvent, who: string, value: string): string {
  switch (event.kind) {
    case 'split-paused':
      return `${splitText(reader, event.c)} is ahead of its group and is not read for now.`;
    case 'split-resumed':
      return `${splitText(reader, event.c)} is read again.`;
    case 'output-blocked':
      return `${who} must wait: an output is full. Back pressure.`;
    case 'output-unblocked':
      return `${who} can go on: its outputs have room again.`;
    case 'barrier-overtook':
      return `Barrier ${event.a} overtakes ${event.b} elements on input ${event.c} of ${who}.`;
    case 'subtask-disturbed':
      return `${who} is slowed down.`;
    case 'transaction-begun':
      return `${who} opens transaction ${event.d} of ${sinkText(reader, event.c)}.`;
    case 'transaction-prepared':
      return reader.trace.header.engine === 'batch'
        ? `${who} flushes transaction ${event.d}: the end of the job will decide on it.`
        : `${who} flushes transaction ${event.d}: checkpoint ${event.a} will decide on it.`;
    case 'transaction-committed':
      return event.b === 1
        ? `${who} commits transaction ${event.d} again: it was committed, nothing changes.`
        : `${who} commits transaction ${event.d}: its rows are visible now.`;
    case 'transaction-aborted':
      return `Transaction ${event.d} is aborted: ${value}.`;
    case 'job-finished':
      return 'The job has finished.';
    case 'job-failed':
      return `The job has failed: ${value}`;
    default:
      return (
        narrateProcessing(event, who, value, timeText) ??
        narrateBatch(reader, event, timeText) ??
        narrateStage(reader, event) ??
        narrateSink(reader, event, who) ??
        narrateLog(reader, event, splitText(reader, event.c)) ??
        `${who}: ${event.kind}`
      );
  }
}

/** Where input is sorted by key, event time ends and begins anew with each of them. */
function keyClockText(who: string, key: string, watermarkMs: number): string {
  return watermarkMs >= WATERMARK_MAX
    ? `${who} has all records of ${key}: its event-time clock goes to the end of time.`
    : `${who} goes on to ${key}: its event-time clock begins anew.`;
}

function splitText(reader: TraceReader, split: number): string {
  const info = reader.trace.header.splits[split];
  return info === undefined ? `split ${split}` : `${info.log}-${info.partition}`;
}

function sinkText(reader: TraceReader, sink: number): string {
  return `Sink ${reader.trace.header.sinks[sink]?.name ?? sink}`;
}

function stateText(reader: TraceReader, event: TraceEvent): string {
  const name = reader.trace.header.states[event.c]?.name ?? 'state';
  const entry = event.b >= 0 ? `[${reader.keyText(event.b)}]` : '';
  return event.key < 0 ? `${name}${entry}` : `${name}${entry} of ${reader.keyText(event.key)}`;
}

function sinkRow(reader: TraceReader, row: number): string {
  return shortJson((reader.valueAt(row) as { row?: unknown } | null)?.row ?? null);
}

function tagText(reader: TraceReader, tag: number): string {
  return reader.trace.header.outputTags[tag] ?? '';
}

function restartText(value: unknown): string {
  const checkpoint = (value as { checkpoint?: number | null } | null)?.checkpoint ?? null;
  return checkpoint === null
    ? 'The job restarts from the beginning: no checkpoint was complete.'
    : `The job restarts from checkpoint ${checkpoint}.`;
}

function shortJson(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
