import { WATERMARK_MIN } from '../core/time.ts';
import type { Frame, SinkFrame, SplitFrame, SubtaskFrame } from './frame.ts';
import type { Trace } from './trace.ts';

/** A split before anything was read. */
export const EMPTY_SPLIT: SplitFrame = {
  offset: 0,
  watermarkMs: WATERMARK_MIN,
  isIdle: false,
  isFinished: false,
  log: {
    startOffset: 0,
    endOffset: 0,
    highWatermark: 0,
    lastStableOffset: 0,
    recordCount: 0,
    committedOffset: undefined,
    reader: -1,
    openProducers: [],
    leader: 0,
    leaderEpoch: 0,
    isOpened: false,
    isClosed: false,
  },
};

/** A sink before the first write. */
export const EMPTY_SINK: SinkFrame = {
  writes: [],
  table: new Map(),
  transactions: new Map(),
  commits: [],
  files: new Map(),
  versions: [],
};

/** A subtask that holds nothing. */
export function emptySubtask(trace: Trace, id: number): SubtaskFrame {
  const inputCount = trace.header.channels.filter((channel) => channel.to === id).length;
  return {
    isAlive: trace.header.subtasks[id]?.epoch === 0,
    isFinished: false,
    watermarkMs: WATERMARK_MIN,
    channelWatermarksMs: Array.from({ length: inputCount }, () => WATERMARK_MIN),
    blockedChannels: Array.from({ length: inputCount }, () => false),
    isOutputBlocked: false,
    windows: new Map(),
    state: new Map(),
    timers: new Map(),
    calls: new Map(),
    recordsIn: 0,
    recordsOut: 0,
    droppedLateCount: 0,
  };
}

/** The picture before the first fact. */
export function emptyFrame(trace: Trace): Frame {
  const { header } = trace;
  return {
    row: -1,
    atMs: trace.rowCount === 0 ? 0 : (trace.columns.atMs[0] as number),
    status: 'running',
    attempt: 0,
    subtasks: header.subtasks.map((_, id) => emptySubtask(trace, id)),
    splits: header.splits.map(() => EMPTY_SPLIT),
    checkpoints: new Map(),
    sinks: header.sinks.map(() => EMPTY_SINK),
    tasks: new Map(),
  };
}
