import { WATERMARK_MIN } from '../core/time.ts';
import { EMPTY_SINK, EMPTY_SPLIT, emptyFrame, emptySubtask } from './empty-frame.ts';
import type { CallFrame, CheckpointFrame, Frame } from './frame.ts';
import type { SplitFrame, StateFrame, SubtaskFrame, TimerFrame, WindowFrame } from './frame.ts';
import { foldCall } from './fold-calls.ts';
import { foldLog, isLogKind } from './fold-logs.ts';
import { SINK_FACTS, foldSink } from './fold-sinks.ts';
import { attemptSubtasks, foldTask } from './fold-tasks.ts';
import { hasEntries, stateId, timerId, windowId } from './frame-keys.ts';
import type { MergeValue } from './frame-keys.ts';
import { KIND, TIME_DOMAINS } from './kinds.ts';
import type { Json, Trace } from './trace.ts';

type Mutable<T> = { -readonly [field in keyof T]: T[field] };

/** What a snapshot keeps of a subtask: exactly what a restore brings back. */
type Snapshot = Pick<SubtaskFrame, 'windows' | 'state' | 'timers'>;

/** A frame together with the snapshots that later restores need. */
export interface FoldState {
  readonly frame: Frame;
  readonly snapshots: ReadonlyMap<string, Snapshot>;
}

/**
 * Folds the facts of a trace, one after another, into the picture after each.
 *
 * Simplified: frames share what did not change (copy on write by map), so handing one out is cheap
 * and a later step copies only the maps it touches. Invariant: a frame that was handed out never
 * changes.
 */
export class Fold {
  readonly #trace: Trace;
  #frame: Mutable<Frame>;
  #snapshots: Map<string, Snapshot>;
  /** Objects and maps made since the last hand-out: only these may be changed in place. */
  #owned = new Set<object>();
  readonly #owners = { split: this.#split.bind(this), subtask: this.#subtask.bind(this) };

  constructor(trace: Trace, from?: FoldState) {
    this.#trace = trace;
    this.#frame = from === undefined ? emptyFrame(trace) : { ...from.frame };
    this.#snapshots = new Map(from?.snapshots);
  }

  get row(): number {
    return this.#frame.row;
  }

  /** The picture now, with what a fold needs to go on from it. */
  handOut(): FoldState {
    return { frame: this.frame(), snapshots: new Map(this.#snapshots) };
  }

  /** The picture now. */
  frame(): Frame {
    this.#owned.clear();
    return { ...this.#frame };
  }

  /** Applies the facts up to and including `row`. */
  advanceTo(row: number): void {
    while (this.#frame.row < row) this.#apply(this.#frame.row + 1);
  }

  #apply(row: number): void {
    const { columns } = this.#trace;
    this.#frame.row = row;
    this.#frame.atMs = columns.atMs[row] as number;
    const kind = columns.kind[row] as number;
    if (this.#applyRecord(kind, row)) return;
    if (this.#applyState(kind, row)) return;
    if (isLogKind(kind)) foldLog(this.#trace, row, this.#owners);
    else this.#applyRuntime(kind, row);
  }

  /** Facts about records, watermarks, splits and sinks. */
  #applyRecord(kind: number, row: number): boolean {
    const { a, b, c } = this.#trace.columns;
    switch (kind) {
      case KIND['record-read']: {
        const split = this.#split(c[row] as number);
        split.offset = (b[row] as number) + 1;
        this.#subtask(row).recordsOut += 1;
        return true;
      }
      case KIND['split-watermark']: {
        const split = this.#split(c[row] as number);
        split.watermarkMs = a[row] as number;
        split.isIdle = false;
        return true;
      }
      case KIND['split-idle']:
      case KIND['split-active']:
        this.#split(c[row] as number).isIdle = kind === KIND['split-idle'];
        return true;
      case KIND['split-finished']:
        this.#split(c[row] as number).isFinished = true;
        return true;
      case KIND['split-rewound']: {
        const split = this.#split(c[row] as number);
        split.offset = b[row] as number;
        split.log = { ...split.log, reader: this.#trace.columns.subtask[row] as number };
        split.watermarkMs = WATERMARK_MIN;
        split.isFinished = false;
        split.isIdle = false;
        return true;
      }
      case KIND['record-received']:
        this.#subtask(row).recordsIn += 1;
        return true;
      case KIND['record-emitted']:
        this.#subtask(row).recordsOut += 1;
        return true;
      case KIND['record-dropped-late']:
        this.#subtask(row).droppedLateCount += 1;
        return true;
      case KIND['watermark-received']: {
        const subtask = this.#subtask(row);
        subtask.channelWatermarksMs = subtask.channelWatermarksMs.map((watermarkMs, channel) =>
          channel === c[row] ? (a[row] as number) : watermarkMs,
        );
        return true;
      }
      case KIND['watermark-emitted']:
      case KIND['watermark-advanced']:
        this.#subtask(row).watermarkMs = a[row] as number;
        return true;
      case KIND['sink-written']:
        this.#foldSink(row);
        return true;
      default:
        return false;
    }
  }

  /** Facts about windows, keyed state and timers. */
  #applyState(kind: number, row: number): boolean {
    const { a, b, c, key } = this.#trace.columns;
    const keyId = key[row] as number;
    switch (kind) {
      case KIND['window-updated']: {
        const windows = this.#windows(row);
        const id = windowId(keyId, a[row] as number, b[row] as number);
        windows.set(id, {
          key: keyId,
          startMs: a[row] as number,
          endMs: b[row] as number,
          value: this.#value(row),
          row,
          firingCount: windows.get(id)?.firingCount ?? 0,
        });
        return true;
      }
      case KIND['window-fired']: {
        const windows = this.#windows(row);
        const id = windowId(keyId, a[row] as number, b[row] as number);
        const window = windows.get(id);
        if (window !== undefined) {
          windows.set(id, { ...window, firingCount: window.firingCount + 1 });
        }
        return true;
      }
      case KIND['window-merged']:
        this.#mergeWindow(row);
        return true;
      case KIND['window-cleared']:
        this.#windows(row).delete(windowId(keyId, a[row] as number, b[row] as number));
        return true;
      case KIND['state-updated']: {
        const mapKey = b[row] as number;
        const state = c[row] as number;
        this.#state(row).set(stateId(state, keyId, mapKey), {
          state,
          key: keyId,
          mapKey,
          value: this.#value(row),
          row,
        });
        return true;
      }
      case KIND['state-cleared']:
      case KIND['state-expired']:
        this.#clearState(row);
        return true;
      case KIND['timer-set']: {
        const domain = TIME_DOMAINS[c[row] as number] ?? 'event-time';
        const timeMs = a[row] as number;
        this.#timers(row).set(timerId(domain, keyId, timeMs, this.#value(row)), {
          key: keyId,
          timeMs,
          domain,
          row,
        });
        return true;
      }
      case KIND['timer-deleted']:
      case KIND['timer-fired']: {
        const domain = TIME_DOMAINS[c[row] as number] ?? 'event-time';
        this.#timers(row).delete(timerId(domain, keyId, a[row] as number, this.#value(row)));
        return true;
      }
      default:
        return false;
    }
  }

  /** Facts about checkpoints, failures and the life of the job. */
  #applyRuntime(kind: number, row: number): void {
    const { a, c } = this.#trace.columns;
    switch (kind) {
      case KIND['checkpoint-triggered']:
        this.#setCheckpoint({
          checkpointId: a[row] as number,
          status: 'pending',
          triggeredAtMs: this.#frame.atMs,
          endedAtMs: undefined,
          snapshots: new Map(),
        });
        return;
      case KIND['snapshot-taken']:
        this.#takeSnapshot(row);
        return;
      case KIND['checkpoint-completed']:
        this.#endCheckpoint(row, 'completed');
        return;
      case KIND['checkpoint-aborted']:
        this.#endCheckpoint(row, 'aborted');
        return;
      case KIND['channel-blocked']:
        this.#blockChannel(row, c[row] as number);
        return;
      case KIND['alignment-finished']: {
        const subtask = this.#subtask(row);
        subtask.blockedChannels = subtask.blockedChannels.map(() => false);
        return;
      }
      case KIND['task-manager-failed']:
        // A batch job says of each attempt what becomes of it: tasks have no fixed machine.
        if (this.#trace.header.engine !== 'batch') this.#failTaskManager(c[row] as number);
        return;
      case KIND['job-restarting']:
        this.#frame.status = 'restarting';
        this.#frame.attempt += 1;
        this.#takeDown(row);
        return;
      case KIND['subtask-restored']:
        this.#restore(row);
        return;
      case KIND['output-blocked']:
      case KIND['output-unblocked']:
        this.#subtask(row).isOutputBlocked = kind === KIND['output-blocked'];
        return;
      case KIND['async-requested']:
      case KIND['async-answered']:
      case KIND['async-released']:
        foldCall(this.#trace, row, this.#calls(row));
        return;
      case KIND['subtask-finished']:
        this.#subtask(row).isFinished = true;
        return;
      case KIND['job-finished']:
        this.#frame.status = 'finished';
        return;
      case KIND['job-failed']:
        this.#frame.status = 'failed';
        return;
      default:
        if (SINK_FACTS.has(kind)) this.#foldSink(row);
        else this.#applyTask(kind, row);
    }
  }

  /** Facts about the tasks of a batch job. */
  #applyTask(kind: number, row: number): void {
    this.#frame.tasks = foldTask(this.#trace, row, this.#frame.tasks);
    if (kind !== KIND['attempt-started']) return;
    for (const id of attemptSubtasks(this.#trace, row)) {
      this.#ownList('subtasks')[id] = { ...emptySubtask(this.#trace, id), isAlive: true };
    }
  }

  #value(row: number): Json {
    const index = this.#trace.columns.value[row] as number;
    return index < 0 ? null : (this.#trace.values[index] ?? null);
  }

  #subtask(row: number): Mutable<SubtaskFrame> {
    return this.#ownSubtask(this.#trace.columns.subtask[row] as number);
  }

  #ownSubtask(id: number): Mutable<SubtaskFrame> {
    const subtasks = this.#ownList('subtasks');
    const current = subtasks[id] ?? emptySubtask(this.#trace, id);
    if (this.#owned.has(current)) return current;
    const copy = { ...current };
    subtasks[id] = copy;
    this.#owned.add(copy);
    return copy;
  }

  #split(id: number): Mutable<SplitFrame> {
    const splits = this.#ownList('splits');
    const current = splits[id] ?? EMPTY_SPLIT;
    if (this.#owned.has(current)) return current;
    const copy = { ...current };
    splits[id] = copy;
    this.#owned.add(copy);
    return copy;
  }

  #ownList<F extends 'subtasks' | 'splits' | 'sinks'>(field: F): Frame[F][number][] {
    const list = this.#frame[field];
    if (this.#owned.has(list)) return list as Frame[F][number][];
    const copy = [...list] as Frame[F][number][];
    this.#frame[field] = copy as unknown as Frame[F];
    this.#owned.add(copy);
    return copy;
  }

  #ownMap<K, V>(map: ReadonlyMap<K, V>, put: (copy: Map<K, V>) => void): Map<K, V> {
    if (this.#owned.has(map)) return map as Map<K, V>;
    const copy = new Map(map);
    this.#owned.add(copy);
    put(copy);
    return copy;
  }

  #windows(row: number): Map<string, WindowFrame> {
    const subtask = this.#subtask(row);
    return this.#ownMap(subtask.windows, (copy) => (subtask.windows = copy));
  }

  #state(row: number): Map<string, StateFrame> {
    const subtask = this.#subtask(row);
    return this.#ownMap(subtask.state, (copy) => (subtask.state = copy));
  }

  #timers(row: number): Map<string, TimerFrame> {
    const subtask = this.#subtask(row);
    return this.#ownMap(subtask.timers, (copy) => (subtask.timers = copy));
  }

  /** One window becomes part of another, which has the contents of both from the last fact on. */
  #mergeWindow(row: number): void {
    const { a, b, key } = this.#trace.columns;
    const keyId = key[row] as number;
    const startMs = a[row] as number;
    const endMs = b[row] as number;
    const { from, contents } = (this.#value(row) ?? {}) as Partial<MergeValue>;
    const windows = this.#windows(row);
    const fromId = windowId(keyId, from?.startMs ?? startMs, from?.endMs ?? endMs);
    const id = windowId(keyId, startMs, endMs);
    const source = windows.get(fromId);
    const target = windows.get(id);
    windows.delete(fromId);
    const value = contents ?? source?.value ?? null;
    if (value === null) return;
    const firingCount = (source?.firingCount ?? 0) + (target?.firingCount ?? 0);
    windows.set(id, { key: keyId, startMs, endMs, value, row, firingCount });
  }

  #calls(row: number): Map<string, CallFrame> {
    const subtask = this.#subtask(row);
    return this.#ownMap(subtask.calls, (copy) => (subtask.calls = copy));
  }

  #clearState(row: number): void {
    const { b, c, key } = this.#trace.columns;
    const state = c[row] as number;
    const keyId = key[row] as number;
    const mapKey = b[row] as number;
    const entries = this.#state(row);
    entries.delete(stateId(state, keyId, mapKey));
    if (mapKey !== -1 || !hasEntries(this.#trace.header.states[state]?.kind)) return;
    for (const [id, entry] of entries) {
      if (entry.state === state && entry.key === keyId) entries.delete(id);
    }
  }

  #foldSink(row: number): void {
    const sinks = this.#ownList('sinks');
    const index = this.#trace.columns.c[row] as number;
    sinks[index] = foldSink(this.#trace, row, sinks[index] ?? EMPTY_SINK, this.#owned);
  }

  #setCheckpoint(checkpoint: CheckpointFrame): void {
    const frame = this.#frame;
    const checkpoints = this.#ownMap(frame.checkpoints, (copy) => (frame.checkpoints = copy));
    checkpoints.set(checkpoint.checkpointId, checkpoint);
  }

  #takeSnapshot(row: number): void {
    const { a, subtask } = this.#trace.columns;
    const id = subtask[row] as number;
    const checkpoint = this.#frame.checkpoints.get(a[row] as number);
    if (checkpoint === undefined) return;
    const snapshots = this.#ownMap(checkpoint.snapshots, (copy) =>
      this.#setCheckpoint({ ...checkpoint, snapshots: copy }),
    );
    snapshots.set(id, row);
    this.#keepSnapshot(a[row] as number, id);
  }

  #keepSnapshot(checkpointId: number, id: number): void {
    const held = this.#ownSubtask(id);
    // The snapshot shares the maps with the frame, so neither may change them in place any more.
    for (const map of [held.windows, held.state, held.timers]) this.#owned.delete(map);
    this.#snapshots.set(`${checkpointId}/${id}`, {
      windows: held.windows,
      state: held.state,
      timers: held.timers,
    });
  }

  #endCheckpoint(row: number, status: 'completed' | 'aborted'): void {
    const { a, c } = this.#trace.columns;
    const checkpointId = a[row] as number;
    const checkpoint = this.#frame.checkpoints.get(checkpointId);
    if (checkpoint === undefined) return;
    this.#setCheckpoint({ ...checkpoint, status, endedAtMs: this.#frame.atMs });
    const isUnused = status === 'aborted' || c[row] === 1;
    // Subtasks that have finished take part with what they held at their end.
    this.#frame.subtasks.forEach(({ isAlive, isFinished }, id) => {
      const isMissing = !this.#snapshots.has(`${checkpointId}/${id}`);
      if (!isUnused && isAlive && isFinished && isMissing) this.#keepSnapshot(checkpointId, id);
    });
    for (const key of this.#snapshots.keys()) {
      const id = Number(key.slice(0, key.indexOf('/')));
      // Only the newest completed checkpoint is restored from.
      if (isUnused ? id === checkpointId : id < checkpointId) {
        this.#snapshots.delete(key);
      }
    }
  }

  /** A restart names the subtasks it takes down; without names, all are meant. */
  #takeDown(row: number): void {
    const { subtasks } = (this.#value(row) ?? {}) as { subtasks?: readonly number[] };
    const down = Array.isArray(subtasks) ? new Set<unknown>(subtasks) : undefined;
    this.#trace.header.subtasks.forEach((_, id) => {
      if (down !== undefined && !down.has(id)) return;
      const list = this.#ownList('subtasks');
      list[id] = { ...emptySubtask(this.#trace, id), isAlive: false };
    });
  }

  #blockChannel(row: number, channel: number): void {
    const subtask = this.#subtask(row);
    subtask.blockedChannels = subtask.blockedChannels.map(
      (isBlocked, index) => isBlocked || index === channel,
    );
  }

  #failTaskManager(taskManager: number): void {
    this.#trace.header.subtasks.forEach((info, id) => {
      if (info.taskManager === taskManager) this.#ownSubtask(id).isAlive = false;
    });
  }

  #restore(row: number): void {
    const { a, subtask } = this.#trace.columns;
    const id = subtask[row] as number;
    const snapshot = this.#snapshots.get(`${a[row]}/${id}`);
    const subtasks = this.#ownList('subtasks');
    subtasks[id] = { ...emptySubtask(this.#trace, id), ...snapshot, isAlive: true };
    this.#frame.status = 'running';
  }
}
