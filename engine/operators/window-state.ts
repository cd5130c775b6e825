import { assert } from '../core/assert.ts';
import { cloneValue } from '../core/clone.ts';
import { ConfigError } from '../core/errors.ts';
import type { StateDescriptor } from '../state/descriptors.ts';
import { byteSize, entryBytes } from '../state/byte-size.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import { GLOBAL_WINDOW } from '../windows/time-window.ts';
import type { TimeWindow } from '../windows/time-window.ts';
import type { OperatorContext } from './operator.ts';
import { handleOf, mergeOf } from './window-state-handles.ts';
import type { StatePlace } from './window-state-handles.ts';
import { WindowTable } from './window-table.ts';

interface Slot {
  value: unknown;
  /** The fact that wrote it. */
  row: number;
}

/** One named state of a window, as saved. A map is saved as a list of pairs. */
export type WindowStateSnapshot = readonly (readonly [
  name: string,
  kind: StateDescriptor['kind'],
  key: number,
  startMs: number,
  endMs: number,
  value: unknown,
  row: number,
])[];

/**
 * Models the state of Flink 2.3.0 that has a window as its namespace: that of triggers
 * (`getPartitionedState`) and of window functions (`windowState`). Both share their names.
 * Simplified: it does not expire; a map is one entry, copied as a whole.
 * Invariant: a handle reads and writes for the current key and the window it was last asked for.
 */
export class WindowStateStore {
  readonly #context: OperatorContext;
  readonly #tables = new Map<string, WindowStateTable>();
  #restored: WindowStateSnapshot = [];

  constructor(context: OperatorContext) {
    this.#context = context;
  }

  /** The handle of a named state, set to a window. */
  stateOf(descriptor: StateDescriptor, window: TimeWindow): object {
    const table = this.#tableOf(descriptor);
    table.window = window;
    return table.handle;
  }

  /** @throws ConfigError for state that cannot be merged. */
  merge(descriptor: StateDescriptor, sources: readonly TimeWindow[], into: TimeWindow): void {
    this.#tableOf(descriptor).merge(sources, into);
  }

  /** Forgets the state of all windows of all keys. */
  clearAll(): void {
    for (const table of this.#tables.values()) table.clearAll();
  }

  entryCount(): number {
    let count = 0;
    for (const table of this.#tables.values()) count += table.slots.size;
    return count + this.#restored.length;
  }

  byteCount(): number {
    let bytes = 0;
    for (const { slots } of this.#tables.values()) {
      slots.forEach((_key, _window, { value }) => {
        bytes += entryBytes(this.#context.backendType) + 16 + byteSize(value);
      });
    }
    return bytes;
  }

  snapshot(): WindowStateSnapshot {
    const entries: WindowStateSnapshot[number][] = [...this.#restored];
    for (const { name, kind, slots } of this.#tables.values()) {
      slots.forEach((key, { startMs, endMs }, { value, row }) => {
        entries.push([name, kind, key, startMs, endMs, cloneValue(value), row]);
      });
    }
    return entries;
  }

  restore(snapshot: WindowStateSnapshot): void {
    this.#restored = snapshot;
  }

  #tableOf(descriptor: StateDescriptor): WindowStateTable {
    const { name, kind } = descriptor;
    const existing = this.#tables.get(name);
    if (existing !== undefined) {
      if (existing.kind === kind) return existing;
      throw new ConfigError(
        `window state "${name}" is already a ${existing.kind} state of this operator`,
        `${kind} state`,
        'give each piece of state its own name: triggers and window functions share them',
      );
    }
    const table = new WindowStateTable(this.#context, descriptor);
    this.#tables.set(name, table);
    for (const [savedName, savedKind, key, startMs, endMs, value, row] of this.#restored) {
      if (savedName !== name) continue;
      assert(savedKind === kind, 'window state keeps its kind');
      table.slots.set(key, { startMs, endMs }, { value: cloneValue(value), row });
    }
    this.#restored = this.#restored.filter(([savedName]) => savedName !== name);
    return table;
  }
}

/** One named state, of all keys and windows. */
class WindowStateTable implements StatePlace {
  readonly name: string;
  readonly kind: StateDescriptor['kind'];
  readonly slots = new WindowTable<Slot>();
  readonly handle: object;
  window: TimeWindow = GLOBAL_WINDOW;
  readonly #context: OperatorContext;
  readonly #stateIndex: number;
  /** How two values become one; undefined when they cannot. */
  readonly #mergeValues: ((left: never, right: never) => unknown) | undefined;

  constructor(context: OperatorContext, descriptor: StateDescriptor) {
    this.#context = context;
    this.name = descriptor.name;
    this.kind = descriptor.kind;
    this.#stateIndex = context.registerState(descriptor.name, descriptor.kind);
    this.#mergeValues = mergeOf(descriptor);
    this.handle = handleOf(this, descriptor);
  }

  read(): unknown {
    const { recorder, currentKey } = this.#context;
    const slot = this.slots.get(currentKey, this.window);
    if (recorder.isOn) this.#note('state-read', this.window, slot?.row ?? NONE);
    return slot === undefined ? null : this.#copied(slot.value);
  }

  write(value: unknown): void {
    this.#write(this.window, value);
  }

  clear(): void {
    this.#clear(this.window);
  }

  clearAll(): void {
    if (this.slots.size === 0) return;
    const windows: (readonly [key: number, window: TimeWindow])[] = [];
    this.slots.forEach((key, window) => windows.push([key, window]));
    for (const [key, window] of windows) {
      this.#context.currentKey = key;
      this.#clear(window);
    }
  }

  merge(sources: readonly TimeWindow[], into: TimeWindow): void {
    if (this.#mergeValues === undefined) {
      throw new ConfigError(
        'The given state descriptor does not refer to a mergeable state (MergingState)',
        `${this.kind} state "${this.name}"`,
        'use list, reducing or aggregating state in triggers of merging windows',
      );
    }
    const { currentKey } = this.#context;
    let merged: unknown = null;
    for (const source of sources) {
      const slot = this.slots.get(currentKey, source);
      if (slot === undefined) continue;
      merged = this.#merged(merged, slot.value);
      this.#clear(source);
    }
    if (merged === null) return;
    const target = this.slots.get(currentKey, into)?.value ?? null;
    this.#write(into, this.#merged(target, merged));
  }

  #merged(left: unknown, right: unknown): unknown {
    if (left === null) return right;
    return this.#mergeValues?.(left as never, right as never);
  }

  #write(window: TimeWindow, value: unknown): void {
    if (value === null || value === undefined) {
      this.#clear(window);
      return;
    }
    const { recorder, currentKey } = this.#context;
    const slot = this.slots.get(currentKey, window);
    let row = NONE;
    if (recorder.isOn) {
      row = this.#note('state-updated', window, slot?.row ?? NONE);
      recorder.setValue(row, value);
    }
    if (slot === undefined) {
      this.slots.set(currentKey, window, { value: this.#copied(value), row });
      return;
    }
    slot.value = this.#copied(value);
    slot.row = row;
  }

  #clear(window: TimeWindow): void {
    const { recorder, currentKey } = this.#context;
    const slot = this.slots.get(currentKey, window);
    if (slot === undefined) return;
    this.slots.delete(currentKey, window);
    if (recorder.isOn) this.#note('state-cleared', window, slot.row);
  }

  #copied(value: unknown): unknown {
    return this.#context.backendType === 'rocksdb' ? cloneValue(value) : value;
  }

  /** The window stands where a map's key does, so that the windows of a key are kept apart. */
  #note(
    kind: 'state-read' | 'state-updated' | 'state-cleared',
    { startMs, endMs }: TimeWindow,
    row: number,
  ): number {
    const { recorder, subtask, callbackRow, currentKey, keys } = this.#context;
    const place = keys.intern([startMs, endMs]);
    const state = this.#stateIndex;
    return recorder.add(KIND[kind], subtask, callbackRow, currentKey, 0, place, state, row);
  }
}
