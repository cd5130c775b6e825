import { MergingWindowSet } from '../windows/merging-window-set.ts';
import type { MergeFunction } from '../windows/merging-window-set.ts';
import { isSameWindow } from '../windows/time-window.ts';
import type { TimeWindow } from '../windows/time-window.ts';
import type { KeyContext } from '../state/state-context.ts';
import type { MergingSetsSnapshot } from './window-snapshot.ts';

/**
 * Which windows of each key are in flight, for windows that merge. Models the state
 * "merging-window-set" of Flink 2.3.0. Invariant: a key without windows in flight takes no room.
 */
export class WindowsInFlight {
  readonly #context: KeyContext;
  readonly #sets = new Map<number, MergingWindowSet>();

  constructor(context: KeyContext) {
    this.#context = context;
  }

  /** Keys with windows in flight. */
  get size(): number {
    return this.#sets.size;
  }

  /** The window of the current key that an added one is part of from now on. */
  addWindow(window: TimeWindow, mergeFunction: MergeFunction): TimeWindow {
    return this.#setOf(this.#context.currentKey).addWindow(window, mergeFunction);
  }

  /** Where the contents of the current key's window are; undefined when it is not in flight. */
  stateWindowOf(window: TimeWindow): TimeWindow | undefined {
    return this.#sets.get(this.#context.currentKey)?.stateWindowOf(window);
  }

  /** The window of a key whose contents are kept under `stateWindow`. */
  windowOf(key: number, stateWindow: TimeWindow): TimeWindow | undefined {
    const entries = this.#sets.get(key)?.entries() ?? [];
    return entries.find(([, other]) => isSameWindow(other, stateWindow))?.[0];
  }

  retire(window: TimeWindow): void {
    const { currentKey } = this.#context;
    const set = this.#setOf(currentKey);
    set.retireWindow(window);
    if (set.isEmpty) this.#sets.delete(currentKey);
  }

  clearAll(): void {
    this.#sets.clear();
  }

  snapshot(): MergingSetsSnapshot {
    return [...this.#sets].flatMap(([key, set]) =>
      set
        .entries()
        .map(
          ([window, stateWindow]) =>
            [key, window.startMs, window.endMs, stateWindow.startMs, stateWindow.endMs] as const,
        ),
    );
  }

  restore(snapshot: MergingSetsSnapshot): void {
    for (const [key, startMs, endMs, stateStartMs, stateEndMs] of snapshot) {
      const stateWindow = { startMs: stateStartMs, endMs: stateEndMs };
      this.#setOf(key).restore({ startMs, endMs }, stateWindow);
    }
  }

  #setOf(key: number): MergingWindowSet {
    let set = this.#sets.get(key);
    if (set === undefined) {
      set = new MergingWindowSet();
      this.#sets.set(key, set);
    }
    return set;
  }
}
