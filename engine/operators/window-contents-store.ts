import { cloneValue } from '../core/clone.ts';
import { byteSize, entryBytes } from '../state/byte-size.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { TimeWindow } from '../windows/time-window.ts';
import type { WindowMerge } from '../windows/merging-window-set.ts';
import type { OperatorContext } from './operator.ts';
import type { WindowContents } from './window-contents.ts';
import { WindowTable } from './window-table.ts';

/** What one key's window holds. */
export interface HeldContents {
  value: unknown;
  /** The fact that last changed it. */
  row: number;
}

export type ContentsSnapshot = readonly (readonly [
  startMs: number,
  key: number,
  contents: unknown,
  row: number,
  isPending: boolean,
  endMs: number,
])[];

/**
 * Models the state "window-contents" of Flink 2.3.0: the contents of all windows, kept under each
 * window's state window, which is the window itself unless windows merge.
 * Invariant: every change is a fact that names the one before it.
 */
export class WindowContentsStore {
  readonly #context: OperatorContext;
  readonly #contents: WindowContents;
  readonly #table = new WindowTable<HeldContents>();

  constructor(context: OperatorContext, contents: WindowContents) {
    this.#context = context;
    this.#contents = contents;
    context.registerState('window-contents', 'window');
  }

  /** Contents of the current key; undefined when there are none. */
  get(stateWindow: TimeWindow): HeldContents | undefined {
    return this.#table.get(this.#context.currentKey, stateWindow);
  }

  /** Adds a record of the current key to a window whose contents are kept under `stateWindow`. */
  add(window: TimeWindow, stateWindow: TimeWindow, value: unknown, timestampMs: number): void {
    const { currentKey, recorder } = this.#context;
    let held = this.#table.get(currentKey, stateWindow);
    if (held === undefined) {
      held = { value: this.#contents.create(), row: NONE };
      this.#table.set(currentKey, stateWindow, held);
    }
    held.value = this.#contents.add(held.value, value, timestampMs);
    if (recorder.isOn) this.noteUpdate(window, held);
  }

  /** Notes that contents are what they are now. */
  noteUpdate({ startMs, endMs }: TimeWindow, held: HeldContents): void {
    const { recorder, subtask, callbackRow, currentKey } = this.#context;
    const kind = KIND['window-updated'];
    const row = recorder.add(kind, subtask, callbackRow, currentKey, startMs, endMs, 0, held.row);
    recorder.setValue(row, held.value);
    held.row = row;
  }

  /** Moves the contents of merged windows of the current key together. */
  merge({ result, merged, stateWindow, mergedStateWindows }: WindowMerge): void {
    const { currentKey } = this.#context;
    const stateWindows = [stateWindow, ...mergedStateWindows];
    const parts = stateWindows.map((window) => this.#table.get(currentKey, window));
    // As Flink's heap state does: the moved parts first become one, then join the kept one.
    let moved: unknown = NOTHING;
    for (let place = 1; place < parts.length; place += 1) {
      const part = parts[place];
      if (part !== undefined) moved = this.#together(moved, part.value);
      this.#table.delete(currentKey, stateWindows[place] as TimeWindow);
    }
    const kept = parts[0];
    const value = moved === NOTHING ? kept?.value : this.#together(kept?.value ?? NOTHING, moved);
    let row = NONE;
    merged.forEach((from, place) => {
      const contents = place === merged.length - 1 ? value : undefined;
      row = this.#noteMerge(result, from, parts[place]?.row ?? NONE, row, contents);
    });
    if (kept !== undefined) {
      kept.value = value;
      kept.row = row;
    } else if (moved !== NOTHING) {
      this.#table.set(currentKey, stateWindow, { value, row });
    }
  }

  /** Removes the contents of the current key's window; `isOver` at its clean-up. */
  clear({ startMs, endMs }: TimeWindow, stateWindow: TimeWindow, isOver: boolean): void {
    const { recorder, subtask, callbackRow, currentKey } = this.#context;
    const row = this.get(stateWindow)?.row ?? NONE;
    this.#table.delete(currentKey, stateWindow);
    const kind = KIND['window-cleared'];
    const how = isOver ? 1 : 0;
    recorder.add(kind, subtask, callbackRow, currentKey, startMs, endMs, how, row);
  }

  /** Forgets the contents of all windows; `windowOf` as for `noteRestored`. */
  clearAll(windowOf: (key: number, stateWindow: TimeWindow) => TimeWindow): void {
    if (this.#table.size === 0) return;
    const held: (readonly [key: number, stateWindow: TimeWindow])[] = [];
    this.#table.forEach((key, stateWindow) => held.push([key, stateWindow]));
    for (const [key, stateWindow] of held) {
      this.#context.currentKey = key;
      this.clear(windowOf(key, stateWindow), stateWindow, false);
    }
  }

  /** Gives up contents in which nothing is left. */
  drop(stateWindow: TimeWindow): void {
    this.#table.delete(this.#context.currentKey, stateWindow);
  }

  entryCount(): number {
    return this.#table.size;
  }

  byteCount(): number {
    let bytes = 0;
    const perEntry = entryBytes(this.#context.backendType) + 16;
    this.#table.forEach((_key, _window, { value }) => {
      bytes += perEntry + byteSize(value);
    });
    return bytes;
  }

  /**
   * Writes contents into the trace: of every window, or of those that have no fact in this run.
   * `windowOf` gives the window of a key whose contents are kept under another.
   */
  noteRestored(
    isEvery: boolean,
    windowOf: (key: number, stateWindow: TimeWindow) => TimeWindow,
  ): void {
    if (!this.#context.recorder.isOn) return;
    this.#table.forEach((key, stateWindow, held) => {
      if (!isEvery && held.row !== NONE) return;
      this.#context.currentKey = key;
      this.noteUpdate(windowOf(key, stateWindow), held);
    });
  }

  snapshot(): ContentsSnapshot {
    const entries: ContentsSnapshot[number][] = [];
    this.#table.forEach((key, { startMs, endMs }, { value, row }) => {
      entries.push([startMs, key, cloneValue(value), row, false, endMs]);
    });
    return entries;
  }

  restore(snapshot: ContentsSnapshot): void {
    for (const [startMs, key, contents, row, , endMs] of snapshot) {
      this.#table.set(key, { startMs, endMs }, { value: cloneValue(contents), row });
    }
  }

  #together(left: unknown, right: unknown): unknown {
    return left === NOTHING ? right : this.#contents.merge(left, right);
  }

  /** One fact for each window that has become part of another; the last has the contents. */
  #noteMerge(
    { startMs, endMs }: TimeWindow,
    from: TimeWindow,
    lastRow: number,
    before: number,
    contents: unknown,
  ): number {
    const { recorder, subtask, callbackRow, currentKey } = this.#context;
    if (!recorder.isOn) return NONE;
    const cause = before === NONE ? callbackRow : before;
    const kind = KIND['window-merged'];
    const row = recorder.add(kind, subtask, cause, currentKey, startMs, endMs, 0, lastRow);
    recorder.setValue(row, { from, contents });
    return row;
  }
}

const NOTHING = Symbol('no contents');
