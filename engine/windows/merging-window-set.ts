import { assert } from '../core/assert.ts';
import { coverOf, intersects, isSameWindow } from './time-window.ts';
import type { TimeWindow } from './time-window.ts';

/** Several windows of a key that become one. */
export interface WindowMerge {
  readonly result: TimeWindow;
  /** In-flight windows that are part of it, by start. */
  readonly merged: readonly TimeWindow[];
  /** Where the contents of the result live: the state window of the first merged window. */
  readonly stateWindow: TimeWindow;
  /** State windows whose contents move there. */
  readonly mergedStateWindows: readonly TimeWindow[];
}

export type MergeFunction = (merge: WindowMerge) => void;

interface InFlight {
  readonly window: TimeWindow;
  readonly stateWindow: TimeWindow;
}

/**
 * Models Flink 2.3.0 MergingWindowSet and TimeWindow.mergeWindows for one key: the windows in
 * flight, and for each the window under which its contents are kept, so that a session that grows
 * does not rewrite its state.
 * Simplified: of several merged windows the earliest gives the state window (Flink takes any).
 * Invariant: windows in flight neither overlap nor touch.
 */
export class MergingWindowSet {
  #inFlight: InFlight[] = [];

  get isEmpty(): boolean {
    return this.#inFlight.length === 0;
  }

  /** Pairs of window and state window, by start. */
  entries(): readonly (readonly [window: TimeWindow, stateWindow: TimeWindow])[] {
    return this.#inFlight.map(({ window, stateWindow }) => [window, stateWindow]);
  }

  /** Puts back a pair that `entries` gave. */
  restore(window: TimeWindow, stateWindow: TimeWindow): void {
    this.#put(window, stateWindow);
  }

  /** Undefined when the window is not in flight. */
  stateWindowOf(window: TimeWindow): TimeWindow | undefined {
    return this.#inFlight.find((entry) => isSameWindow(entry.window, window))?.stateWindow;
  }

  retireWindow(window: TimeWindow): void {
    const place = this.#inFlight.findIndex((entry) => isSameWindow(entry.window, window));
    assert(place >= 0, 'a retired window is in the set of windows in flight');
    this.#inFlight.splice(place, 1);
  }

  /**
   * Adds a window, and returns the window that it is part of from now on. `mergeFunction` is
   * called when state has to follow, but not when the new window lies within one in flight.
   */
  addWindow(added: TimeWindow, mergeFunction: MergeFunction): TimeWindow {
    let result = added;
    const touched: InFlight[] = [];
    // In-flight windows lie apart, so that one walk by start finds all that the result reaches.
    for (const entry of this.#inFlight) {
      if (!intersects(entry.window, result)) continue;
      touched.push(entry);
      result = coverOf(result, entry.window);
    }
    const [first] = touched;
    if (first === undefined || this.stateWindowOf(added) !== undefined) {
      // As in Flink, a window equal to one in flight takes its place with state of its own: what
      // the other held under another state window is lost. Only dynamic gaps can do this.
      this.#remove(added);
      this.#put(added, added);
      return added;
    }
    if (touched.length === 1 && isSameWindow(first.window, result)) return result;
    for (const { window } of touched) this.#remove(window);
    this.#put(result, first.stateWindow);
    mergeFunction({
      result,
      merged: touched.map(({ window }) => window),
      stateWindow: first.stateWindow,
      mergedStateWindows: touched.slice(1).map(({ stateWindow }) => stateWindow),
    });
    return result;
  }

  #remove(window: TimeWindow): void {
    this.#inFlight = this.#inFlight.filter((entry) => !isSameWindow(entry.window, window));
  }

  #put(window: TimeWindow, stateWindow: TimeWindow): void {
    const later = this.#inFlight.findIndex((entry) => entry.window.startMs > window.startMs);
    const place = later < 0 ? this.#inFlight.length : later;
    this.#inFlight.splice(place, 0, { window, stateWindow });
  }
}
