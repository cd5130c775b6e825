import { IntTable } from '../core/int-table.ts';

/**
 * One window of all keys: its contents by key, in the order of each key's first record. All keys
 * of a window fire and are cleared together, so time costs one entry per window, not per key.
 */
export class WindowPane {
  readonly startMs: number;
  readonly endMs: number;
  readonly keys: IntTable;
  readonly contents: unknown[] = [];
  /** For each key, the fact that last changed its contents; empty in a run without a trace. */
  readonly rows: number[] = [];
  /** For each key, whether the default trigger's timer at the window's end is still to fire. */
  readonly isPending: boolean[] = [];

  /** `keyCount` is how many keys to expect: it may be wrong, then growing costs time. */
  constructor(startMs: number, endMs: number, keyCount: number) {
    this.keys = new IntTable(keyCount);
    this.startMs = startMs;
    this.endMs = endMs;
  }

  /** The place of a key, or -1. */
  find(key: number): number {
    return this.keys.find(key);
  }

  add(key: number, contents: unknown): number {
    const place = this.keys.add(key);
    this.contents[place] = contents;
    this.isPending[place] = false;
    return place;
  }
}
