import { WATERMARK_MIN } from '../core/time.ts';
import type { Frame, SubtaskFrame } from './frame.ts';
import { timeText } from './narration.ts';
import type { TraceReader } from './reader.ts';

/** A window or timer that waits for the watermark. */
export interface PendingFiring {
  readonly key: number;
  /** Event time at which it fires. */
  readonly atMs: number;
  /** How far the watermark still is from it, in ms; Infinity before the first watermark. */
  readonly missingMs: number;
}

/** What keeps a subtask's watermark where it is. */
export interface WatermarkHolder {
  readonly channel: number;
  readonly fromSubtask: number;
  /** The split with the lowest watermark behind that channel, when it comes from a source. */
  readonly split: number | undefined;
  readonly why: 'behind' | 'no-data';
}

export interface SubtaskSilence {
  readonly subtask: number;
  readonly watermarkMs: number;
  readonly heldBy: WatermarkHolder | undefined;
  /** Nearest first. */
  readonly pending: readonly PendingFiring[];
}

/** Why nothing fires at a moment, by subtask, with sentences to show. */
export interface Silence {
  readonly subtasks: readonly SubtaskSilence[];
  readonly text: readonly string[];
}

const PENDING_SHOWN = 5;

/** Looks at the picture after `row` for what waits, and for what holds the watermark back. */
export function explainSilence(reader: TraceReader, row: number): Silence {
  const frame = reader.frameAt(row);
  const { header } = reader.trace;
  const subtasks: SubtaskSilence[] = [];
  const text: string[] = [];
  if (frame.status === 'restarting') text.push('The job is down: nothing runs until it restarts.');
  header.subtasks.forEach((info, subtask) => {
    const held = frame.subtasks[subtask];
    if (held === undefined || info.kind !== 'operator' || !held.isAlive) return;
    const pending = pendingOf(held);
    const heldBy = holderOf(reader, frame, subtask, held);
    if (heldBy === undefined && pending.length === 0) return;
    subtasks.push({ subtask, watermarkMs: held.watermarkMs, heldBy, pending });
    text.push(...sentences(reader, subtask, held, heldBy, pending));
  });
  if (text.length === 0) {
    text.push('Nothing waits: no window or timer is open, and no state asks for a later moment.');
  }
  return { subtasks, text };
}

function pendingOf(subtask: SubtaskFrame): PendingFiring[] {
  const { watermarkMs } = subtask;
  const pending: PendingFiring[] = [];
  const add = (key: number, atMs: number): void => {
    if (atMs <= watermarkMs) return;
    const missingMs = watermarkMs <= WATERMARK_MIN ? Infinity : atMs - watermarkMs;
    pending.push({ key, atMs, missingMs });
  };
  for (const window of subtask.windows.values()) add(window.key, window.endMs - 1);
  for (const timer of subtask.timers.values()) {
    if (timer.domain === 'event-time') add(timer.key, timer.timeMs);
  }
  return pending.sort((left, right) => left.atMs - right.atMs || left.key - right.key);
}

function holderOf(
  reader: TraceReader,
  frame: Frame,
  subtask: number,
  held: SubtaskFrame,
): WatermarkHolder | undefined {
  const { header } = reader.trace;
  let lowest: WatermarkHolder | undefined;
  let lowestMs = Infinity;
  for (const channel of header.channels) {
    if (channel.to !== subtask) continue;
    const watermarkMs = held.channelWatermarksMs[channel.index] ?? WATERMARK_MIN;
    if (watermarkMs >= lowestMs) continue;
    lowestMs = watermarkMs;
    lowest = {
      channel: channel.index,
      fromSubtask: channel.from,
      split: slowestSplit(reader, frame, channel.from),
      why: watermarkMs <= WATERMARK_MIN ? 'no-data' : 'behind',
    };
  }
  return lowest;
}

function slowestSplit(reader: TraceReader, frame: Frame, source: number): number | undefined {
  let slowest: number | undefined;
  let lowestMs = Infinity;
  reader.trace.header.splits.forEach((info, split) => {
    const state = frame.splits[split];
    if (info.subtask !== source || state === undefined) return;
    if (state.isIdle || state.isFinished || state.watermarkMs >= lowestMs) return;
    // A child shard that waits for its parents, or a partition that is not found yet.
    if (state.log.isOpened && state.log.reader < 0) return;
    lowestMs = state.watermarkMs;
    slowest = split;
  });
  return slowest;
}

function sentences(
  reader: TraceReader,
  subtask: number,
  held: SubtaskFrame,
  heldBy: WatermarkHolder | undefined,
  pending: readonly PendingFiring[],
): string[] {
  const who = reader.subtaskText(subtask);
  const first = pending[0];
  if (first === undefined) return [];
  const waiting = pending
    .slice(0, PENDING_SHOWN)
    .map(({ key, atMs }) => `${reader.keyText(key)} at ${timeText(atMs)}`)
    .join(', ');
  const more = pending.length > PENDING_SHOWN ? ` and ${pending.length - PENDING_SHOWN} more` : '';
  const result = [`${who} waits to fire ${waiting}${more}.`];
  if (held.watermarkMs <= WATERMARK_MIN) {
    result.push(`Its watermark has not begun: ${holderText(reader, heldBy)} has sent none.`);
  } else {
    const missing = `${first.missingMs / 1000} s short of the first`;
    result.push(
      `Its watermark is ${timeText(held.watermarkMs)}, ${missing}; ` +
        `${holderText(reader, heldBy)} holds it there.`,
    );
  }
  return result;
}

function holderText(reader: TraceReader, heldBy: WatermarkHolder | undefined): string {
  if (heldBy === undefined) return 'no input';
  const from = reader.subtaskText(heldBy.fromSubtask);
  const info = heldBy.split === undefined ? undefined : reader.trace.header.splits[heldBy.split];
  return info === undefined ? from : `${info.log}-${info.partition} (read by ${from})`;
}
