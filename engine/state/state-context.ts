import type { KeyTable } from '../core/key-table.ts';
import { KIND } from '../trace/kinds.ts';
import { NONE } from '../trace/recorder.ts';
import type { Recorder } from '../trace/recorder.ts';
import type { StateInfo } from '../trace/trace.ts';
import type { MapKey } from './descriptors.ts';

/**
 * How keyed state is kept. Models the semantics of Flink 2.3's two backends.
 * `hashmap`: state holds the object itself, so changing it in place changes the state.
 * `rocksdb`: values are copied when read and when written, as serialization does, so a change in
 * place without `update()` or `put()` is lost.
 */
export type StateBackendType = 'hashmap' | 'rocksdb';

/** Where state is at home: who is asking, for which key, because of which fact. */
export interface KeyContext {
  readonly recorder: Recorder;
  readonly keys: KeyTable;
  readonly subtask: number;
  /** The current key, or NONE outside a keyed callback. */
  currentKey: number;
  /** The row of the callback that runs now. */
  callbackRow: number;
  /** True: a timer that is set now is not taken. Absent: every timer is. */
  readonly ignoresTimers?: boolean;
  /** Virtual processing time, in ms: what state expires by. */
  nowMs(): number;
}

/** Gives each named state its index in the trace's header. */
export type RegisterState = (name: string, kind: StateInfo['kind']) => number;

/** Notes what happens to one named state in the trace. */
export class StateFacts {
  readonly isOn: boolean;
  readonly #context: KeyContext;
  readonly #stateIndex: number;

  constructor(context: KeyContext, stateIndex: number) {
    this.isOn = context.recorder.isOn;
    this.#context = context;
    this.#stateIndex = stateIndex;
  }

  /** `row` is the fact that wrote what is read, or NONE. */
  read(key: number, mapKey: MapKey | null, row: number): void {
    if (this.isOn) this.#add(KIND['state-read'], key, 0, mapKey, row);
  }

  /** Returns the new fact; `previous` is the one that wrote what is replaced, or NONE. */
  written(key: number, mapKey: MapKey | null, previous: number, value: unknown): number {
    if (!this.isOn) return NONE;
    const row = this.#add(KIND['state-updated'], key, 0, mapKey, previous);
    this.#context.recorder.setValue(row, value);
    return row;
  }

  cleared(key: number, mapKey: MapKey | null, previous: number): void {
    if (this.isOn) this.#add(KIND['state-cleared'], key, 0, mapKey, previous);
  }

  /** `atMs` is when it expired, which is not after now. */
  expired(key: number, mapKey: MapKey | null, previous: number, atMs: number): void {
    if (this.isOn) this.#add(KIND['state-expired'], key, atMs, mapKey, previous);
  }

  #add(kind: number, key: number, a: number, mapKey: MapKey | null, d: number): number {
    const { recorder, subtask, callbackRow, keys } = this.#context;
    const mapId = mapKey === null ? NONE : keys.intern(mapKey);
    return recorder.add(kind, subtask, callbackRow, key, a, mapId, this.#stateIndex, d);
  }
}
